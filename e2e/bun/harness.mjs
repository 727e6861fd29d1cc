import { runtime } from '../lib/engine.mjs'
import { packagedBinary } from '../lib/packaged-binary.mjs'
import { output, which } from '../lib/processes.mjs'
import { runProcess } from '../lib/run-process.mjs'

/** @type {import('../lib/engine.mjs').Engine} */
export const bun = {
  name: 'bun',
  capabilities: runtime,
  find: async () => {
    const binary = packagedBinary('bun', 'bin/bun.exe') ?? which('bun')
    const version = binary && (await output(binary, ['--version']))
    if (!binary || !version) return { missing: 'no bun found; npm install brings it' }
    return { version, run: (job) => runProcess(binary, ['--no-install'], job) }
  },
}
