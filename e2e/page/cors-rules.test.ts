// Each rule set in a real browser: what it allows streams, what it forbids fails.
import type { Browser, Page } from 'playwright-core'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { foreignHost, launchChromium } from './browser.ts'
import { corsRules, type CorsRulesName } from './cors-rules.ts'
import { openPage } from './open-page.ts'
import { startProvider, type ProviderServer } from './provider-server.ts'
import { serveFolder, type StaticServer } from './static-server.ts'

type Headers = { readonly [name: string]: string }

let browser: Browser
let folder: string
let site: StaticServer
let page: Page
let server: ProviderServer | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ratatoskr-cors-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><link rel="icon" href="data:,">')
  site = await serveFolder(folder)
  browser = await launchChromium()
  page = (await openPage(browser, site.url)).page
})

afterEach(() => server?.close())

afterAll(async () => {
  await browser?.close()
  await site?.close()
  await rm(folder, { recursive: true })
})

async function start(name: CorsRulesName): Promise<ProviderServer> {
  await server?.close()
  server = await startProvider(name, { script: [{ text: 'one two three four' }] })
  return server
}

/** Asks from a page; resolves with the status and the whole text, or with the error. */
function ask(asking: Page, { baseURL }: ProviderServer, headers: Headers): Promise<string> {
  const path = 'anthropic-version' in headers ? '/messages' : '/chat/completions'
  return asking.evaluate(
    async ([url, init]) => {
      try {
        const response = await fetch(url, init)
        const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
        let text = ''
        for (;;) {
          const { done = true, value = '' } = (await reader?.read()) ?? {}
          if (done) return `${response.status} ${text}`
          text += value
        }
      } catch (error) {
        return String(error)
      }
    },
    [baseURL + path, { method: 'POST', headers, body }] as const,
  )
}

const failed = 'TypeError: Failed to fetch'
const body = JSON.stringify({
  model: 'm',
  max_tokens: 99,
  stream: true,
  messages: [{ role: 'user', content: 'Hi' }],
})
const json = { 'content-type': 'application/json' }
const bearer = { ...json, authorization: 'Bearer key' }
const stainless = { 'x-stainless-os': 'Linux' }
const messages = { ...json, 'x-api-key': 'key', 'anthropic-version': '2023-06-01' }
const access = { 'anthropic-dangerous-direct-browser-access': 'true' }

type Row = readonly [name: CorsRulesName, allowed: Headers, forbidden: Headers, offence: string]
const rows: readonly Row[] = [
  [
    'openrouter',
    { ...bearer, 'http-referer': 'https://page.example', 'x-title': 'Page' },
    { ...bearer, ...stainless },
    'the header x-stainless-os is not allowed',
  ],
  [
    'openai',
    { ...bearer, 'openai-organization': 'o', 'openai-project': 'p' },
    { ...bearer, 'x-title': 'Page' },
    'the header x-title is not allowed',
  ],
  [
    'anthropic',
    { ...messages, ...access, 'anthropic-beta': 'b' },
    messages,
    'the header anthropic-dangerous-direct-browser-access is missing',
  ],
  [
    'google',
    { ...json, 'x-goog-api-key': 'key', 'x-goog-api-client': 'page' },
    { ...json, 'x-goog-api-key': 'key', 'api-revision': '2026-05-20' },
    'the header api-revision is not allowed',
  ],
  [
    'unstated',
    bearer,
    { ...bearer, 'x-client-name': 'page' },
    'the header x-client-name is not allowed',
  ],
  ['lm-studio', { ...json, ...stainless }, bearer, 'the header authorization is not allowed'],
  [
    'ollama',
    { ...bearer, ...stainless },
    { ...bearer, 'x-title': 'Page' },
    'the header x-title is not allowed',
  ],
]

describe.each(rows)('%s, from a page', (name, allowed, forbidden, offence) => {
  test('streams with the headers that it allows', async () => {
    const provider = await start(name)
    // Without a key: LM Studio has none.
    provider.use({ script: [{ text: 'one two three four' }], keys: false })
    const said = await ask(page, provider, allowed)
    expect(said).toMatch(/^200 [^]*one[^]*two[^]*four[^]*(\[DONE\]|message_stop)/)
    expect(provider.violations).toEqual([])
    expect(provider.preflights).toHaveLength(1)
    expect(await (await provider.received()).ended).toBe('finished')
  })

  test('fails with a header that it does not', async () => {
    const provider = await start(name)
    expect(await ask(page, provider, forbidden)).toBe(failed)
    expect(provider.violations.flatMap(({ offences }) => offences)).toContain(offence)
  })
})

test('A page may read exactly the headers that are exposed', async () => {
  const readable = ({ baseURL }: ProviderServer): Promise<(string | null)[]> =>
    page.evaluate(async (url) => {
      const { headers } = await fetch(`${url}/models`, { headers: { authorization: 'Bearer k' } })
      return [headers.get('content-type'), headers.get('x-request-id')]
    }, baseURL)
  expect(await readable(await start('openai'))).toEqual(['application/json', 'req_sim_0'])
  expect(await readable(await start('openrouter'))).toEqual(['application/json', null])
})

test('Ollama does not answer a page of another origin, which others do', async () => {
  const foreign = await openPage(browser, site.urlAt(foreignHost))
  const provider = await start('ollama')
  expect(await ask(foreign.page, provider, json)).toBe(failed)
  expect(provider.violations.flatMap(({ offences }) => offences)).toEqual([
    `the origin ${new URL(site.urlAt(foreignHost)).origin} is not allowed`,
  ])
  expect(provider.exchanges).toEqual([])
  expect(await ask(foreign.page, await start('openai'), bearer)).toContain('four')
  await foreign.close()
})

test('A server without CORS is not answered to any page', async () => {
  const provider = await start('no-cors')
  expect(await ask(page, provider, json)).toBe(failed)
  // Without a header that needs leave, the request is sent, and its answer not given to the page.
  expect(await ask(page, provider, {})).toBe(failed)
  expect(provider.exchanges).toHaveLength(1)
})

test('A page that stops closes the connection', async () => {
  const provider = await start('openrouter')
  provider.use({ script: [{ text: 'first' }, { wait: 600_000 }] })
  await page.evaluate(
    async ([url, init]) => {
      const stop = new AbortController()
      const response = await fetch(url, { ...init, signal: stop.signal })
      await response.body?.getReader().read()
      stop.abort()
    },
    [`${provider.baseURL}/chat/completions`, { method: 'POST', headers: bearer, body }] as const,
  )
  expect(await (await provider.received()).ended).toBe('disconnected')
})

test('Each rule set was tried', () => {
  expect([...rows.map(([name]) => name), 'no-cors'].sort()).toEqual(Object.keys(corsRules).sort())
})
