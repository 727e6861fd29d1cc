// Stopping a reply from the page closes the connection to the server, also while the model is silent.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './browser.ts'
import { Playground, servePlayground } from './playground.ts'
import { startProvider, type ProviderServer } from './provider-server.ts'
import type { StaticServer } from './static-server.ts'

let browser: Browser
let server: StaticServer
let provider: ProviderServer
beforeAll(async () => {
  browser = await launchChromium()
  server = await servePlayground()
  provider = await startProvider('lm-studio', { script: 'prose', keys: false })
})
afterAll(async () => {
  await browser?.close()
  await provider?.close()
  await server?.close()
})

test.each([
  ['the button, while it streams', 'button', {}],
  ['Escape, while it streams', 'Escape', {}],
  ['the button, while the model is silent', 'button', { stall: true }],
])('%s', async (_, by, { stall = false }: { stall?: boolean }) => {
  provider.forget()
  provider.use({
    script: 'long',
    pace: { delay: 20 },
    keys: false,
    ...(stall && { faults: [{ kind: 'stall', afterEvents: 14 }] }),
  })
  const playground = await Playground.open(browser, server)
  await playground.connect('custom', { baseURL: provider.baseURL, model: 'squirrel-1' })
  await playground.send('Go on')
  await playground.page.waitForFunction(
    () => (document.querySelector('.markdown')?.textContent.length ?? 0) > 20,
  )
  // Silence has begun by then.
  if (stall) await playground.page.waitForTimeout(500)
  if (by === 'Escape') await playground.page.keyboard.press('Escape')
  else await playground.button('Stop').click()
  await playground.until('stopped')
  const exchange = await provider.received()
  await expect.poll(() => exchange.ended, { timeout: 20_000 }).toBe('disconnected')
  expect(await playground.reply.locator('.markdown').textContent()).not.toBe('')
  expect(await playground.button('Send').isEnabled()).toBe(true)
  const given = `failedRequests: POST ${provider.baseURL}/chat/completions net::ERR_ABORTED`
  expect(playground.problems).toEqual([given])
  await playground.close()
})
