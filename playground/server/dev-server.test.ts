import { createServer, request, type IncomingMessage, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { answer, keysOf } from './dev-server.ts'

let server: Server
let port: number
beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    if (!answer(incoming, outgoing)) outgoing.writeHead(404).end('the page')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  port = typeof address === 'object' ? (address?.port ?? 0) : 0
})
afterAll(() => {
  server.close()
})
afterEach(() => {
  vi.unstubAllEnvs()
})

/** Asks with headers of one's own choice, which `fetch` would not send. */
function ask(
  path: string,
  headers: { [name: string]: string } = {},
  body?: string,
): Promise<{ status: number | undefined; headers: IncomingMessage['headers']; text: string }> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const asked = request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => (text += piece))
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, text }),
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
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

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
    ['a name that was rebound to this machine', { host: 'evil.example:5173' }],
    ['a name that begins like it', { host: 'localhost.evil.example' }],
  ])('are not for %s', async (_, headers) => {
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
