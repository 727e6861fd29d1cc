// Many streams at once in one process.

import { load } from '../contestants/index.mjs'
import { percentile } from './statistics.mjs'

/** A clock that all processes of a machine share. Milliseconds. */
export const sharedNow = () => Number(process.hrtime.bigint()) / 1e6

/** Notes how old each event is when it comes: its text is the time at which it was sent. */
export class AgeSink {
  /** @type {number[]} */
  ages = []
  #begun = () => {}
  begun = new Promise((resolve) => {
    this.#begun = () => resolve(undefined)
  })

  /** @param {string} sentAt */
  text(sentAt) {
    if (sentAt === 'begin') this.#begun()
    // Some tell of the empty text that a reply begins with.
    else if (sentAt !== '') this.ages.push(sharedNow() - Number(sentAt))
  }

  reasoning() {}
  arguments() {}

  /** @param {string} data */
  frame(data) {
    const text = /"content":"([^"]+)"/.exec(data)?.[1]
    if (text !== undefined) this.text(text)
  }
}

/** @type {{ sinks: AgeSink[], reads: Promise<void>[] } | undefined} */
let held

/**
 * Opens so many streams, or waits for their end.
 * @param {{ step: 'open', name: string, baseURL: string, streams: number } | { step: 'end', events: number }} job
 * @returns {Promise<{ heap: number, rss: number } | { p50: number, p99: number }>} bytes for each open stream, or
 *   milliseconds from when an event was sent until it came
 */
export async function holdStreams(job) {
  if (job.step === 'open') {
    const read = await load(job.name, 'openai-chat', {
      baseURL: job.baseURL,
      fetch: (input, init) => fetch(input, init),
    })
    // What the first request alone costs is no stream's.
    await holdUntilBegun(read, 20)
    const before = memory()
    const { sinks, reads } = await holdUntilBegun(read, job.streams)
    const after = memory()
    held = { sinks, reads }
    return {
      heap: (after.heap - before.heap) / job.streams,
      rss: (after.rss - before.rss) / job.streams,
    }
  }
  if (!held) throw new Error('No stream is open.')
  await Promise.all(held.reads)
  const ages = held.sinks.flatMap((sink) => sink.ages)
  const expected = held.sinks.length * job.events
  if (ages.length !== expected) throw new Error(`${ages.length} of ${expected} events came`)
  return { p50: percentile(ages, 0.5), p99: percentile(ages, 0.99) }
}

/** @param {import('./types.ts').Read} read @param {number} count */
async function holdUntilBegun(read, count) {
  /** @type {AgeSink[]} */
  const sinks = []
  /** @type {Promise<void>[]} */
  const reads = []
  // Some at a time: a server's queue of connections is short.
  while (sinks.length < count) {
    const some = Array.from({ length: Math.min(50, count - sinks.length) }, () => new AgeSink())
    const begun = some.map((sink) => {
      const reading = read(sink)
      reads.push(reading)
      return Promise.race([sink.begun, reading])
    })
    sinks.push(...some)
    await Promise.all(begun)
  }
  return { sinks, reads }
}

/** Bytes, after a collection of garbage. */
export function memory() {
  for (let at = 0; at < 3; at += 1) globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
}
