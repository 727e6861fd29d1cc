// What a client does with a reply.

import { hasWords, nameOf } from './name-of.mjs'

/**
 * @typedef {import('./types.ts').Ask} Ask
 * @typedef {import('./types.ts').Open} Open
 * @typedef {import('./types.ts').Reading} Reading
 * @typedef {import('./types.ts').Report} Report
 */

/** Held for good: a reply that nobody holds any more may be closed by the garbage collector. @type {Reading[]} */
const held = []
const pause = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time))

/**
 * @param {import('./types.ts').Scenario} scenario
 * @param {Open} open
 * @param {Ask} ask
 * @param {Report} report where it says how it ended
 */
export async function perform(scenario, open, ask, report) {
  const isBegun = () => report.text !== '' || report.frames.length > 0
  const stopping = new AbortController()
  const { signal } = stopping

  /** @param {Promise<void>} reading */
  const end = (reading) =>
    reading.then(
      () => {
        report.end ??= 'success'
      },
      (/** @type {unknown} */ error) => {
        Object.assign(report, { end: 'error', error: nameOf(error), hasWords: hasWords(error) })
      },
    )

  switch (scenario) {
    case 'read':
      return end(readAll(open, ask))
    case 'abort':
      return end(
        readAll(open, { ...ask, signal }, () => {
          if (isBegun() && !signal.aborted) setTimeout(() => stopping.abort(), 100)
          return true
        }),
      )
    case 'abort-unread': {
      // What it rejects with is for the one who waits for it, who is there.
      const opening = Promise.resolve(open({ ...ask, signal })).then(
        (reading) => held.push(reading),
        () => {},
      )
      await Promise.race([opening, pause(500)])
      await pause(300)
      stopping.abort()
      report.end = 'left'
      return
    }
    case 'break':
      return end(
        readAll(open, ask, () => {
          if (isBegun()) report.end = 'left'
          return report.end === undefined
        }),
      )
    case 'idle':
      void end(readAll(open, ask, () => !isBegun() || new Promise(() => {})))
      while (!isBegun() && report.end === undefined) await pause(20)
      report.end ??= 'left'
  }
}

/**
 * @param {Open} open
 * @param {Ask} ask
 * @param {() => boolean | Promise<boolean>} [goOn]
 */
async function readAll(open, ask, goOn = () => true) {
  let hasLeft = false
  const reading = await open(ask)
  held.push(reading)
  await reading.read(async () => {
    const may = await goOn()
    hasLeft = !may
    return may
  })
  if (!hasLeft) await reading.whole?.()
}
