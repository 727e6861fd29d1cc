import type { Browser } from 'playwright-core'
import { findChromium, howToGetChromium, startChromium } from '../lib/chromium.mjs'

/** What {@link launchChromium} may be told. */
export interface LaunchOptions {
  /** More arguments for Chromium. */
  readonly args?: readonly string[]
}

/**
 * A host name that leads to 127.0.0.1, for a page whose origin is neither `localhost` nor
 * `127.0.0.1`, as that of a page on the web.
 */
export const foreignHost = 'playground.test'

/**
 * Starts Chromium without a window. It reaches this machine only: no test depends on the network,
 * and no key leaves it.
 */
export async function launchChromium({ args = [] }: LaunchOptions = {}): Promise<Browser> {
  const found = await findChromium()
  if (!found) throw new Error(`No Chromium found; ${howToGetChromium}`)
  const hosts = `MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`
  return startChromium({
    executablePath: found.executablePath,
    args: [`--host-resolver-rules=${hosts}`, ...args],
  })
}
