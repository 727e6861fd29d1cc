// One contestant with one fault: its server here, itself in a process of its own.

import { fileURLToPath } from 'node:url'
import { start, stop } from '../../e2e/lib/processes.mjs'
import { offered, serveFault } from './server.mjs'

/** @typedef {import('./types.ts').Report} Report */

const script = fileURLToPath(new URL('child.mjs', import.meta.url))

/** In milliseconds. */
export const limits = {
  /** To load the library. */
  load: 60_000,
  /** Then, to be done. */
  done: 10_000,
  /** For a crash that comes late. */
  late: 500,
  /** To close the connection. */
  close: 2000,
  /** An idle reader's server has written nothing more for so long. */
  quiet: 1500,
  /** And is not watched for longer. */
  flood: 20_000,
}

const pause = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time))

/**
 * @param {string} node the binary
 * @param {string} name of the contestant
 * @param {import('../lib/types.ts').Wire} wire
 * @param {import('./types.ts').Case} fault
 * @returns {Promise<import('./types.ts').Observation>}
 */
export async function observe(node, name, wire, fault) {
  const served = fault.wires[wire]?.served
  if (!served) throw new Error(`${fault.name} is no fault of ${wire}.`)
  const server = await serveFault(wire, served)
  const child = start(node, ['--no-warnings', script, name, wire, fault.name, server.baseURL], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
  })
  /** @type {Report | undefined} */
  let report
  /** It tells every 50 ms how it goes, unless it is busy. */
  let told = 0
  let text = ''
  child.stdio[3]?.on('data', (/** @type {Buffer} */ data) => {
    text += data.toString()
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    told += lines.length
    const last = lines.at(-1)
    if (last !== undefined) report = JSON.parse(last)
  })
  let hasExited = false
  void child.exited.then(() => {
    hasExited = true
  })
  const isDead = () => hasExited
  /** @param {number} time @param {() => boolean} isSo */
  const until = async (time, isSo) => {
    const limit = performance.now() + time
    while (!isSo() && !isDead() && performance.now() < limit) await pause(20)
    return isSo()
  }

  try {
    await until(limits.load, () => report !== undefined)
    if (report === undefined) throw new Error(`${name} did not load: ${child.output()}`)
    const isDone = await until(limits.done, () => report?.end !== undefined)
    let growing = false
    if (isDone && fault.scenario === 'idle') growing = await watchFlood()
    else if (fault.rule === 'closed') {
      await until(limits.close, () => server.saw.closed || server.saw.requests === 0)
    }
    // A process that died has said all; others may do so late.
    await until(limits.late, () => false)
    return { ...report, hangs: !isDone && !isDead(), server: { ...server.saw, growing } }
  } finally {
    await stop(child)
    server.close()
  }

  /** Waits until the server can write no more. */
  async function watchFlood() {
    const limit = performance.now() + limits.flood
    let since = performance.now()
    let toldThen = told
    let { written } = server.saw
    while (!isDead() && performance.now() < limit && written < offered) {
      await pause(50)
      if (server.saw.written !== written) {
        written = server.saw.written
        since = performance.now()
        toldThen = told
      } else if (performance.now() - since > limits.quiet && told - toldThen > 5) return false
    }
    return written < offered && !isDead()
  }
}
