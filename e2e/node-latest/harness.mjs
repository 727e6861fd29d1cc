import { fileURLToPath } from 'node:url'
import { runtime } from '../lib/engine.mjs'
import { isExecutable, output } from '../lib/processes.mjs'
import { runProcess } from '../lib/run-process.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const binary = `${folder}node_modules/node-${process.platform}-${process.arch}/bin/node`

/** @type {import('../lib/engine.mjs').Engine} */
export const nodeLatest = {
  name: 'node-latest',
  capabilities: runtime,
  find: async () => {
    if (!isExecutable(binary)) {
      await output('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
        cwd: folder,
        env: withoutWorkspaces(),
      })
    }
    const version = isExecutable(binary) ? await output(binary, ['--version']) : undefined
    if (!version) {
      return { missing: `no newer Node for ${process.platform}-${process.arch}; npm ci failed` }
    }
    return { version: version.replace(/^v/, ''), run: (job) => runProcess(binary, [], job) }
  },
}

/** An npm that runs this hands on which workspaces it was told; here there are none. */
function withoutWorkspaces() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_.*workspace/.test(name)),
  )
}
