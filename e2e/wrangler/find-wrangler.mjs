import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findNodeLatest, npmInstall } from '../node-latest/binary.mjs'

const folder = fileURLToPath(new URL('.', import.meta.url))
/** The smallest Node that wrangler takes, as numbers. */
const smallest = [22, 12]

/**
 * Wrangler with a Node that is new enough for it, installed when it is first asked for.
 * @returns {Promise<{ node: string, modules: string } | { missing: string }>} `modules` is the folder of its packages.
 */
export async function findWrangler() {
  const found = isEnough(process.versions.node)
    ? { binary: process.execPath }
    : await findNodeLatest()
  if ('missing' in found) return found
  const modules = `${folder}node_modules`
  if (!existsSync(`${modules}/wrangler/package.json`)) await npmInstall(folder)
  if (!existsSync(`${modules}/wrangler/package.json`)) return { missing: 'npm ci failed' }
  return { node: found.binary, modules }
}

/** What keeps wrangler on this machine. */
export const offline = {
  CI: '1',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
}

/** @param {string} version */
function isEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [least = 0, leastMinor = 0] = smallest
  return major > least || (major === least && minor >= leastMinor)
}
