import { runtime } from '../lib/engine.mjs'
import { packagedBinary } from '../lib/packaged-binary.mjs'
import { output, which } from '../lib/processes.mjs'
import { runProcess } from '../lib/run-process.mjs'

// No permission but the network's, on this machine only: no environment, no files.
const args = [
  'run',
  '--no-prompt',
  '--no-remote',
  '--no-lock',
  '--no-check',
  '--node-modules-dir=manual',
  '--allow-net=127.0.0.1',
]

/** @type {import('../lib/engine.mjs').Engine} */
export const deno = {
  name: 'deno',
  capabilities: runtime,
  find: async () => {
    const binary = packagedBinary('deno', 'deno') ?? which('deno')
    const version = binary && (await output(binary, ['--version']))
    if (!binary || !version) return { missing: 'no deno found; npm install brings it' }
    return {
      version: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? version,
      run: (job) => runProcess(binary, args, job, { DENO_NO_UPDATE_CHECK: '1' }),
    }
  },
}
