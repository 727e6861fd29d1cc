import { firefox as playwright } from 'playwright-core'
import { browser, pageOf } from '../lib/engine.mjs'
import { isExecutable, output, temporaryFolder, which } from '../lib/processes.mjs'

const quiet = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.safebrowsing.update.enabled': false,
  'captivedetect.canonicalURL': '',
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.dns.disablePrefetch': true,
  'network.prefetch-next': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
}

/** @type {import('../lib/engine.mjs').Engine} */
export const firefox = {
  name: 'firefox',
  // Once a chunk was read, a cancelled body keeps its socket until the next byte arrives.
  capabilities: { ...browser, cancelCloses: false },
  find: async () => {
    const found = await findFirefox()
    if ('missing' in found) return found
    return {
      version: found.version,
      run: async (job) => {
        const running = await startFirefox(found)
        try {
          const page = await running.newPage()
          await page.goto(pageOf(job))
          await job.ended
        } finally {
          await running.close()
        }
      },
    }
  },
}

/** @typedef {{ version: string, executablePath: string, env: NodeJS.ProcessEnv }} FoundFirefox */

/** @returns {Promise<FoundFirefox | import('../lib/engine.mjs').Missing>} */
export async function findFirefox() {
  const given = process.env['FIREFOX_PATH']
  const executablePath = given && isExecutable(given) ? given : which('firefox-esr', 'firefox')
  const env = { ...process.env, HOME: temporaryFolder() }
  const version = executablePath && (await output(executablePath, ['--version'], { env }))
  if (!executablePath || !version) {
    return { missing: 'no Firefox found; install firefox-esr, or set FIREFOX_PATH' }
  }
  return { version: /\d+(\.\d+)+/.exec(version)?.[0] ?? version, executablePath, env }
}

/**
 * A stock Firefox, driven by WebDriver BiDi.
 * @param {FoundFirefox} found
 */
export function startFirefox({ executablePath, env }) {
  return playwright.launch({
    executablePath,
    channel: 'moz-firefox',
    firefoxUserPrefs: quiet,
    env,
  })
}
