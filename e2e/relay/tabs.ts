import type { Browser, BrowserContext } from 'playwright-core'
import { findChromium, howToGetChromium, startChromium } from '../lib/chromium.mjs'
import { findFirefox, startFirefox } from '../firefox/harness.mjs'
import { findWebkit, withWebkit } from '../webkit/harness.mjs'

/** One tab of a real browser. */
export interface Tab {
  /** The value of an expression there. */
  evaluate(expression: string): Promise<unknown>
  reload(): Promise<void>
  /** Takes the browser off the network; absent where its driver cannot. */
  setOffline?: (offline: boolean) => Promise<void>
  /** Minimizes its window, or shows it again; absent where its driver cannot, or nothing is hidden by it. */
  setHidden?: (hidden: boolean) => Promise<void>
}

/** A browser that is there. */
export interface TabEngine {
  name: string
  /** Opens an address in a fresh profile, for as long as it is used. */
  withTab: <Value>(url: string, use: (tab: Tab) => Promise<Value>) => Promise<Value>
  close(): Promise<void>
}

/** A browser that is not. */
export interface MissingEngine {
  name: string
  missing: string
}

/** All browsers, started where they are. */
export async function findEngines(): Promise<(TabEngine | MissingEngine)[]> {
  const [chromium, firefox, webkit] = await Promise.all([
    findChromium(),
    findFirefox(),
    findWebkit(),
  ])
  return [
    chromium
      ? byPlaywright('chromium', () => startChromium(chromium))
      : { name: 'chromium', missing: `no Chromium found; ${howToGetChromium}` },
    'missing' in firefox
      ? { name: 'firefox', ...firefox }
      : byPlaywright('firefox', () => startFirefox(firefox)),
    'missing' in webkit
      ? { name: 'webkit', ...webkit }
      : {
          name: 'webkit',
          withTab: (url, use) =>
            withWebkit(webkit, async (ask) => {
              await ask('POST', '/url', { url })
              return use({
                evaluate: (expression) =>
                  ask('POST', '/execute/sync', { script: `return ${expression}`, args: [] }),
                async reload() {
                  await ask('POST', '/refresh', {})
                },
                async setHidden(hidden) {
                  // To give it a size restores it: https://www.w3.org/TR/webdriver2/#set-window-rect
                  if (hidden) await ask('POST', '/window/minimize', {})
                  else await ask('POST', '/window/rect', { width: 1024, height: 768 })
                },
              })
            }),
          async close() {},
        },
  ]
}

function byPlaywright(name: string, start: () => Promise<Browser>): TabEngine {
  let browser: Promise<Browser> | undefined
  return {
    name,
    async withTab(url, use) {
      const context: BrowserContext = await (await (browser ??= start())).newContext()
      try {
        const page = await context.newPage()
        await page.goto(url)
        return await use({
          evaluate: (expression) => page.evaluate(expression),
          async reload() {
            await page.reload()
          },
          setOffline: (offline) => context.setOffline(offline),
        })
      } finally {
        await context.close()
      }
    },
    async close() {
      await (await browser)?.close()
    },
  }
}
