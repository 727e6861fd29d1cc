// The page and the relay of its dev server: a reply outlives its connection and the page, and the keys stay where they are.
import { mkdir } from 'node:fs/promises'
import { simulatorFetch } from '@ratatoskr/testkit'
import type { Browser, Request as PageRequest } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { axe } from './axe.ts'
import { launchChromium } from './browser.ts'
import { serveDevPage, type DevPage } from './dev-page.ts'
import { Playground, servePlayground } from './playground.ts'

const key = 'sk-very-secret-0123456789'
const folder = process.env['RATATOSKR_SCREENSHOTS']
let browser: Browser
let dev: DevPage
let playground: Playground
/** What the page asked the relay: `POST /chat`. */
let requests: string[]
/** What the provider with a key was asked. */
let upstream: string[]

beforeAll(async () => {
  const platform = globalThis.fetch
  const simulate = simulatorFetch({ script: 'prose', keys: false })
  upstream = []
  vi.stubEnv('OPENAI_API_KEY', key)
  for (const name of ['OPENROUTER_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY']) {
    vi.stubEnv(name, '')
  }
  // The real provider, as far as the dev server can tell.
  vi.stubGlobal('fetch', (input: string | URL | Request, init?: RequestInit) => {
    const url = input instanceof Request ? input.url : String(input)
    if (!url.startsWith('https://api.openai.com/')) return platform(input, init)
    upstream.push(`${url} ${new Headers(init?.headers).get('authorization')}`)
    return simulate(input, init)
  })
  if (folder !== undefined) await mkdir(folder, { recursive: true })
  browser = await launchChromium()
  dev = await serveDevPage()
})
afterAll(async () => {
  await browser?.close()
  await dev?.close()
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
})

const name = (request: PageRequest): string =>
  `${request.method()} ${new URL(request.url()).pathname.replace(/[0-9a-f]{32}/, '…').replace('/relay', '')}`

async function open(options?: Parameters<typeof Playground.open>[2]): Promise<void> {
  requests = []
  playground = await Playground.open(browser, dev, options)
  playground.page.on('request', (request) => {
    if (request.url().startsWith(`${dev.url}relay/`)) requests.push(name(request))
  })
}
beforeEach(() => open())
afterEach(() => playground.close())

/** Chooses the relay, and what its simulated model does. */
async function choose(simulation: {
  script?: string
  pace?: string
  dialect?: string
}): Promise<void> {
  const { page } = playground
  await playground.show('Settings')
  await page.selectOption('#connection', 'relay')
  for (const [id, value] of Object.entries({ pace: 'instant', ...simulation })) {
    if (value !== undefined) await page.selectOption(`#${id}`, value)
  }
  await page.getByRole('combobox', { name: 'Models of Relay' }).waitFor()
  await playground.show('Chat')
  requests = []
}

const text = async (): Promise<string> =>
  (await playground.reply.locator('.markdown').textContent()) ?? ''

const hasBegun = (): Promise<unknown> =>
  playground.page.waitForFunction(
    () => ([...document.querySelectorAll('.markdown')].at(-1)?.textContent.length ?? 0) > 40,
  )

/** What the script says, whole. */
async function whole(script: string): Promise<string> {
  await choose({ script })
  await playground.send('Go')
  await playground.until('complete')
  const said = await text()
  await playground.button('New conversation').click()
  requests = []
  return said
}

test('a reply comes through it, with the numbers of its events', async () => {
  await choose({ script: 'prose' })
  await playground.send('Go')
  await playground.until('complete')
  expect(requests).toEqual(['POST /chat'])
  expect(await playground.pane('SSE events').count()).toBe(1)
  await playground.show('Chain')
  const [first = ''] = await playground.rows('SSE events')
  expect(first).toMatch(/id \d+/)
  expect((await playground.rows('Chat events')).at(-1)).toContain('done')
  // What the page is built of warns that this is its dev server.
  const others = playground.problems.filter((line) => !/net::ERR_ABORTED|dev mode/.test(line))
  expect(others).toEqual([])
})

test('a model of the environment’s key is listed and answers, and no answer has the key', async () => {
  const { page } = playground
  const bodies: Promise<string>[] = []
  page.on('response', (response) => {
    if (!response.url().startsWith(`${dev.url}relay/`)) return
    bodies.push(
      response
        .allHeaders()
        .then(async (headers) => JSON.stringify(headers) + (await response.text())),
    )
  })
  await choose({})
  const models = page.getByRole('combobox', { name: 'Models of Relay' })
  const listed = (await models.locator('option').allTextContents()).map((one) => one.trim())
  expect(listed).toContain('simulated:squirrel-1')
  const model = listed.find((one) => one.startsWith('openai:')) ?? ''
  await models.selectOption(model)
  // What only the simulated model can do is not offered.
  expect(await page.locator('#script').count()).toBe(0)
  await playground.send('Hello')
  await playground.until('complete')
  expect(await text()).not.toBe('')
  expect(upstream.length).toBeGreaterThan(1)
  for (const asked of upstream) expect(asked).toContain(` Bearer ${key}`)
  const seen = (await Promise.all(bodies)).join('\n')
  expect(seen).toContain('"done"')
  expect(seen).not.toContain(key)
})

test('a stop reaches it', async () => {
  await choose({ script: 'long', pace: 'slow' })
  await playground.send('Go on')
  await hasBegun()
  const stopped = playground.page.waitForResponse(
    (response) => response.request().method() === 'DELETE',
  )
  await playground.page.keyboard.press('Escape')
  await playground.until('stopped')
  expect((await stopped).status()).toBe(204)
  expect(requests).toEqual(['POST /chat', 'DELETE /chat/…'])
  await playground.page.reload()
  await playground.prompt.waitFor()
  expect(await playground.page.getByRole('article').count()).toBe(0)
})

test('a connection that breaks is made again, and the reply is whole', async () => {
  const said = await whole('prose')
  await choose({ script: 'prose', pace: 'steady' })
  await playground.send('Go')
  await hasBegun()
  // Looked for at each frame: it is there for a moment only.
  const lost = playground.page.waitForFunction(() =>
    document.querySelector('.reply .waiting')?.textContent.includes('The connection is lost'),
  )
  dev.cut()
  await lost
  await playground.until('complete')
  expect(await playground.page.locator('.waiting').count()).toBe(0)
  expect(await text()).toBe(said)
  expect(requests).toEqual(['POST /chat', 'GET /chat/…'])
  expect(await playground.button('Save as tape').isDisabled()).toBe(true)
})

test('a page that is loaded anew goes on with the reply, and with the conversation', async () => {
  const said = await whole('prose')
  await choose({ script: 'prose' })
  await playground.send('The first question')
  await playground.until('complete')
  await choose({ script: 'prose', pace: 'steady' })
  await playground.send('The second question')
  await hasBegun()
  await playground.page.reload()
  await playground.prompt.waitFor()
  const { page } = playground
  await hasBegun()
  expect(await page.locator('.said').allTextContents()).toEqual([
    'The first question',
    'The second question',
  ])
  await playground.until('complete')
  expect(await text()).toBe(said)
  // Chromium may have to connect more than once.
  expect(requests[0]).toBe('POST /chat')
  expect(new Set(requests.slice(1))).toEqual(new Set(['GET /v1/models', 'GET /chat/…']))
  // The settings are those of the reply.
  expect(await page.inputValue('#connection')).toBe('relay')
  expect(await page.inputValue('#script')).toBe('prose')
  await playground.send('And a third')
  await playground.until('complete')
  await page.reload()
  await playground.prompt.waitFor()
  expect(await page.getByRole('article').count()).toBe(0)
})

test('tools, and what the model wants back, go through it', async () => {
  const { page } = playground
  await choose({ script: 'tools', dialect: 'anthropic' })
  await playground.show('Settings')
  await page.selectOption('#effort', 'low')
  await page.getByRole('checkbox', { name: 'get_weather' }).check()
  await page.getByRole('checkbox', { name: 'get_time' }).check()
  await playground.show('Chat')
  await playground.send('The weather and the time in Oslo?')
  await playground.until('complete')
  await playground.begin(() => playground.button('Send the results').click())
  await playground.until('complete')
  expect(await text()).toContain('The tools gave')
  expect(requests).toEqual(['POST /chat', 'POST /chat'])
})

test('by keyboard alone', async () => {
  const { page } = playground
  await page.locator('#connection').focus()
  await page.keyboard.type('Rel')
  await expect.poll(() => page.inputValue('#connection')).toBe('relay')
  // The list comes by itself, and does not take the keyboard away.
  await page.getByRole('combobox', { name: 'Models of Relay' }).waitFor()
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('connection')
  await playground.prompt.focus()
  await page.keyboard.type('Hello')
  await playground.begin(() => page.keyboard.press('Enter'))
  await playground.until('complete')
  expect(await text()).toContain('“Hello”')
})

describe.each([
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
])('looks: $width × $height', (viewport) => {
  test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    await playground.close()
    await open({ viewport, colorScheme })
    const { page } = playground
    const look = async (state: string): Promise<void> => {
      expect(await axe(page), state).toEqual([])
      const path = `${folder}/${state}-${viewport.width}-${colorScheme}.png`
      if (folder !== undefined) await page.screenshot({ path })
    }
    await choose({ script: 'prose', pace: 'steady' })
    await look('relay-empty')
    await playground.show('Settings')
    await look('relay-settings')
    await playground.show('Chat')
    await playground.send('Tell me the story of the squirrel.')
    await hasBegun()
    await page.reload()
    await playground.prompt.waitFor()
    await hasBegun()
    await look('relay-resumed')
    // Offline until it gives up: the tries are waited for in the page's own time.
    await page.clock.install()
    await playground.opened.context.setOffline(true)
    dev.cut()
    await page.locator('.reply .waiting').waitFor()
    await look('relay-lost')
    while ((await page.locator('article[data-state=failed]').count()) === 0) {
      await page.clock.runFor(2000)
    }
    await look('relay-failed')
    await playground.opened.context.setOffline(false)
    await playground.button('Continue').click()
    await playground.until('complete')
    await look('relay-complete')
    await playground.show('Chain')
    await look('relay-chain')
  })
})

test('the static build has none, and says so', async () => {
  const server = await servePlayground()
  const built = await Playground.open(browser, server)
  await built.show('Settings')
  await built.page.selectOption('#connection', 'relay')
  await built.prompt.fill('Hello')
  await built.prompt.press('Enter')
  const hint = built.page.locator('#prompt-hint')
  await expect.poll(() => hint.textContent()).toMatch(/^Enter the base URL of a relay: this page/)
  expect(await axe(built.page)).toEqual([])
  expect(built.problems).toEqual([])
  await built.close()
  await server.close()
})
