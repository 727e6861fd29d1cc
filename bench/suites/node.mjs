// The workloads in Node, all contestants.

import { floor } from '../contestants/index.mjs'
import { startChild } from '../lib/child-process.mjs'

/** One event of 16 MiB keeps some busy for minutes; nobody waits for these. Milliseconds. */
const limit = 60_000

/**
 * @param {string} node the binary
 * @param {string} workload
 * @returns {(name: string) => Promise<import('./throughput.mjs').Lane>}
 */
export const nodeLanes = (node, workload) => async (name) => {
  const child = startChild(node)
  const other = name === floor && workload === 'drip' ? { file: 'floor-at-once.mjs' } : {}
  return {
    verify: () => child.do('verify', { name, workload, ...other }, limit),
    warm: () => child.do('warm', undefined, limit),
    round: (count) => child.do('round', { count }, limit),
    stop: child.stop,
  }
}
