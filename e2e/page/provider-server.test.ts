import { afterEach, expect, test } from 'vitest'
import { createGateway, user } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { openrouter } from 'ratatoskr/openrouter'
import type { CorsRules, CorsRulesName } from './cors-rules.ts'
import { startProvider, type ProviderServer } from './provider-server.ts'

const page = 'https://page.example'
const servers: ProviderServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function provider(
  rules: CorsRulesName | CorsRules,
  setup?: Parameters<typeof startProvider>[1],
): Promise<ProviderServer> {
  const server = await startProvider(rules, setup)
  servers.push(server)
  return server
}

function ask(
  { baseURL }: ProviderServer,
  headers: { [name: string]: string } = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${baseURL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model: 'vendor/model',
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
    }),
    ...(signal && { signal }),
  })
}

function preflight(
  { baseURL }: ProviderServer,
  headers: string,
  origin: string = page,
): Promise<Response> {
  return fetch(`${baseURL}/chat/completions`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      ...(headers && { 'access-control-request-headers': headers }),
    },
  })
}

function corsHeaders({ headers }: Response): { [name: string]: string } {
  return Object.fromEntries([...headers].filter(([name]) => name.startsWith('access-control-')))
}

test('Answers our gateway as the simulator does, and records what came', async () => {
  const server = await provider('openrouter', { script: [{ text: 'Hello!' }] })
  const { baseURL } = server
  const gateway = createGateway({ providers: [openrouter({ apiKey: 'key', baseURL })] })
  const { content } = await gateway.chat([user('Hi')], { model: 'vendor/model' })
  expect(content).toBe('Hello!')
  const exchange = await server.received()
  expect(await exchange.ended).toBe('finished')
  expect(exchange).toMatchObject({
    method: 'POST',
    path: '/api/v1/chat/completions',
    origin: undefined,
    headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
    body: { model: 'vendor/model', messages: [{ role: 'user', content: 'Hi' }] },
    status: 200,
    closed: 'finished',
  })
  expect(exchange.bytesWritten).toBeGreaterThan(100)
  expect(server.violations).toEqual([])
})

test('Speaks Messages too', async () => {
  const server = await provider('anthropic', { script: [{ text: 'Hello!' }] })
  const { baseURL } = server
  const gateway = createGateway({ providers: [anthropic({ apiKey: 'key', baseURL })] })
  const { content } = await gateway.chat([user('Hi')], { model: 'claude-x', maxTokens: 9 })
  expect(content).toBe('Hello!')
  expect((await server.received()).path).toBe('/v1/messages')
})

test('Takes another set-up between requests, also one by request', async () => {
  const server = await provider('openai', { script: [{ text: 'one' }] })
  expect(await (await ask(server)).text()).toContain('one')
  server.use(({ headers }) => ({ script: [{ text: headers.get('x-title') ?? 'none' }] }))
  expect(await (await ask(server, { 'x-title': 'two' })).text()).toContain('two')
  expect(server.exchanges).toHaveLength(2)
  server.forget()
  expect(server.exchanges).toEqual([])
  server.use({ faults: [{ kind: 'status', status: 429, on: 1 }] })
  expect((await ask(server)).status).toBe(429)
  expect((await server.received()).status).toBe(429)
})

test('Tells a slip in the set-up in its answer', async () => {
  const server = await provider('openai')
  server.use(() => {
    throw new Error('No such set-up.')
  })
  const response = await ask(server, { origin: page })
  expect([response.status, await response.text()]).toEqual([500, 'Error: No such set-up.'])
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
})

test('Sees a client go before the end, and what it was sent', async () => {
  const server = await provider('openai', { script: [{ text: 'first' }, { wait: 600_000 }] })
  const stop = new AbortController()
  const response = await ask(server, {}, stop.signal)
  await response.body?.getReader().read()
  const exchange = await server.received()
  expect(exchange.closed).toBe('open')
  const sent = exchange.bytesWritten
  expect(sent).toBeGreaterThan(0)
  stop.abort()
  expect(await exchange.ended).toBe('disconnected')
  expect([exchange.closed, exchange.bytesWritten]).toEqual(['disconnected', sent])
})

test('Sees a client go that has no answer yet', async () => {
  const server = await provider('openai', { script: () => new Promise(() => {}) })
  const stop = new AbortController()
  const answer = ask(server, {}, stop.signal)
  const exchange = await server.received()
  stop.abort()
  await expect(answer).rejects.toThrow('aborted')
  expect(await exchange.ended).toBe('disconnected')
  expect([exchange.status, exchange.bytesWritten]).toEqual([undefined, 0])
})

test('Does not take its own fault for a client that has gone', async () => {
  const server = await provider('openai', {
    script: [{ text: 'some words to be cut' }],
    faults: [{ kind: 'reset', afterEvents: 2 }],
  })
  const response = await ask(server)
  await expect(response.text()).rejects.toThrow('terminated')
  const exchange = await server.received()
  expect(await exchange.ended).toBe('cut')
})

test('Closes the connections that are still open', async () => {
  const server = await startProvider('openai', { script: [{ text: 'first' }, { wait: 600_000 }] })
  const response = await ask(server)
  const body = response.text()
  const exchange = await server.received()
  await server.close()
  await expect(body).rejects.toThrow('terminated')
  expect(await exchange.ended).toBe('cut')
})

test('Gives no CORS headers to what comes from no page', async () => {
  const server = await provider('openai')
  expect(corsHeaders(await ask(server, { 'x-any': 'allowed' }))).toEqual({})
  const options = await fetch(`${server.baseURL}/chat/completions`, { method: 'OPTIONS' })
  expect([options.status, corsHeaders(options)]).toEqual([204, {}])
  expect(corsHeaders(await ask(server, { 'x-any': 'allowed', origin: server.origin }))).toEqual({})
  expect([server.preflights, server.violations]).toEqual([[], []])
})

test('Answers a preflight with the rules, whatever is asked', async () => {
  const server = await provider('openrouter')
  const rules = {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, POST, OPTIONS',
    'access-control-allow-headers': 'authorization, content-type, http-referer, x-title',
    'access-control-max-age': '0',
  }
  const good = await preflight(server, 'authorization,content-type')
  expect([good.status, corsHeaders(good)]).toEqual([204, rules])
  expect(server.violations).toEqual([])
  expect(corsHeaders(await preflight(server, 'authorization, X-Stainless-OS'))).toEqual(rules)
  expect(server.violations).toEqual([
    {
      method: 'OPTIONS',
      path: '/api/v1/chat/completions',
      offences: ['the header x-stainless-os is not allowed'],
    },
  ])
  expect(server.preflights.map(({ headers }) => headers)).toEqual([
    ['authorization', 'content-type'],
    ['authorization', 'x-stainless-os'],
  ])
  expect(server.exchanges).toEqual([])
})

test('Answers what goes beyond the rules, but not so that a page may read it', async () => {
  const server = await provider('openai')
  const good = await ask(server, { origin: page })
  expect(corsHeaders(good)).toEqual({
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'x-request-id',
  })
  const bad = await ask(server, { origin: page, 'x-stainless-os': 'Linux' })
  expect([bad.status, corsHeaders(bad)]).toEqual([200, {}])
  expect(server.violations.map(({ method, offences }) => [method, offences])).toEqual([
    ['POST', ['the header x-stainless-os is not allowed']],
  ])
})

test('Anthropic answers a page only with the header of its own', async () => {
  const server = await provider('anthropic')
  const access = 'anthropic-dangerous-direct-browser-access'
  expect(corsHeaders(await preflight(server, 'x-api-key, anthropic-version'))).toEqual({})
  expect(corsHeaders(await preflight(server, `x-api-key, ${access}`))).toMatchObject({
    'access-control-allow-origin': '*',
  })
  const send = (headers: { [name: string]: string }): Promise<Response> =>
    fetch(`${server.baseURL}/messages`, {
      method: 'POST',
      headers: { origin: page, 'x-api-key': 'key', 'anthropic-version': '2023-06-01', ...headers },
      body: '{}',
    })
  const refused = await send({ 'content-type': 'application/json' })
  expect([refused.status, corsHeaders(refused)]).toEqual([401, {}])
  expect(
    corsHeaders(await send({ 'content-type': 'application/json', [access]: 'false' })),
  ).toEqual({})
  const readable = await send({ 'content-type': 'application/json', [access]: 'true' })
  expect([readable.status, corsHeaders(readable)]).toEqual([
    400,
    { 'access-control-allow-origin': '*', 'access-control-expose-headers': '*' },
  ])
  expect(server.violations.map(({ offences }) => offences)).toEqual([
    [`the header ${access} is missing`],
    [`the header ${access} is missing`],
    [`the header ${access} is not true`],
  ])
})

test('Ollama refuses foreign origins with 403, and takes those of OLLAMA_ORIGINS', async () => {
  const server = await provider('ollama')
  for (const origin of ['http://localhost', 'http://localhost:5173', 'https://127.0.0.1:8443']) {
    const { headers } = await preflight(server, 'content-type', origin)
    expect(headers.get('access-control-allow-origin')).toBe(origin)
  }
  expect(server.violations).toEqual([])
  const foreign = [page, 'http://localhost.example', 'null']
  for (const origin of foreign) {
    const asked = await preflight(server, 'content-type', origin)
    expect([asked.status, corsHeaders(asked)]).toEqual([403, {}])
    const posted = await ask(server, { origin })
    expect([posted.status, corsHeaders(posted), await posted.text()]).toEqual([403, {}, ''])
  }
  expect(server.violations).toHaveLength(2 * foreign.length)
})
