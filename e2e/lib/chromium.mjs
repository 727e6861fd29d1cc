// One way to find Chromium and to start it, for the conformance suite and the tests of the page.

import { homedir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { executables, isExecutable, output } from './processes.mjs'

/** @typedef {{ executablePath: string, version: string }} FoundChromium */

/** What a person can do when there is none. */
export const howToGetChromium =
  'install Chromium or Chrome, or set CHROME_PATH to it, or run: npx playwright-core install chromium'

const quiet = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--metrics-recording-only',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
  '--disable-features=OptimizationHints,MediaRouter,DialMediaRouteProvider,Translate',
]

/**
 * The first of {@link chromiumCandidates} that runs.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<FoundChromium | undefined>}
 */
export async function findChromium(env = process.env) {
  for (const executablePath of chromiumCandidates(env)) {
    if (!isExecutable(executablePath)) continue
    // On Windows `--version` opens a window instead of printing.
    if (process.platform === 'win32') return { executablePath, version: 'of unknown version' }
    // Ubuntu's chromium-browser may be a script that only says that a snap is needed.
    const printed = await output(executablePath, ['--version'], { env })
    if (printed === undefined) continue
    return { executablePath, version: /\d+(\.\d+)+/.exec(printed)?.[0] ?? printed }
  }
  return undefined
}

/**
 * Where Chromium may be, the best place first.
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string[]}
 */
export function chromiumCandidates(env = process.env) {
  const { CHROME_PATH: given } = env
  const names = ['chromium', 'google-chrome', 'chrome', 'chromium-browser']
  return [
    ...(given ? [given] : []),
    ...executables(names, env['PATH']),
    ...usualPlaces(env),
    ...downloaded(),
  ]
}

/**
 * @param {{ executablePath: string, args?: readonly string[], env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<import('playwright-core').Browser>}
 */
export function startChromium({ executablePath, args = [], env = process.env }) {
  return chromium.launch({
    executablePath,
    // Its sandbox refuses to run as root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...quiet, ...args],
    env,
  })
}

/** @param {NodeJS.ProcessEnv} env */
function usualPlaces(env) {
  if (process.platform === 'darwin') {
    const apps = [
      'Google Chrome.app/Contents/MacOS/Google Chrome',
      'Chromium.app/Contents/MacOS/Chromium',
    ]
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
      apps.map((app) => join(folder, app)),
    )
  }
  if (process.platform === 'win32') {
    return ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
      const folder = env[name]
      return folder ? [join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')] : []
    })
  }
  return []
}

/** Playwright's own, which need not be installed, nor exist for this system. */
function downloaded() {
  try {
    return [chromium.executablePath()]
  } catch {
    return []
  }
}
