import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { launchChromium } from './browser.ts'
import { Playground, servePlayground } from './playground.ts'
import type { StaticServer } from './static-server.ts'

/** Gives each test of a file a page of its own, which must end without a problem. */
export function forEachTest(
  use: (playground: Playground, server: StaticServer) => void,
  path?: string,
): void {
  let browser: Browser
  let server: StaticServer
  let playground: Playground
  beforeAll(async () => {
    browser = await launchChromium()
    server = await servePlayground(path)
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })
  beforeEach(async () => {
    playground = await Playground.open(browser, server)
    use(playground, server)
  })
  afterEach(async () => {
    expect(playground.problems).toEqual([])
    await playground.close()
  })
}
