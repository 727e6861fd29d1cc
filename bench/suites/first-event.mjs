// From the first byte to the first event.

import { startChild } from '../lib/child-process.mjs'
import { median, summary } from '../lib/statistics.mjs'

/** Replies in one process, the first of them cold. */
const count = 401

/**
 * @typedef {object} FirstEventRow
 * @property {string} name
 * @property {string} [failure]
 * @property {import('../lib/statistics.mjs').Summary} [warm] milliseconds, of processes
 * @property {import('../lib/statistics.mjs').Summary} [cold]
 * @property {number} [load]
 */

/**
 * @param {object} options
 * @param {string} options.node
 * @param {readonly string[]} options.names
 * @param {number} options.rounds processes for each
 * @param {(text: string) => void} options.progress
 * @returns {Promise<FirstEventRow[]>}
 */
export async function firstEvent({ node, names, rounds, progress }) {
  /** @type {Map<string, { load: number, cold: number, warm: number }[]>} */
  const results = new Map(names.map((name) => [name, []]))
  /** @type {Map<string, string>} */
  const failures = new Map()
  for (let round = 0; round < rounds; round += 1) {
    progress(`process ${round + 1} of ${rounds}`)
    for (const name of names) {
      if (failures.has(name)) continue
      const child = startChild(node)
      try {
        results.get(name)?.push(await child.do('firstEvents', { name, count }, 30_000))
      } catch (error) {
        failures.set(name, error instanceof Error ? error.message : String(error))
      } finally {
        await child.stop()
      }
    }
  }
  return names.map((name) => {
    const failure = failures.get(name)
    const all = results.get(name) ?? []
    if (failure !== undefined) return { name, failure }
    return {
      name,
      warm: summary(all.map(({ warm }) => warm)),
      cold: summary(all.map(({ cold }) => cold)),
      load: median(all.map(({ load }) => load)),
    }
  })
}
