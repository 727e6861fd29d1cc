import { findChromium, howToGetChromium, startChromium } from '../lib/chromium.mjs'
import { browser, pageOf } from '../lib/engine.mjs'
import { temporaryFolder } from '../lib/processes.mjs'

/** @type {import('../lib/engine.mjs').Engine} */
export const chromium = {
  name: 'chromium',
  capabilities: browser,
  find: async () => {
    const found = await findChromium()
    if (!found) return { missing: `no Chromium found; ${howToGetChromium}` }
    const { executablePath, version } = found
    return {
      version,
      run: async (job) => {
        const env = { ...process.env, HOME: temporaryFolder() }
        const running = await startChromium({ executablePath, env })
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
