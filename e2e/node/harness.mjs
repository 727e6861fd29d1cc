import { runtime } from '../lib/engine.mjs'
import { runProcess } from '../lib/run-process.mjs'

/** The Node that runs this very script. @type {import('../lib/engine.mjs').Engine} */
export const node = {
  name: 'node',
  capabilities: runtime,
  find: async () => ({
    version: process.versions.node,
    run: (job) => runProcess(process.execPath, [], job),
  }),
}
