import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { startNodeServer, type Answered, type NodeServer } from '../test/node-server.ts'
import { strangers } from '../test/strangers.ts'
import { answer, keysOf } from './dev-server.ts'

let server: NodeServer
beforeAll(async () => {
  server = await startNodeServer((incoming, outgoing) => {
    if (!answer(incoming, outgoing)) outgoing.writeHead(404).end('the page')
  })
})
afterAll(() => {
  server.close()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

function ask(
  path: string,
  headers?: { readonly [name: string]: string },
  body?: string,
): Promise<Answered> {
  return server.ask(body === undefined ? 'GET' : 'POST', path, headers, body)
}

describe('the keys', () => {
  const own = { host: 'localhost:5173', 'sec-fetch-site': 'same-origin' }

  test('are for a page of this machine’s own server', async () => {
    vi.stubEnv('OPENAI_API_KEY', ' sk-env ')
    vi.stubEnv('OPENROUTER_API_KEY', '')
    vi.stubEnv('ANTHROPIC_API_KEY', undefined)
    for (const host of ['localhost:5173', '127.0.0.1:5173', '[::1]:5173', 'localhost']) {
      const answered = await ask('/keys.json', { ...own, host })
      expect([answered.status, answered.text]).toEqual([
        200,
        '{"openai":"sk-env","openai-responses":"sk-env"}',
      ])
      expect(answered.headers['cache-control']).toBe('no-store')
      expect(answered.headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  test.each(strangers)('are not for %s', async (_, headers) => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-env')
    const answered = await ask('/keys.json', { ...own, ...headers })
    expect([answered.status, answered.text]).toEqual([403, '{}'])
  })

  test('are not for what is no browser', async () => {
    vi.stubEnv('OPENAI_API_KEY', 'sk-env')
    expect((await ask('/keys.json')).text).toBe('{}')
  })

  test('are those that stand in the environment', () => {
    expect(
      keysOf({ OPENROUTER_API_KEY: 'a', OPENAI_API_KEY: ' ', ANTHROPIC_API_KEY: 'c', HOME: '/' }),
    ).toEqual({ openrouter: 'a', anthropic: 'c' })
  })
})

test.each([
  ['/simulated/prose/instant/none/v1/chat/completions', '[DONE]'],
  ['/simulated/prose/instant/none/v1/messages', 'message_stop'],
])('the simulated provider is at %s', async (path, end) => {
  const messages = [{ role: 'user', content: 'Hello' }]
  const body = JSON.stringify({ model: 'any', stream: true, max_tokens: 100, messages })
  const answered = await ask(
    path,
    { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body,
  )
  expect(answered.status).toBe(200)
  expect(answered.headers['content-type']).toContain('text/event-stream')
  expect(answered.text).toContain(end)
})

test('the relay is below its path', async () => {
  const { status, text } = await ask('/relay/v1/models', { host: 'localhost:5173' })
  expect([status, text]).toEqual([200, expect.stringContaining('simulated:squirrel-1')])
})

test('what is not its own is left to the page', async () => {
  expect((await ask('/index.html')).text).toBe('the page')
  expect((await ask('/keys.json.bak')).text).toBe('the page')
  expect((await ask('/relayed.html')).text).toBe('the page')
})
