// 96 MiB through a heap of 64 MiB.

import { startChild } from '../lib/child-process.mjs'
import { median } from '../lib/statistics.mjs'

const MiB = 2 ** 20

/** @type {readonly { name: string, title: string, deltaLength: number }[]} */
export const memoryWorkloads = [
  { name: 'memory-short', title: '96 MiB in deltas of 20 characters', deltaLength: 20 },
  { name: 'memory-long', title: '96 MiB in deltas of 1,000 characters', deltaLength: 1000 },
]

/**
 * @typedef {object} MemoryRow
 * @property {string} name
 * @property {string} [failure]
 * @property {number} [heap] the peak, in MiB
 * @property {number} [rss] the process's peak, in MiB
 * @property {number} [time] seconds
 */

/**
 * @param {object} options
 * @param {string} options.node
 * @param {readonly string[]} options.names
 * @param {number} options.deltaLength
 * @param {number} options.rounds
 * @param {(text: string) => void} options.progress
 * @returns {Promise<MemoryRow[]>}
 */
export async function memory({ node, names, deltaLength, rounds, progress }) {
  /** @type {MemoryRow[]} */
  const rows = []
  for (const name of names) {
    /** @type {{ time: number, heap: number, rss: number }[]} */
    const results = []
    /** @type {string | undefined} */
    let failure
    for (let round = 0; round < rounds && failure === undefined; round += 1) {
      progress(`${name}: ${round + 1} of ${rounds}`)
      const child = startChild(node, { args: ['--max-old-space-size=64'] })
      try {
        const job = { name, deltaLength, size: 96 * MiB }
        results.push(await child.do('readLong', job, 180_000))
      } catch (error) {
        const sent =
          child
            .output()
            .match(/(?<=sent )\d+/g)
            ?.at(-1) ?? 0
        failure = `${error instanceof Error ? error.message : String(error)}, after ${sent} MiB`
      } finally {
        await child.stop()
      }
    }
    rows.push(
      failure === undefined
        ? {
            name,
            heap: median(results.map(({ heap }) => heap)) / MiB,
            rss: median(results.map(({ rss }) => rss)) / MiB,
            time: median(results.map(({ time }) => time)) / 1000,
          }
        : { name, failure },
    )
  }
  return rows
}
