// Installs the peers and builds the library, where that is not done yet.

import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runOrThrow } from '../../scripts/run.mjs'
import { findNodeLatest } from '../../e2e/node-latest/binary.mjs'

const at = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))

export async function prepare() {
  const installed = at('../node_modules/.package-lock.json')
  const lock = at('../package-lock.json')
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
    const install = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund']
    await runOrThrow(install, { cwd: at('..') })
  }
  await runOrThrow([process.execPath, 'scripts/build.mjs'])
}

/**
 * The Node that contestants run on: the newest that is pinned, for some peers support no older one.
 * @param {string | undefined} wanted a binary, or `current`
 * @returns {Promise<string>}
 */
export async function chooseNode(wanted) {
  if (wanted === 'current') return process.execPath
  if (wanted !== undefined) return wanted
  const found = await findNodeLatest()
  return 'missing' in found ? process.execPath : found.binary
}
