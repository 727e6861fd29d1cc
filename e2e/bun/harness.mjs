import { fileURLToPath } from 'node:url'
import { runtime } from '../lib/engine.mjs'
import { packagedBinary } from '../lib/packaged-binary.mjs'
import { output, which } from '../lib/processes.mjs'
import { runProcess } from '../lib/run-process.mjs'

// Bun follows the `paths` of a tsconfig.json when it runs: the workspace's lead to the sources.
const args = [
  '--no-install',
  `--tsconfig-override=${fileURLToPath(new URL('tsconfig.json', import.meta.url))}`,
]

/** @type {import('../lib/engine.mjs').Engine} */
export const bun = {
  name: 'bun',
  capabilities: runtime,
  find: async () => {
    const binary = packagedBinary('bun', 'bin/bun.exe') ?? which('bun')
    const version = binary && (await output(binary, ['--version']))
    if (!binary || !version) return { missing: 'no bun found; npm install brings it' }
    return { version, run: (job) => runProcess(binary, args, job) }
  },
}
