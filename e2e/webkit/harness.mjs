import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { browser, pageOf } from '../lib/engine.mjs'
import { output, start, stop, temporaryFolder, which } from '../lib/processes.mjs'

/** @type {import('../lib/engine.mjs').Engine} */
export const webkit = {
  name: 'webkit',
  capabilities: browser,
  find: async () => {
    const found = await findWebkit()
    if ('missing' in found) return found
    return {
      version: found.version,
      run: (job) =>
        withWebkit(found, async (ask) => {
          await ask('POST', '/url', { url: pageOf(job) })
          await job.ended
        }),
    }
  },
}

/** @typedef {{ version: string, driver: string, miniBrowser: string, xvfb: string }} FoundWebkit */

/** @returns {Promise<FoundWebkit | import('../lib/engine.mjs').Missing>} */
export async function findWebkit() {
  const driver = which('WebKitWebDriver')
  if (!driver) return missing('WebKitWebDriver', 'webkit2gtk-driver')
  const miniBrowser = process.env['MINIBROWSER_PATH'] ?? findMiniBrowser()
  if (!miniBrowser) return missing('MiniBrowser', 'webkit2gtk-driver')
  const xvfb = which('Xvfb')
  if (!xvfb) return missing('Xvfb', 'xvfb')
  const version = await withScreen(xvfb, (display) =>
    output(miniBrowser, ['--version'], { env: environment(display) }),
  )
  if (!version) return { missing: `${miniBrowser} does not start` }
  return { version: /\d+(\.\d+)+/.exec(version)?.[0] ?? version, driver, miniBrowser, xvfb }
}

/**
 * Sends a command of WebDriver to a session, such as `POST` `/url`.
 * @typedef {(method: string, path: string, body?: object) => Promise<unknown>} AskSession
 */

/**
 * Uses a browser of its own, on a screen of its own.
 * @template T
 * @param {FoundWebkit} found
 * @param {(ask: AskSession) => Promise<T>} use
 * @returns {Promise<T>}
 */
export function withWebkit({ driver, miniBrowser, xvfb }, use) {
  return withScreen(xvfb, (display) => withSession(driver, miniBrowser, display, use))
}

/**
 * @template T
 * @param {string} driverPath
 * @param {string} miniBrowser
 * @param {string} display
 * @param {(ask: AskSession) => Promise<T>} use
 */
async function withSession(driverPath, miniBrowser, display, use) {
  const port = await freePort()
  const driver = start(driverPath, [`--port=${port}`, '--host=127.0.0.1'], {
    env: environment(display),
  })
  try {
    const driverURL = `http://127.0.0.1:${port}`
    await untilReady(driverURL, driver)
    const { sessionId } = answerOf(
      await command('POST', `${driverURL}/session`, {
        capabilities: {
          alwaysMatch: {
            'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
          },
        },
      }),
    )
    const session = `${driverURL}/session/${sessionId}`
    try {
      return await use((method, path, body) => command(method, session + path, body))
    } finally {
      await command('DELETE', session).catch(() => undefined)
    }
  } finally {
    await stop(driver)
  }
}

/** @param {string} display */
function environment(display) {
  const home = temporaryFolder()
  return {
    ...process.env,
    DISPLAY: display,
    HOME: home,
    XDG_RUNTIME_DIR: home,
    GDK_BACKEND: 'x11',
    LIBGL_ALWAYS_SOFTWARE: '1',
    NO_AT_BRIDGE: '1',
    WEBKIT_DISABLE_COMPOSITING_MODE: '1',
  }
}

/**
 * Runs something on a screen of its own.
 * @template T
 * @param {string} xvfb
 * @param {(display: string) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withScreen(xvfb, use) {
  const screen = start(
    xvfb,
    ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '800x600x24'],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  )
  try {
    /** @type {string} */
    const number = await new Promise((resolve, reject) => {
      screen.stdio[3]?.once('data', (data) => resolve(String(data).trim()))
      void screen.exited.then(() => reject(new Error(`Xvfb ended\n${screen.output()}`)))
    })
    return await use(`:${number}`)
  } finally {
    await stop(screen)
  }
}

/**
 * @param {string} program
 * @param {string} debian
 */
const missing = (program, debian) => ({ missing: `no ${program} found; install ${debian}` })

/** Debian and others keep it beside WebKit's own processes, off the PATH. */
function findMiniBrowser() {
  for (const root of ['/usr/lib', '/usr/libexec', ...subfolders('/usr/lib')]) {
    for (const name of ['webkitgtk-6.0', 'webkit2gtk-4.1', 'webkit2gtk-4.0']) {
      const path = `${root}/${name}/MiniBrowser`
      if (existsSync(path)) return path
    }
  }
  return which('MiniBrowser')
}

/** @param {string} folder */
const subfolders = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.includes('-linux-'))
        .map((name) => `${folder}/${name}`)
    : []

/**
 * @param {string} driverURL
 * @param {ReturnType<typeof start>} driver
 */
async function untilReady(driverURL, driver) {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (driver.exitCode !== null) break
    try {
      if (answerOf(await command('GET', `${driverURL}/status`)).ready) return
    } catch {
      // It does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`WebKitWebDriver does not answer\n${driver.output()}`)
}

/** @typedef {{ ready?: boolean, sessionId?: string, error?: string, message?: string }} Answer */

/** @param {unknown} value @returns {Answer} */
const answerOf = (value) => (typeof value === 'object' && value ? value : {})

/**
 * @param {string} method
 * @param {string} url
 * @param {object} [body]
 * @returns {Promise<unknown>}
 */
async function command(method, url, body) {
  const response = await fetch(url, { method, ...(body ? { body: JSON.stringify(body) } : {}) })
  /** @type {{ value: unknown }} */
  const { value } = await response.json()
  const { error, message } = answerOf(value)
  if (!response.ok) throw new Error(`WebDriver: ${error}: ${message}`)
  return value
}

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
