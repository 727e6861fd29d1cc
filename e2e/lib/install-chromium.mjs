import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium, howToGetChromium } from './chromium.mjs'
import { start, stop } from './processes.mjs'

const require = createRequire(import.meta.url)
const setup = fileURLToPath(new URL('../../scripts/setup-browsers.sh', import.meta.url))
const longest = 600_000

/**
 * Finds Chromium, and installs it where there is none: by the system's packages as root on Debian,
 * else by Playwright, into its own folder.
 * @returns {Promise<import('./chromium.mjs').FoundChromium | { missing: string }>}
 */
export async function ensureChromium() {
  const found = await findChromium()
  if (found) return found
  const playwright = join(dirname(require.resolve('playwright-core/package.json')), 'cli.js')
  const ways = [
    ...(process.platform === 'linux' ? [[setup, 'chromium']] : []),
    [process.execPath, playwright, 'install', 'chromium'],
  ]
  for (const [command = '', ...args] of ways) {
    console.log(`No Chromium found. Trying: ${[command, ...args].join(' ')}`)
    await performed(command, args)
    const installed = await findChromium()
    if (installed) return installed
  }
  return { missing: `no Chromium found, and none could be installed; ${howToGetChromium}` }
}

/**
 * @param {string} command
 * @param {string[]} args
 */
async function performed(command, args) {
  const child = start(command, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  // A network that swallows packets must not hold up the tests for ever.
  const timer = setTimeout(() => void stop(child), longest)
  const code = await child.exited
  clearTimeout(timer)
  if (code === null) console.log(child.output())
}
