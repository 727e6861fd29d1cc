// Providers called directly from the page, behind the CORS rules that they have.
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { launchChromium } from './browser.ts'
import { corsRules, type CorsRulesName } from './cors-rules.ts'
import { Playground, servePlayground } from './playground.ts'
import { startProvider, type ProviderServer } from './provider-server.ts'
import type { StaticServer } from './static-server.ts'

const key = 'sk-very-secret-0123456789'
/** Where the key goes, if not into `authorization`. */
const keyHeaders: { readonly [connection: string]: string } = {
  anthropic: 'x-api-key',
  google: 'x-goog-api-key',
}
/** What stands at the end of the address, if not what the rules say. */
const paths: { readonly [connection: string]: string } = {
  bedrock: '',
  cohere: '/v2',
  'ollama-native': '',
}
let browser: Browser
let server: StaticServer
let provider: ProviderServer | undefined
beforeAll(async () => {
  browser = await launchChromium()
  server = await servePlayground()
})
afterEach(() => provider?.close())
afterAll(async () => {
  await browser?.close()
  await server?.close()
})

async function start(rules: CorsRulesName): Promise<ProviderServer> {
  provider = await startProvider(rules, {
    script: [{ reasoning: 'Hm.' }, { text: `Your key is ${key}, is it not?` }],
    keys: false,
  })
  return provider
}

/** Everything that the page has stored anywhere. */
function storedIn({ page }: Playground): Promise<string> {
  return page.evaluate(() =>
    JSON.stringify([
      Object.entries(localStorage),
      Object.entries(sessionStorage),
      document.cookie,
      location.href,
    ]),
  )
}

test.each([
  ['openrouter', 'openrouter', true],
  ['openai', 'openai', true],
  ['anthropic', 'anthropic', true],
  ['lm-studio', 'lmstudio', false],
  ['ollama', 'ollama', false],
  ['openai', 'openai-responses', true],
  ['google', 'google', true],
  ['unstated', 'mistral', true],
  ['unstated', 'cohere', true],
  ['unstated', 'bedrock', true],
  ['ollama', 'ollama-native', false],
  ['openai', 'custom', true],
  ['lm-studio', 'custom', false],
] as const)('by the rules of %s, as %s', async (rules, connection, hasKey) => {
  const { origin, ...seen } = await start(rules)
  const playground = await Playground.open(browser, server)
  const { page } = playground
  await playground.connect(connection, {
    baseURL: origin + (paths[connection] ?? corsRules[rules].basePath),
    model: 'squirrel-1',
    ...(hasKey && { key }),
  })
  await page.fill('#system', 'Be brief.')
  await page.fill('#max-tokens', '200')
  await playground.send('What is my key?')
  await playground.until('complete')
  expect(await playground.reply.locator('.markdown').textContent()).toContain('is it not?')
  expect(seen.violations).toEqual([])
  expect(seen.exchanges.map(({ status }) => status)).toEqual([200])
  const asked = await (provider?.received() ?? Promise.reject(new Error('no provider')))
  expect(asked.path).not.toContain('sk-')
  if (connection === 'google') expect(asked.path).toContain('/squirrel-1:streamGenerateContent')
  else if (connection === 'bedrock') expect(asked.path).toBe('/model/squirrel-1/converse-stream')
  else expect(asked.body).toMatchObject({ model: 'squirrel-1', stream: true })
  const held = Object.entries(asked.headers).filter(([, value]) => value.includes(key))
  const { [connection]: name = 'authorization' } = keyHeaders
  expect(held).toEqual(hasKey ? [[name, name === 'authorization' ? `Bearer ${key}` : key]] : [])

  // The key is in the field, and in what the model said; nowhere else.
  expect(await storedIn(playground)).not.toContain(key)
  await playground.pane('Bytes').focus()
  await page.keyboard.press('Home')
  const detail = page.getByRole('region', { name: /^Bytes: POST/ })
  await detail.waitFor()
  const sent = (await detail.textContent()) ?? ''
  expect(sent).toContain('Be brief.')
  expect(sent).not.toContain(key)
  if (hasKey) expect(sent).toContain('(hidden)')
  const download = page.waitForEvent('download')
  await playground.button('Save as tape').click()
  const stream = await (await download).createReadStream()
  const pieces: Buffer[] = []
  for await (const piece of stream) if (Buffer.isBuffer(piece)) pieces.push(piece)
  const tape = Buffer.concat(pieces).toString()
  expect(tape).toContain('"tape"')
  if (hasKey) expect(tape).not.toContain(key)
  // After the last event the rest of the connection is given up, where there is any yet.
  expect(playground.problems.filter((line) => !line.endsWith('net::ERR_ABORTED'))).toEqual([])
  await playground.close()
})

test.each([
  ['openrouter', 'openrouter', true],
  ['openai', 'openai', true],
  ['openai', 'openai-responses', true],
  ['anthropic', 'anthropic', true],
  ['google', 'google', true],
  ['unstated', 'mistral', true],
  ['unstated', 'cohere', true],
  ['lm-studio', 'lmstudio', false],
  ['ollama', 'ollama', false],
  ['ollama', 'ollama-native', false],
] as const)('models are listed by the rules of %s, as %s', async (rules, connection, hasKey) => {
  const { origin, violations } = await start(rules)
  const playground = await Playground.open(browser, server)
  const { page } = playground
  await playground.connect(connection, {
    baseURL: origin + (paths[connection] ?? corsRules[rules].basePath),
    model: '',
    ...(hasKey && { key }),
  })
  await playground.button('List the models').click()
  const models = page.getByRole('combobox', { name: /^Models of / })
  await models.waitFor()
  expect(await models.evaluate((element) => element === document.activeElement)).toBe(true)
  const [first = ''] = await models.locator('option[value]:not([value=""])').allTextContents()
  await models.selectOption(first.trim())
  await expect.poll(() => page.inputValue('#model')).toBe(first.trim())
  expect(first.trim()).not.toBe('')
  expect(violations).toEqual([])
  await playground.close()
})

test('models that cannot be listed', async () => {
  const { baseURL } = await start('no-cors')
  const playground = await Playground.open(browser, server)
  await playground.connect('openai', { baseURL })
  const problem = playground.page.locator('.settings .problem')
  await playground.button('List the models').click()
  await expect.poll(() => problem.textContent()).toBe('Enter a key for OpenAI.')
  await playground.connect('lmstudio', { baseURL })
  await playground.button('List the models').click()
  await expect.poll(() => problem.textContent()).toMatch(/^No connection\. .*“Enable CORS”/)
  await playground.close()
})

test('a key is kept for the tab where that is asked for, and only there', async () => {
  const { baseURL } = await start('openai')
  const playground = await Playground.open(browser, server)
  const { page } = playground
  await playground.connect('openai', { baseURL, key })
  await page.getByRole('checkbox', { name: 'Keep keys until this tab is closed' }).check()
  await page.reload()
  await playground.prompt.waitFor()
  await page.selectOption('#connection', 'openai')
  expect(await page.inputValue('#key')).toBe(key)
  await page.getByRole('checkbox', { name: 'Keep keys until this tab is closed' }).uncheck()
  expect(await storedIn(playground)).not.toContain(key)
  await page.reload()
  await playground.prompt.waitFor()
  await page.selectOption('#connection', 'openai')
  expect(await page.inputValue('#key')).toBe('')
  await playground.close()
})

test('a server that allows no pages is told apart from a wrong key', async () => {
  const { baseURL } = await start('no-cors')
  const playground = await Playground.open(browser, server)
  await playground.connect('lmstudio', { baseURL, model: 'any' })
  await playground.send('Hello')
  await playground.until('failed')
  const error = playground.reply.locator('.error')
  expect(await error.locator('h4').textContent()).toBe('No connection')
  expect(await error.textContent()).toContain('“Enable CORS”')
  await playground.close()
})

test('a key that the provider refuses', async () => {
  const refusing = await start('anthropic')
  const { baseURL } = refusing
  refusing.use({ faults: [{ kind: 'status', status: 401 }] })
  const playground = await Playground.open(browser, server)
  await playground.connect('anthropic', { baseURL, key })
  await playground.send('Hello')
  await playground.until('failed')
  const error = playground.reply.locator('.error')
  expect(await error.locator('h4').textContent()).toBe('The key was not accepted')
  expect(await error.textContent()).not.toContain(key)
  await playground.close()
})
