import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { caught, shown } from '../../test/caught.ts'
import { recordingFetch } from '../../test/recording-fetch.ts'
import { TestServer } from '../../test/server.ts'
import { createGateway } from '../gateway.ts'
import { toolResult, user, type Message } from '../message.ts'
import { anthropic } from './anthropic.ts'
import type { ProviderOptions } from './api-provider.ts'
import { openai } from './openai.ts'

const apiKey = 'sk-ant-0123456789'
const model = 'claude-sonnet-5'
const tools = [{ name: 'weather' }]

const server = new TestServer()
beforeEach(() => server.start())
afterEach(() => server.stop())

const gatewayTo = (options: Partial<ProviderOptions> = {}): ReturnType<typeof createGateway> =>
  createGateway({
    providers: [anthropic({ apiKey, baseURL: `${server.url}/v1`, ...options })],
    retry: false,
  })

const delta = (index: number, change: object): object => ({
  type: 'content_block_delta',
  index,
  delta: change,
})
/** A whole reply: signed thinking, text, and a call. */
const reply = [
  {
    type: 'message_start',
    message: { id: 'msg_1', model, content: [], usage: { input_tokens: 3, output_tokens: 1 } },
  },
  {
    type: 'content_block_start',
    index: 0,
    content_block: { type: 'thinking', thinking: '', signature: '' },
  },
  delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
  delta(0, { type: 'signature_delta', signature: 'c2ln' }),
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
  delta(1, { type: 'text_delta', text: 'Let me see.' }),
  { type: 'content_block_stop', index: 1 },
  {
    type: 'content_block_start',
    index: 2,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  },
  { type: 'content_block_stop', index: 2 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
]
const whole = {
  type: 'message',
  id: 'msg_2',
  model,
  content: [{ type: 'text', text: 'Rain.' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 9, output_tokens: 2 },
}

describe('the request', () => {
  test('goes to the service with its key, and works from a page', async () => {
    const { fetch, calls } = recordingFetch(() => Response.json(whole))
    const gateway = createGateway({ providers: [anthropic({ apiKey, fetch })] })
    await gateway.chat([user('Hello')], { model })
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({ url: 'https://api.anthropic.com/v1/messages', method: 'POST' })
    expect(calls[0]?.headers).toStrictEqual({
      'content-type': 'application/json',
      'x-api-key': apiKey,
      'anthropic-version': '2023-06-01',
      'anthropic-dangerous-direct-browser-access': 'true',
    })
    expect(calls[0]?.body).toMatchObject({ model, stream: true, max_tokens: 32_000 })
  })

  test('headers of one’s own are added, and win however they are spelt', async () => {
    const { fetch, calls } = recordingFetch(() => Response.json(whole))
    const headers = {
      'anthropic-beta': 'context-management-2025-06-27',
      'Anthropic-Version': '2099-01-01',
      'X-Api-Key': 'another',
      authorization: 'Bearer token',
    }
    const gateway = createGateway({ providers: [anthropic({ apiKey, fetch, headers })] })
    await gateway.chat([user('Hello')], { model })
    expect(calls[0]?.headers).toMatchObject({
      'anthropic-beta': 'context-management-2025-06-27',
      'anthropic-version': '2099-01-01',
      'x-api-key': 'another',
      authorization: 'Bearer token',
    })
    expect(Object.keys(calls[0]?.headers ?? {})).toHaveLength(6)
  })

  test.each(['', undefined, null])('no key: %j', async (key) => {
    const error = await caught(() => anthropic({ apiKey: key } as ProviderOptions))
    expect(error.code).toBe('configuration')
    expect(error.message).toContain('anthropic')
  })

  test('a key from a function, for each request', async () => {
    const keys = ['one', 'two']
    const { fetch, calls } = recordingFetch(() => Response.json(whole))
    const provider = anthropic({ apiKey: () => Promise.resolve(keys.shift() ?? ''), fetch })
    const gateway = createGateway({ providers: [provider] })
    await gateway.chat([user('Hello')], { model })
    await gateway.chat([user('Hello')], { model })
    expect(calls.map(({ headers }) => headers['x-api-key'])).toEqual(['one', 'two'])
    expect((await caught(gateway.chat([user('Hello')], { model }))).code).toBe('configuration')
  })

  test.each(['', 'api.example', 'ftp://a.example', '/v1'])(
    'an address that is none: %s',
    async (baseURL) => {
      expect((await caught(() => anthropic({ apiKey, baseURL }))).code).toBe('configuration')
    },
  )

  test('models called claude are its own', async () => {
    const { fetch, calls } = recordingFetch(() => Response.json(whole))
    const gateway = createGateway({
      providers: [openai({ apiKey: 'other', fetch }), anthropic({ apiKey, fetch })],
    })
    await gateway.chat([user('Hello')], { model })
    await gateway.chat([user('Hello')], { model: 'anthropic:some-model' })
    expect(calls.map(({ url }) => new URL(url).host)).toEqual([
      'api.anthropic.com',
      'api.anthropic.com',
    ])
    expect(calls[1]?.body['model']).toBe('some-model')
    const provider = anthropic({ apiKey })
    expect(['claude-opus-5', 'claude', 'gpt-5'].map((name) => provider.accepts(name))).toEqual([
      true,
      false,
      false,
    ])
  })

  test('what cannot be honoured is refused before anything is sent', async () => {
    const error = await caught(gatewayTo().chat([user('Hello')], { model, seed: 1 }))
    expect(error).toMatchObject({ code: 'unsupported' })
    expect(error.message).toContain('seed')
    expect(server.exchanges).toHaveLength(0)
  })
})

describe('the reply', () => {
  test('streams, and a loop of tools gives back what was signed', async () => {
    server.script((exchange, index) => {
      if (index === 0) exchange.stream(...reply)
      else exchange.answer(200, whole)
    })
    const gateway = gatewayTo()
    const messages: Message[] = [user('Rain?')]
    const first = await gateway.chat(messages, { model, tools })
    expect(first).toMatchObject({
      content: 'Let me see.',
      reasoning: 'Hm',
      toolCalls: [{ id: 'toolu_1', name: 'weather', arguments: '{}' }],
      finishReason: 'tool_calls',
      usage: { promptTokens: 3, completionTokens: 5, totalTokens: 8 },
      id: 'msg_1',
    })
    messages.push(first.message, toolResult('toolu_1', { rain: true }))
    const stored = JSON.parse(JSON.stringify(messages)) as Message[]
    const second = await gateway.chat(stored, { model, tools })
    expect(second).toMatchObject({ content: 'Rain.', finishReason: 'stop' })
    const [, exchange] = server.exchanges
    expect(exchange?.path).toBe('/v1/messages')
    expect(exchange?.body['messages']).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 'c2ln' },
          { type: 'text', text: 'Let me see.' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }] },
    ])
  })

  test('passes on what has no unified form where it is asked to', async () => {
    server.script((exchange) => exchange.stream(...reply))
    const types: string[] = []
    const stream = await gatewayTo().chatStream([user('a')], {
      model,
      tools,
      includeProviderEvents: true,
    })
    for await (const event of stream) types.push(event.type)
    expect(types).toContain('provider')
  })

  test('the service’s id of the request', async () => {
    server.script((exchange) => {
      exchange
        .start(200, { 'request-id': 'req_1' })
        .send(...reply)
        .end()
    })
    const stream = await gatewayTo().chatStream([user('a')], { model })
    expect(stream.requestId).toBe('req_1')
    await stream.cancel()
  })

  test('an overload before it, and in it', async () => {
    const overloaded = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    server.script((exchange, index) => {
      if (index === 0)
        exchange.answer(529, overloaded, { 'request-id': 'req_1', 'retry-after': '2' })
      else exchange.stream(...reply.slice(0, 7), overloaded)
    })
    const before = await caught(gatewayTo().chat([user('a')], { model }))
    expect(before).toMatchObject({
      code: 'overloaded',
      status: 529,
      requestId: 'req_1',
      retryAfter: 2000,
      retryable: true,
    })
    const during = await caught(gatewayTo().chat([user('a')], { model }))
    expect(during).toMatchObject({ code: 'overloaded', provider: 'anthropic' })
    expect(during.partial).toMatchObject({ content: 'Let me see.', reasoning: 'Hm', toolCalls: [] })
  })

  test('an error tells nothing of the key', async () => {
    server.script((exchange) => {
      const message = `invalid x-api-key: ${exchange.headers['x-api-key'] as string}`
      exchange.answer(401, { type: 'error', error: { type: 'authentication_error', message } })
    })
    const error = await caught(gatewayTo().chat([user('a')], { model }))
    expect(error.code).toBe('authentication')
    expect(shown(error)).not.toContain(apiKey)
  })

  test('cut off before its end', async () => {
    server.script((exchange) => exchange.stream(...reply.slice(0, -1)))
    const error = await caught(gatewayTo().chat([user('a')], { model }))
    expect(error).toMatchObject({ code: 'truncated', retryable: true })
    expect(error.partial?.toolCalls).toHaveLength(1)
  })
})
