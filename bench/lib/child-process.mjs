// A process for one contestant, so that nobody's garbage, heap or compiled code is another's.

import { fileURLToPath } from 'node:url'
import { start, stop } from '../../e2e/lib/processes.mjs'

/**
 * @typedef {import('../child.mjs').Tasks} Tasks
 */

const script = fileURLToPath(new URL('../child.mjs', import.meta.url))

/** What became of a process that says nothing any more. */
export class ChildFailure extends Error {}

/**
 * @param {string} node the binary
 * @param {{ args?: readonly string[] }} [options] of Node
 */
export function startChild(node, { args = [] } = {}) {
  const child = start(node, ['--expose-gc', '--no-warnings', ...args, script], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
  })

  return {
    output: child.output,
    stop: () => stop(child),
    /**
     * Has it do something. Rejects with what it threw, or a {@link ChildFailure} where it died or took too long.
     * @template {keyof Tasks} Name
     * @param {Name} task
     * @param {Parameters<Tasks[Name]>[0]} [job]
     * @param {number} [limit] milliseconds
     * @returns {Promise<Awaited<ReturnType<Tasks[Name]>>>}
     */
    async do(task, job, limit = 120_000) {
      /** @type {NodeJS.Timeout | undefined} */
      let timer
      const answer = new Promise((resolve, reject) => {
        child.once('message', (/** @type {{ result?: never, failure?: string }} */ message) => {
          if (message.failure === undefined) resolve(message.result)
          else reject(new Error(message.failure))
        })
        timer = setTimeout(() => {
          reject(new ChildFailure(`not done after ${limit / 1000} s`))
        }, limit)
        void child.exited.then(() => {
          const isHeapFull = child.output().includes('heap out of memory')
          reject(new ChildFailure(isHeapFull ? 'died: its heap was full' : 'died'))
        })
        child.send({ task, job })
      })
      try {
        return await answer
      } finally {
        clearTimeout(timer)
        child.removeAllListeners('message')
      }
    },
  }
}

/** @typedef {ReturnType<typeof startChild>} Child */
