// A thousand streams at once, over HTTP.

import { control, floor } from '../contestants/index.mjs'
import { startChild } from '../lib/child-process.mjs'
import { eachRound } from '../lib/each-round.mjs'
import { startPacedServer } from '../lib/paced-server.mjs'
import { median } from '../lib/statistics.mjs'

/**
 * @typedef {object} ConcurrentRow
 * @property {string} name
 * @property {string} [failure]
 * @property {number} [p50] milliseconds from when an event was sent until it came
 * @property {number} [p99]
 * @property {number} [heap] KiB for each stream, with its connection
 * @property {number} [rss]
 */

/** Two floors whose slowest events differ by more than this share tell of a noisy machine. */
const noisyFrom = 0.25

/** @param {readonly ConcurrentRow[]} rows */
export function isNoisy(rows) {
  const p99 = (/** @type {string} */ wanted) => rows.find(({ name }) => name === wanted)?.p99 ?? NaN
  return !(Math.abs(p99(control) / p99(floor) - 1) <= noisyFrom)
}

/**
 * @param {object} options
 * @param {string} options.node
 * @param {readonly string[]} options.names without the floor
 * @param {number} options.rounds
 * @param {number} options.streams
 * @param {(text: string) => void} options.progress
 * @returns {Promise<ConcurrentRow[]>}
 */
export async function concurrent({ node, names: others, rounds, streams, progress }) {
  const names = [floor, ...others, control]
  const measure = (/** @type {string} */ name) =>
    one(node, name === control ? floor : name, streams)
  const { results, failures } = await eachRound({ names, rounds, measure, progress })
  return names.map((name) => {
    const failure = failures.get(name)
    if (failure !== undefined) return { name, failure }
    const all = results.get(name) ?? []
    return {
      name,
      p50: median(all.map(({ p50 }) => p50)),
      p99: median(all.map(({ p99 }) => p99)),
      heap: median(all.map(({ heap }) => heap)) / 1024,
      rss: median(all.map(({ rss }) => rss)) / 1024,
    }
  })
}

/** @param {string} node @param {string} name @param {number} streams */
async function one(node, name, streams) {
  const server = await startPacedServer()
  const child = startChild(node)
  try {
    const { baseURL, events } = server
    const memory = await child.do('holdStreams', { step: 'open', name, baseURL, streams }, 60_000)
    server.go()
    const ages = await child.do('holdStreams', { step: 'end', events }, 60_000)
    return { p50: NaN, p99: NaN, heap: NaN, rss: NaN, ...memory, ...ages }
  } finally {
    await child.stop()
    await server.close()
  }
}
