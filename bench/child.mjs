// The process of one contestant: does what the parent says, one thing after the other.

import { load } from './contestants/index.mjs'
import { firstEvents } from './lib/first-events.mjs'
import { holdStreams } from './lib/hold-streams.mjs'
import { pacedServer } from './lib/paced-server.mjs'
import { readLong } from './lib/read-long.mjs'
import { readRelayed } from './lib/read-relayed.mjs'
import { workloadOf } from './lib/replies.mjs'
import { readCounted, verify, warm } from './lib/rounds.mjs'
import { serve } from './lib/serve.mjs'

/** @typedef {import('./lib/types.ts').Read} Read */

/** @type {{ read: Read, length: number } | undefined} */
let prepared

const tasks = {
  /** Reads the reply once, and throws where it is not whole. @param {{ name: string, workload: string, file?: string }} job */
  async verify({ name, workload, file }) {
    const reply = workloadOf(workload).make()
    const read = await load(name, reply.wire, serve(reply.chunks), file)
    const start = performance.now()
    prepared = { read, length: await verify(read, reply) }
    return performance.now() - start
  },
  /** @returns {Promise<number>} how many replies make a round */
  async warm() {
    const { read, length } = ready()
    return warm(read, length)
  },
  /**
   * @param {{ count: number }} job
   * @returns {Promise<import('./suites/throughput.mjs').Taken>}
   */
  async round({ count }) {
    const { read, length } = ready()
    // A full collection would also take the hidden classes of objects of which none lives, and with
    // them the code that was optimized for them: no user's process does that between two replies.
    globalThis.gc?.({ type: 'minor' })
    const before = process.cpuUsage()
    const start = performance.now()
    await readCounted(read, length, count)
    const time = (performance.now() - start) / count
    const { user, system } = process.cpuUsage(before)
    return { time, cpu: (user + system) / 1000 / count }
  },
  firstEvents,
  holdStreams,
  readLong,
  pacedServer,
  readRelayed,
  /** Loaded by who needs it: it is nothing that a contestant has in its heap. @type {typeof import('./lib/serve-relay.mjs').serveRelay} */
  serveRelay: async (job) => (await import('./lib/serve-relay.mjs')).serveRelay(job),
}

/** @typedef {typeof tasks} Tasks */

function ready() {
  if (!prepared) throw new Error('Nothing is prepared.')
  return prepared
}

process.on('message', (/** @type {{ task: keyof Tasks, job: never }} */ { task, job }) => {
  Promise.resolve(tasks[task](job)).then(
    (result) => process.send?.({ result }),
    (error) => process.send?.({ failure: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit())
