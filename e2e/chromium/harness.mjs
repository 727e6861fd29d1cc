import { chromium as playwright } from 'playwright-core'
import { browser, pageOf } from '../lib/engine.mjs'
import { isExecutable, output, temporaryFolder, which } from '../lib/processes.mjs'

const args = [
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

/** @type {import('../lib/engine.mjs').Engine} */
export const chromium = {
  name: 'chromium',
  capabilities: browser,
  find: async () => {
    const given = process.env['CHROME_PATH']
    const executablePath =
      given && isExecutable(given) ? given : which('chromium', 'google-chrome', 'chrome')
    const version = executablePath && (await output(executablePath, ['--version']))
    if (!executablePath || !version) {
      return { missing: 'no Chromium found; install chromium, or set CHROME_PATH' }
    }
    return {
      version: /\d+(\.\d+)+/.exec(version)?.[0] ?? version,
      run: async (job) => {
        const home = temporaryFolder()
        const running = await playwright.launch({
          executablePath,
          // Its sandbox refuses to run as root.
          chromiumSandbox: process.getuid?.() !== 0,
          args,
          env: { ...process.env, HOME: home },
        })
        try {
          const page = await running.newPage()
          const crashed = new Promise((_resolve, reject) => {
            page.on('crash', () => reject(new Error('the page crashed')))
          })
          await page.goto(pageOf(job))
          await Promise.race([job.ended, crashed])
        } finally {
          await running.close()
        }
      },
    }
  },
}
