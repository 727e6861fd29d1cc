// A Node newer than the one that runs this.

import { fileURLToPath } from 'node:url'
import { isExecutable, output } from '../lib/processes.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
const binary = `${folder}node_modules/node-${process.platform}-${process.arch}/bin/node`

/**
 * Installs it where it is missing.
 * @returns {Promise<{ binary: string, version: string } | { missing: string }>}
 */
export async function findNodeLatest() {
  if (!isExecutable(binary)) await npmInstall(folder)
  const version = isExecutable(binary) ? await output(binary, ['--version']) : undefined
  return version
    ? { binary, version: version.replace(/^v/, '') }
    : { missing: `no newer Node for ${process.platform}-${process.arch}; npm ci failed` }
}

/**
 * Installs what the lockfile of a folder says that is no workspace. Whoever asks looks whether it is there.
 * @param {string} cwd
 */
export async function npmInstall(cwd) {
  // An npm that runs this hands on which workspaces it was told; here there are none.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_.*workspace/.test(name)),
  )
  await output('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd, env })
}
