import { createGateway, user } from 'ratatoskr'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { simulatorFetch } from '@ratatoskr/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startNodeServer, type Answered, type NodeServer } from '../test/node-server.ts'
import { strangers } from '../test/strangers.ts'
import { createDevRelay, relayPath } from './dev-relay.ts'

// Not of a kind that is known for a key.
const key = 'acorn-under-the-third-root'
const keys = new Map([
  ['openai', key],
  ['openai-responses', key],
])
const page = { host: 'localhost:5173', 'sec-fetch-site': 'same-origin' }
const id = '0123456789abcdef0123456789abcdef'

let answer: ReturnType<typeof createDevRelay>
let server: NodeServer
/** What the providers were asked. */
let asked: { url: string; key: string | null }[]

beforeAll(async () => {
  server = await startNodeServer((incoming, outgoing) => answer(incoming, outgoing))
})
beforeEach(() => {
  asked = []
  // The page's own requests to the relay go by node:http; what `fetch` gets is for the providers.
  const simulate = simulatorFetch({ script: [{ text: `Your key is ${key}.` }], keys: false })
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push({ url, key: new Headers(init.headers).get('authorization') })
    return simulate(url, init)
  })
  answer = createDevRelay(keys)
})
afterEach(() => {
  vi.unstubAllGlobals()
})
afterAll(() => {
  server.close()
})

function ask(
  method: string,
  path: string,
  headers: { readonly [name: string]: string } = page,
  body?: unknown,
): Promise<Answered> {
  const sent = body === undefined ? undefined : JSON.stringify(body)
  return server.ask(method, relayPath + path, headers, sent)
}

const chat = (model: string, headers?: { [name: string]: string }): Promise<Answered> =>
  ask('POST', '/chat', headers, { id, messages: [user('Hello')], options: { model } })

describe('who may ask', () => {
  test('a page of its own, for all models', async () => {
    for (const host of ['localhost:5173', '127.0.0.1:5173', '[::1]:5173']) {
      const { status, text } = await ask('GET', '/v1/models', { ...page, host })
      expect([host, status]).toEqual([host, 200])
      expect(text).toContain('"openai:')
    }
  })

  test.each(strangers)('not %s', async (_, headers) => {
    expect((await ask('GET', '/v1/models', { ...page, ...headers })).status).toBe(401)
    expect((await chat('openai:gpt-5', { ...page, ...headers })).status).toBe(401)
    expect(asked).toEqual([])
  })

  test('not a page of another origin, in a browser that tells nothing else', async () => {
    const headers = { host: 'localhost:5173', origin: 'https://evil.example' }
    expect((await chat('simulated:squirrel-1', headers)).status).toBe(403)
  })

  test('other programs of this machine, for the simulated model alone', async () => {
    const program = { host: 'localhost:5173' }
    const { text } = await ask('GET', '/v1/models', program)
    expect(JSON.parse(text)).toMatchObject({ data: [{ id: 'simulated:squirrel-1' }] })
    expect((await chat('openai:gpt-5', program)).status).toBe(404)
    expect(asked.filter(({ url }) => url.includes('/chat/completions'))).toEqual([])
    expect((await chat('simulated:squirrel-1/prose/instant', program)).text).toContain('"done"')
  })
})

test('the models of a key are listed and asked, and the key is in no answer', async () => {
  const listed = await ask('GET', '/v1/models')
  expect(listed.text).toMatch(/"simulated:squirrel-1".*"openai:|"openai:.*"simulated:squirrel-1"/)
  const answered = await chat('openai:gpt-5')
  expect(answered.status).toBe(200)
  expect(answered.text).toContain('"type":"done"')
  const failed = await chat('nobody:any')
  expect(failed.status).toBe(404)
  // Both went to the provider with the key, once each.
  expect(asked.map(({ key: sent }) => sent)).toEqual([`Bearer ${key}`, `Bearer ${key}`])
  for (const { headers } of [listed, answered, failed]) {
    expect(JSON.stringify(headers)).not.toContain(key)
  }
  expect(listed.text + failed.text).not.toContain(key)
})

test('a key that a provider repeats in an error is masked', async () => {
  const error = { error: { message: `The key ${key} has no credit.`, type: 'invalid_request' } }
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(error, { status: 400 })))
  const { status, text } = await chat('openai:gpt-5')
  expect(status).toBe(400)
  expect(text).toContain('has no credit')
  expect(text).not.toContain(key)
})

test.each([
  ['simulated:squirrel-1/reasoning/instant/none/anthropic', 'done'],
  ['simulated:squirrel-1/prose/instant/cut/openai-chat', 'truncated'],
  ['simulated:squirrel-1/prose/instant/none/none-such', 'done'],
])('the simulated model plays what its name says: %s', async (model, end) => {
  const { text } = await chat(model)
  expect(text).toMatch(new RegExp(`"(type|code)":"${end}"`))
  expect(asked).toEqual([])
})

test('clients of OpenAI’s protocol are served, also by fetch of Node', async () => {
  vi.unstubAllGlobals()
  const baseURL = `${server.origin}${relayPath}/v1`
  const gateway = createGateway({ providers: [openaiCompatible({ name: 'relay', baseURL })] })
  const model = 'simulated:squirrel-1/auto/instant'
  expect((await gateway.chat([user('Hello')], { model })).content).toContain('“Hello”')
})
