// A thousand streams at once through one process: a relay, and a plain proxy of bytes as the floor.

import { startChild } from '../lib/child-process.mjs'
import { eachRound } from '../lib/each-round.mjs'
import { median } from '../lib/statistics.mjs'

/** Who is measured: the provider asked directly, what all others are measured by, and it once more. */
export const direct = 'no server between'
export const proxy = 'byte proxy'
export const again = 'byte proxy, again'
export const relay = 'relay, /chat'

/**
 * @typedef {object} RelayResult of one round; of memory and processors only where there is a server between
 * @property {number} p50 milliseconds from when the provider sent an event until the client had it
 * @property {number} p99
 * @property {number} [heap] bytes for each open stream, in the server's process
 * @property {number} [rss]
 * @property {number} [cpu] milliseconds of the processors, in the server's process, for 1,000 events
 */

/** @typedef {'p50' | 'p99' | 'heap' | 'rss' | 'cpu'} Figure */

/**
 * @typedef {object} RelayRow
 * @property {string} name
 * @property {string} [failure]
 * @property {{ readonly [figure in Figure]: number }} [figures] medians of the rounds
 * @property {{ p50: number, p99: number }} [added] to what the provider and the client take by themselves, in the same round
 * @property {{ readonly [figure in Figure]: number }} [ratios] to the floor of the same round
 */

/** Two floors whose slowest events differ by more than this share tell of a noisy machine. */
const noisyFrom = 0.25

/** @param {readonly RelayRow[]} rows */
export function isNoisy(rows) {
  const ratio = rows.find(({ name }) => name === again)?.ratios?.p99 ?? NaN
  return !(Math.abs(ratio - 1) <= noisyFrom)
}

/**
 * @param {object} options
 * @param {string} options.node
 * @param {number} options.rounds
 * @param {number} options.streams
 * @param {(text: string) => void} options.progress
 * @returns {Promise<RelayRow[]>}
 */
export async function relayed({ node, rounds, streams, progress }) {
  const names = [direct, proxy, relay, again]
  const measure = (/** @type {string} */ name) => one(node, name, streams)
  const { results, failures } = await eachRound({ names, rounds, measure, progress })
  return summarize(results, failures)
}

/**
 * @param {ReadonlyMap<string, readonly RelayResult[]>} results
 * @param {ReadonlyMap<string, string>} failures
 * @returns {RelayRow[]}
 */
export function summarize(results, failures) {
  /** @param {string} name @param {Figure} figure @param {number} round */
  const of = (name, figure, round) => results.get(name)?.[round]?.[figure] ?? NaN
  return [...results].map(([name, all]) => {
    const failure = failures.get(name)
    if (failure !== undefined) return { name, failure }
    /** @param {(round: number) => number} value */
    const middle = (value) => median(all.map((_, round) => value(round)))
    /** @param {(figure: Figure) => number} value */
    const each = (value) => ({
      p50: value('p50'),
      p99: value('p99'),
      heap: value('heap'),
      rss: value('rss'),
      cpu: value('cpu'),
    })
    /** @param {Figure} figure */
    const added = (figure) => middle((round) => of(name, figure, round) - of(direct, figure, round))
    return {
      name,
      figures: each((figure) => middle((round) => of(name, figure, round))),
      added: { p50: added('p50'), p99: added('p99') },
      ratios: each((figure) =>
        middle((round) => of(name, figure, round) / of(proxy, figure, round)),
      ),
    }
  })
}

/** Replies of 200 events each that are read before anything is measured. */
const warming = 200
/** Streams that are open before memory is read: what the first ones cost is no stream's. */
const first = 20

/** @param {string} node @param {string} name @param {number} streams @returns {Promise<RelayResult>} */
async function one(node, name, streams) {
  const upstream = startChild(node)
  const between = name === direct ? undefined : startChild(node)
  const client = startChild(node)
  const isRelay = name === relay
  try {
    const { baseURL = '', events = 0 } = await upstream.do('pacedServer', { step: 'start' })
    const kind = isRelay ? 'relay' : 'proxy'
    const start = /** @type {const} */ ({ step: 'start', kind, baseURL, streams })
    const { url = baseURL.replace(/\/v1$/, '') } = (await between?.do('serveRelay', start)) ?? {}
    const open = (/** @type {number} */ count) =>
      client.do('readRelayed', { step: 'open', url, isRelay, streams: count }, 60_000)
    await client.do('readRelayed', { step: 'warm', url, isRelay, streams: warming }, 60_000)
    await upstream.do('pacedServer', { step: 'hold' })
    await open(first)
    const before = await between?.do('serveRelay', { step: 'memory' })
    await open(streams)
    const after = await between?.do('serveRelay', { step: 'memory' })
    await between?.do('serveRelay', { step: 'cpu' })
    await upstream.do('pacedServer', { step: 'go' })
    const ages = await client.do('readRelayed', { step: 'end', events }, 120_000)
    const used = await between?.do('serveRelay', { step: 'cpu' })
    /** @param {'heap' | 'rss'} part */
    const forEach = (part) => ((after?.[part] ?? NaN) - (before?.[part] ?? NaN)) / streams
    return {
      p50: ages.p50 ?? NaN,
      p99: ages.p99 ?? NaN,
      heap: forEach('heap'),
      rss: forEach('rss'),
      cpu: ((used?.cpu ?? NaN) * 1000) / ((streams + first) * events),
    }
  } finally {
    await Promise.all([client.stop(), between?.stop(), upstream.stop()])
  }
}
