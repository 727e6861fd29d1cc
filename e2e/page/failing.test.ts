// Each fault on the built page: what is said, what is kept, and that it can be tried again.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { axe } from './axe.ts'
import { launchChromium } from './browser.ts'
import { Playground, servePlayground } from './playground.ts'
import type { StaticServer } from './static-server.ts'

let browser: Browser
let server: StaticServer
let playground: Playground
beforeAll(async () => {
  browser = await launchChromium()
  server = await servePlayground()
  playground = await Playground.open(browser, server)
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

test.each([
  ['cut', 'The reply was cut off', 'truncated', true],
  ['reset', 'The reply was cut off', 'truncated', true],
  ['error', 'The provider is overloaded', 'overloaded', true],
  ['bad-json', 'Not the format that was expected', 'protocol', true],
  ['html', 'Not the format that was expected', 'protocol', false],
  ['401', 'The key was not accepted', 'authentication · status 401', false],
  ['429', 'Too many requests', 'rate_limited · status 429', false],
  ['500', 'The provider failed', 'api · status 500', false],
  ['529', 'The provider is overloaded', 'overloaded · status 529', false],
])('%s is explained, and tried again', async (fault, title, facts, keepsText) => {
  await playground.simulate({ script: 'prose', fault })
  await playground.send(`What becomes of ${fault}?`)
  await playground.until('failed')
  const { reply, page } = playground
  const error = reply.getByRole('region', { name: 'Failure' })
  expect(await error.getByRole('heading').textContent()).toBe(title)
  expect(await error.locator('.small').textContent()).toContain(facts)
  // What happened, and what to do.
  expect(await error.locator('p').count()).toBeGreaterThanOrEqual(3)
  const kept = (await reply.locator('.markdown').textContent()) ?? ''
  expect(kept.length > 0).toBe(keepsText)
  expect(await reply.locator('.facts').textContent()).toContain('failed')
  expect(await playground.status.textContent()).toContain('has failed')
  await playground.simulate({ fault: 'none' })
  const before = await page.getByRole('article').count()
  await playground.button('Try again').click()
  await playground.until('complete')
  expect(await page.getByRole('article').count()).toBe(before)
  expect(await playground.reply.getByRole('region', { name: 'Failure' }).count()).toBe(0)
})

test('a failure is within the rules of axe, and is seen without scrolling', async () => {
  await playground.simulate({ script: 'long', fault: 'cut' })
  await playground.send('Go on')
  await playground.until('failed')
  expect(await axe(playground.page)).toEqual([])
  await expect
    .poll(async () => {
      const box = await playground.reply.getByRole('region', { name: 'Failure' }).boundingBox()
      const pane = await playground.page.locator('.scroller').boundingBox()
      if (!box || !pane) return false
      return box.y >= pane.y && box.y + box.height <= pane.y + pane.height
    })
    .toBe(true)
})

test.each([
  ['no-end', 'json'],
  ['duplicate', 'json'],
  // At a byte per millisecond a short one.
  ['drip', 'refusal'],
])('%s does no harm', async (fault, script) => {
  await playground.simulate({ script, fault, dialect: 'openai-chat' })
  await playground.send('Go')
  await playground.until('complete')
  expect(await playground.reply.locator('.markdown, .refusal').allTextContents()).toContainEqual(
    expect.stringMatching(/\w/),
  )
})

test('a model that falls silent shows that it is waited for, and can be stopped', async () => {
  await playground.simulate({ script: 'prose', fault: 'stall' })
  await playground.send('Go')
  await playground.until('streaming')
  expect(await playground.reply.getAttribute('aria-busy')).toBe('true')
  await playground.button('Stop').click()
  await playground.until('stopped')
  expect(await playground.reply.textContent()).toContain('Stopped. What had come is kept.')
  expect(await playground.reply.getAttribute('aria-busy')).toBe('false')
})

test('a server that is not there', async () => {
  await playground.connect('lmstudio', { baseURL: 'http://127.0.0.1:9/v1', model: 'any' })
  await playground.send('Go')
  await playground.until('failed')
  expect(await playground.reply.locator('.error h4').textContent()).toBe('No connection')
  expect(await playground.reply.locator('.error').textContent()).toContain('“Enable CORS”')
  await playground.page.selectOption('#connection', 'simulated')
})

test('nothing of it was a fault of the page', () => {
  // The one request that had to fail, the library's tries again included.
  const own = playground.problems.filter((line) => !line.includes('127.0.0.1:9'))
  expect(own).toEqual([])
})
