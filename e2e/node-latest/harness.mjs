import { runtime } from '../lib/engine.mjs'
import { runProcess } from '../lib/run-process.mjs'
import { findNodeLatest } from './binary.mjs'

/** @type {import('../lib/engine.mjs').Engine} */
export const nodeLatest = {
  name: 'node-latest',
  capabilities: runtime,
  find: async () => {
    const found = await findNodeLatest()
    if ('missing' in found) return found
    const { binary, version } = found
    return { version, run: (job) => runProcess(binary, [], job) }
  },
}
