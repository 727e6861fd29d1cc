import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { caught } from '../test/caught.ts'
import { closedPort, content, finish, TestServer, type Exchange } from '../test/server.ts'
import type { ChatStream } from './chat-stream.ts'
import type { ErrorCode } from './errors.ts'
import { isRatatoskrError, RatatoskrError } from './errors.ts'
import type { ChatEvent } from './event.ts'
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
import { toolResult, user } from './message.ts'
import type { ChatOptions } from './options.ts'
import type { ChatEventSource, OpenContext, Provider } from './provider.ts'
import { azureOpenAI, openaiCompatible } from './providers/openai-compatible.ts'

const server = new TestServer()
beforeEach(() => server.start())
afterEach(() => server.stop())

const hello = [user('Hello')]
const usage = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }
const reason = new Error('The user pressed Stop')

function host(name = 'mine', path = ''): Provider {
  return openaiCompatible({ name, baseURL: server.url + path, apiKey: 'sk-0123456789' })
}

/** A gateway whose retries do not wait. */
function gatewayOf(options: Partial<GatewayOptions> = {}): Gateway {
  return createGateway({ providers: [host()], retry: { minDelay: 1, maxDelay: 1 }, ...options })
}

function ask(options: Partial<ChatOptions> = {}, gateway = gatewayOf()): Promise<ChatStream> {
  return gateway.chatStream(hello, { model: 'm', ...options })
}

async function eventsOf(stream: ChatStream): Promise<ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

/** The events until a stream fails, and its error. */
async function failureOf(
  stream: ChatStream,
): Promise<{ events: ChatEvent[]; error: RatatoskrError }> {
  const events: ChatEvent[] = []
  try {
    for await (const event of stream) events.push(event)
  } catch (error) {
    if (isRatatoskrError(error)) return { events, error }
    throw error
  }
  throw new Error('The stream did not fail')
}

const text = (value: string): ChatEvent => ({ type: 'content', text: value })
const done: ChatEvent = { type: 'done', finishReason: 'stop', rawFinishReason: 'stop' }

describe('a reply', () => {
  const call = (id: string | undefined, name: string | undefined, args: string): unknown => ({
    choices: [{ delta: { tool_calls: [{ index: 0, id, function: { name, arguments: args } }] } }],
  })

  test('comes as events', async () => {
    server.script((exchange) => {
      exchange.stream(
        { id: 'gen-1', model: 'm-2', choices: [{ delta: { reasoning: 'Hm.' } }] },
        content('It is '),
        content('4 °C.'),
        call('call_1', 'weather', '{"city":'),
        call(undefined, undefined, '"Oslo"}'),
        finish('tool_calls'),
        usage,
        '[DONE]',
      )
    })
    expect(await eventsOf(await ask())).toEqual([
      { type: 'reasoning', text: 'Hm.' },
      text('It is '),
      text('4 °C.'),
      { type: 'tool_call_start', index: 0, id: 'call_1', name: 'weather' },
      { type: 'tool_call_delta', index: 0, arguments: '{"city":' },
      { type: 'tool_call_delta', index: 0, arguments: '"Oslo"}' },
      { type: 'tool_call_end', index: 0 },
      { type: 'usage', usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 } },
      {
        type: 'done',
        finishReason: 'tool_calls',
        rawFinishReason: 'tool_calls',
        model: 'm-2',
        id: 'gen-1',
      },
    ])
  })

  test('comes whole from chat(), ready for the history', async () => {
    server.script((exchange) => {
      exchange.stream(
        content('Let me see.'),
        call('call_1', 'weather', '{}'),
        finish('stop'),
        usage,
        '[DONE]',
      )
    })
    const response = await gatewayOf().chat(hello, { model: 'm' })
    const toolCalls = [{ id: 'call_1', name: 'weather', arguments: '{}' }]
    expect(response).toEqual({
      content: 'Let me see.',
      toolCalls,
      usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 },
      finishReason: 'tool_calls',
      rawFinishReason: 'stop',
      message: { role: 'assistant', content: 'Let me see.', toolCalls },
    })

    await gatewayOf().chat([...hello, response.message, toolResult('call_1', 4)], { model: 'm' })
    expect(server.exchanges[1]?.body['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ id: 'call_1' }] },
      { role: 'tool', tool_call_id: 'call_1', content: '4' },
    ])
  })

  test('resolves with its first event, while the rest is still to come', async () => {
    server.script((exchange) => {
      exchange.start().send(content('first'))
    })
    const stream = await ask()
    const exchange = await server.exchange()
    exchange.send(content(' second'), finish(), '[DONE]')
    expect(await stream.text()).toBe('first second')
  })

  test('ends at its last event, and the connection with it, though the server goes on', async () => {
    server.script((exchange) => {
      exchange.start().send(content('Hi'), finish(), '[DONE]', content('never'))
    })
    expect(await eventsOf(await ask())).toEqual([text('Hi'), done])
    const exchange = await server.exchange()
    await exchange.closed
    expect(exchange.abandoned).toBe(true)
  })

  test('tells the id of the request and the headers', async () => {
    server.script((exchange) => {
      exchange
        .start(200, { 'x-request-id': 'req-7', 'x-a': 'b' })
        .send(content('Hi'), '[DONE]')
        .end()
    })
    const stream = await ask()
    expect(stream.requestId).toBe('req-7')
    expect(stream.headers?.get('x-a')).toBe('b')
    await stream.response()
  })

  test('has no id where the provider gives none', async () => {
    server.script((exchange) => {
      exchange.stream(content('Hi'), '[DONE]')
    })
    const stream = await ask()
    expect(stream.requestId).toBeUndefined()
    await stream.response()
  })

  test.each(['x-request-id', 'request-id', 'x-generation-id'])(
    'knows the id of the request by %s, in errors too',
    async (header) => {
      server.script((exchange, index) => {
        if (index === 0)
          exchange
            .start(200, { [header]: 'req-7' })
            .send(content('Hi'))
            .end()
        else exchange.answer(400, {}, { [header]: 'req-8' })
      })
      const stream = await ask()
      expect(stream.requestId).toBe('req-7')
      const { error } = await failureOf(stream)
      expect(error).toMatchObject({ code: 'truncated', requestId: 'req-7' })
      expect(await caught(ask())).toMatchObject({ requestId: 'req-8' })
    },
  )

  test.each([
    ['an error as the first event', 'text/event-stream', 'data: {"error":{"message":"x"}}\n\n'],
    ['a stream without events', 'text/event-stream', ': hello\n\n'],
    ['an event that is no JSON', 'text/event-stream', 'data: hello\n\n'],
    ['an error with status 200', 'application/json', '{"error":{"message":"x"}}'],
    ['a page', 'text/html', '<p>'],
  ])('knows the id of the request in %s', async (_name, type, body) => {
    server.script((exchange) => {
      exchange.answer(200, body, { 'content-type': type, 'x-request-id': 'req-9' })
    })
    const error = await caught(ask({}, gatewayOf({ retry: false })))
    expect(error).toMatchObject({ requestId: 'req-9', provider: 'mine' })
  })

  test('gives calls without an id one that is its own', async () => {
    server.script((exchange) => {
      exchange.stream(call(undefined, 'now', '{}'), finish('tool_calls'), '[DONE]')
    })
    const ids = await Promise.all(
      [0, 1].map(async () => (await gatewayOf().chat(hello, { model: 'm' })).toolCalls[0]?.id),
    )
    expect(ids[0]).toMatch(/^call_\w+_0$/)
    expect(ids[0]).not.toBe(ids[1])
  })
})

describe('an answer that is no stream', () => {
  test('but one whole completion is a reply', async () => {
    server.script((exchange) => {
      exchange.answer(200, {
        id: 'gen-1',
        model: 'm-2',
        choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
        usage: usage.usage,
      })
    })
    expect(await eventsOf(await ask())).toEqual([
      text('Hi'),
      { type: 'usage', usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 } },
      { ...done, id: 'gen-1', model: 'm-2' },
    ])
  })

  test.each([
    'text/plain',
    'text/plain; charset=utf-8',
    'application/octet-stream',
    'application/x-ndjson',
  ])('by its type %s, but is one, is a reply', async (type) => {
    server.script((exchange) => {
      exchange.start(200, { 'content-type': type }).send(content('Hi'), finish(), '[DONE]').end()
    })
    expect(await (await ask()).text()).toBe('Hi')
  })

  test('but a page is an error with its beginning', async () => {
    server.script((exchange) => {
      exchange.answer(200, `<!doctype html><title>Welcome</title>${'x'.repeat(1_000_000)}`, {
        'content-type': 'text/html; charset=utf-8',
        'x-request-id': 'req-1',
      })
    })
    const error = await caught(ask())
    expect(error).toMatchObject({
      code: 'protocol',
      provider: 'mine',
      status: 200,
      requestId: 'req-1',
      retryable: false,
    })
    expect(error.message).toContain('text/html')
    expect(error.message).toContain('baseURL')
    expect(error.body).toMatch(/^<!doctype html><title>Welcome/)
    expect(error.body?.length).toBeLessThanOrEqual(16_384)
    expect(server.exchanges).toHaveLength(1)
    await server.exchanges[0]?.closed
  })

  test.each(['image/png', 'application/xml', 'video/mp4'])('but %s is an error', async (type) => {
    server.script((exchange) => {
      exchange.answer(200, 'whatever', { 'content-type': type })
    })
    const error = await caught(ask())
    expect(error).toMatchObject({ code: 'protocol', status: 200, body: 'whatever' })
    expect(error.message).toContain(type)
  })

  test('but a JSON error with status 200 is that error', async () => {
    server.script((exchange) => {
      exchange.answer(200, { error: { message: 'No such model', code: 'model_not_found' } })
    })
    expect(await caught(ask())).toMatchObject({
      code: 'model_not_found',
      provider: 'mine',
      providerMessage: 'No such model',
      retryable: false,
    })
  })

  test('but a JSON error that names a status is worth what the status is', async () => {
    server.script((exchange, index) => {
      if (index === 0) exchange.answer(200, { error: { message: 'Slow down', code: 429 } })
      else exchange.stream(content('Hi'), '[DONE]')
    })
    expect(await (await ask()).text()).toBe('Hi')
    expect(server.exchanges).toHaveLength(2)
  })

  test('but a JSON error in a body that is said to be a stream is that error', async () => {
    server.script((exchange) => {
      exchange.start().write('{"error":{"message":"Bad key","code":"invalid_api_key"}}').end()
    })
    expect(await caught(ask())).toMatchObject({
      code: 'authentication',
      providerMessage: 'Bad key',
    })
  })

  test('but nothing, with status 204, is an error', async () => {
    server.script((exchange) => {
      exchange.answer(204, '')
    })
    const error = await caught(ask())
    expect(error).toMatchObject({ code: 'protocol', status: 204, provider: 'mine' })
    expect(error.message).toContain('baseURL')
  })

  test('but JSON of another kind is an error with its body', async () => {
    server.script((exchange) => {
      exchange.answer(200, { hello: 'world' })
    })
    const error = await caught(ask())
    expect(error).toMatchObject({ code: 'protocol', retryable: false, body: '{"hello":"world"}' })
    expect(server.exchanges).toHaveLength(1)
  })

  test('but a text under a stream’s type is an error with its body', async () => {
    server.script((exchange) => {
      exchange.start().write('upstream connect error\n').end()
    })
    const error = await caught(ask({}, gatewayOf({ retry: false })))
    expect(error.code).toMatch(/^(truncated|protocol)$/)
    expect(error.body).toContain('upstream connect error')
  })
})

describe('a failure by its status', () => {
  const cases: [status: number, body: unknown, code: ErrorCode, retried: boolean][] = [
    [400, { error: { message: 'Bad temperature' } }, 'invalid_request', false],
    [400, { error: { message: 'x', code: 'context_length_exceeded' } }, 'context_length', false],
    [400, { error: { message: 'Incorrect API key provided' } }, 'authentication', false],
    [401, { error: { message: 'Who are you?' } }, 'authentication', false],
    [402, { error: { message: 'Pay first' } }, 'permission', false],
    [403, 'Forbidden', 'permission', false],
    [404, { error: { message: 'The model m does not exist' } }, 'model_not_found', false],
    [404, 'no Route matched with those values', 'configuration', false],
    [405, '', 'configuration', false],
    [408, '', 'timeout', true],
    [409, {}, 'api', true],
    [413, 'Payload too large', 'invalid_request', false],
    [422, { detail: 'x' }, 'invalid_request', false],
    [429, { error: { message: 'Slow down' } }, 'rate_limited', true],
    [429, { error: { message: 'x', code: 'insufficient_quota' } }, 'rate_limited', false],
    [500, { error: { message: 'Oops' } }, 'api', true],
    [500, { error: { message: 'Cannot use tools with stream' } }, 'invalid_request', false],
    [502, '<html>Bad gateway</html>', 'api', true],
    [503, '', 'overloaded', true],
    [503, { error: { message: 'The authentication service is down' } }, 'overloaded', true],
    [500, { error: { message: 'Lost the permission cache' } }, 'api', true],
    [504, '', 'api', true],
    [529, { type: 'error', error: { type: 'overloaded_error' } }, 'overloaded', true],
  ]

  test.each(cases)('%i %j is %s, tried again: %s', async (status, body, code, retried) => {
    server.script((exchange) => {
      exchange.answer(status, body, { 'x-request-id': 'req-1' })
    })
    const error = await caught(ask())
    expect(error).toMatchObject({ code, status, provider: 'mine', requestId: 'req-1' })
    expect(error.retryable).toBe(retried)
    expect(server.exchanges).toHaveLength(retried ? 3 : 1)
    expect(error.message).toContain('mine')
    expect(error.message).toContain(String(status))
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    expect(error.body ?? '').toBe(sent)
    const said = /"message":"(.*?)"/.exec(sent)?.[1]
    if (said !== undefined) expect(error.providerMessage).toBe(said)
    // What the provider says may quote the request.
    if (said !== undefined && said.length > 3) expect(error.message).not.toContain(said)
  })

  test('keeps only the beginning of a large body, and does not wait for its end', async () => {
    server.script((exchange) => {
      exchange.start(400, { 'content-type': 'text/plain' }).write('x'.repeat(1_000_000))
    })
    const error = await caught(ask())
    // Less what may be a part of the key, cut in two.
    expect(error.body?.length).toBeLessThanOrEqual(16_384)
    expect(error.body?.length).toBeGreaterThan(16_000)
    expect(error.providerMessage?.length).toBeLessThanOrEqual(4096)
    await server.exchanges[0]?.closed
  })

  test('is told with what had come of its body, where that breaks off', async () => {
    server.script(async (exchange) => {
      exchange.start(400).write('half a sen')
      await new Promise((resolve) => setTimeout(resolve, 50))
      exchange.reset()
    })
    expect(await caught(ask())).toMatchObject({ code: 'invalid_request', body: 'half a sen' })
  })

  test('whose body falls silent is told, too', async () => {
    server.script((exchange) => {
      exchange.start(400).write('half a sen')
    })
    const timeouts = { idle: 50, headers: 60_000, firstEvent: 1000 }
    const error = await caught(ask({}, gatewayOf({ retry: false, timeouts })))
    expect(error).toMatchObject({ status: 400, body: 'half a sen' })
  })
})

describe('trying again', () => {
  test('is silent, and ends with a reply', async () => {
    server.script((exchange, index) => {
      if (index < 2) exchange.answer(503, '')
      else exchange.stream(content('Hi'), finish(), '[DONE]')
    })
    expect(await eventsOf(await ask())).toEqual([text('Hi'), done])
    expect(server.exchanges).toHaveLength(3)
    expect(server.exchanges[2]?.text).toBe(server.exchanges[0]?.text)
  })

  test.each([
    ['retry-after', '0'],
    ['retry-after', new Date(0).toUTCString()],
    ['retry-after-ms', '1'],
  ])('happens as soon as %s: %s says, whatever the usual wait', async (header, value) => {
    server.script((exchange, index) => {
      if (index === 0) exchange.answer(429, '', { [header]: value })
      else exchange.stream(content('Hi'), '[DONE]')
    })
    const gateway = gatewayOf({ retry: { minDelay: 1_000_000, maxDelay: 1_000_000 } })
    expect(await (await ask({}, gateway)).text()).toBe('Hi')
  })

  test.each([
    ['retry-after', '61', 61_000],
    ['retry-after-ms', '60001', 60_001],
  ])('does not happen where %s: %s asks for too long a wait', async (header, value, retryAfter) => {
    server.script((exchange) => {
      exchange.answer(429, '', { [header]: value })
    })
    expect(await caught(ask())).toMatchObject({ code: 'rate_limited', retryAfter, retryable: true })
    expect(server.exchanges).toHaveLength(1)
  })

  test('does not happen with retry: false, which tells how long to wait', async () => {
    server.script((exchange) => {
      exchange.answer(429, '', { 'retry-after': '7' })
    })
    const error = await caught(ask({}, gatewayOf({ retry: false })))
    expect(error).toMatchObject({ code: 'rate_limited', retryAfter: 7000 })
    expect(server.exchanges).toHaveLength(1)
  })

  test('happens where the connection is reset before the first event', async () => {
    server.script((exchange, index) => {
      if (index === 0) exchange.reset()
      else if (index === 1) {
        exchange.start().write(': OPENROUTER PROCESSING\n\n')
        setTimeout(() => {
          exchange.reset()
        }, 20)
      } else exchange.stream(content('Hi'), '[DONE]')
    })
    expect(await (await ask()).text()).toBe('Hi')
    expect(server.exchanges).toHaveLength(3)
  })

  test('happens where the stream ends before the first event', async () => {
    server.script((exchange, index) => {
      if (index === 0) exchange.start().write(': hello\n\n').end()
      else exchange.stream(content('Hi'), '[DONE]')
    })
    expect(await (await ask()).text()).toBe('Hi')
  })

  test('never happens after the first event', async () => {
    server.script((exchange) => {
      exchange
        .start()
        .send(content('Hi'), { error: { message: 'x', code: 503 } })
        .end()
    })
    const { events, error } = await failureOf(await ask())
    expect(events).toEqual([text('Hi')])
    expect(error).toMatchObject({ code: 'overloaded', retryable: true })
    expect(error.partial?.content).toBe('Hi')
    expect(server.exchanges).toHaveLength(1)
  })

  test('gives the last error where nothing listens', async () => {
    const provider = openaiCompatible({ name: 'gone', baseURL: await closedPort() })
    const error = await caught(ask({}, gatewayOf({ providers: [provider] })))
    expect(error).toMatchObject({ code: 'network', provider: 'gone' })
    expect(error.message).toContain('ECONNREFUSED')
  })

  test('without the stream options happens where the server refuses them, and once', async () => {
    server.script((exchange) => {
      if ('stream_options' in exchange.body) exchange.answer(400, 'Unknown field stream_options')
      else exchange.stream(content('Hi'), '[DONE]')
    })
    expect(await (await ask({}, gatewayOf({ retry: false }))).text()).toBe('Hi')
    expect(server.exchanges).toHaveLength(2)
    const { stream_options: _, ...rest } = server.exchanges[0]?.body ?? {}
    expect(server.exchanges[1]?.body).toEqual(rest)

    server.reset()
    server.script((exchange) => {
      exchange.answer(400, 'Unknown field stream_options')
    })
    expect(await caught(ask())).toMatchObject({ code: 'invalid_request', status: 400 })
    expect(server.exchanges).toHaveLength(2)
  })
})

describe('a list of models', () => {
  const models = (): unknown[] =>
    server.exchanges.map((exchange) => `${exchange.path} ${String(exchange.body['model'])}`)
  const two = (): Gateway =>
    gatewayOf({ providers: [host('a', '/a'), host('b', '/b')], retry: false })

  test('is tried in order until one answers', async () => {
    server.script((exchange, index) => {
      if (index < 2) exchange.answer(index === 0 ? 404 : 400, 'The model does not exist')
      else exchange.stream(content('Hi'), '[DONE]')
    })
    const stream = await ask({ model: ['b:one', 'a:two', 'b:three', 'a:four'] }, two())
    expect(await stream.text()).toBe('Hi')
    expect(models()).toEqual([
      '/b/chat/completions one',
      '/a/chat/completions two',
      '/b/chat/completions three',
    ])
  })

  test('fails with the last error where all fail', async () => {
    server.script((exchange, index) => {
      exchange.answer(index === 0 ? 401 : 500, '')
    })
    const error = await caught(ask({ model: ['a:one', 'b:two'] }, two()))
    expect(error).toMatchObject({ code: 'api', status: 500, provider: 'b' })
    expect(models()).toHaveLength(2)
  })

  test('tries each model again before it goes to the next', async () => {
    server.script((exchange) => {
      exchange.answer(503, '')
    })
    await caught(ask({ model: ['one', 'two'] }, gatewayOf({ retry: { limit: 1, minDelay: 1 } })))
    expect(models().map((each) => String(each).split(' ')[1])).toEqual(['one', 'one', 'two', 'two'])
  })

  test('is left where the first event has come', async () => {
    server.script((exchange) => {
      exchange.start().send(content('Hi')).end()
    })
    const { error } = await failureOf(await ask({ model: ['a:one', 'b:two'] }, two()))
    expect(error.code).toBe('truncated')
    expect(models()).toHaveLength(1)
  })

  test('goes on where a provider cannot honour a parameter', async () => {
    server.script((exchange) => {
      exchange.stream(content('Hi'), '[DONE]')
    })
    const strict = azureOpenAI({ baseURL: server.url, apiKey: 'k' })
    const gateway = gatewayOf({ providers: [strict, host('b')] })
    const stream = await ask({ model: ['azure:one', 'b:two'], topK: 3 }, gateway)
    expect(await stream.text()).toBe('Hi')
    expect(models()).toEqual(['/chat/completions two'])
  })

  test('is left by an abort', async () => {
    const controller = new AbortController()
    server.script((exchange) => {
      controller.abort(reason)
      exchange.answer(500, '')
    })
    const open = vi.fn<Provider['open']>()
    const gateway = gatewayOf({ providers: [host('a'), { ...host('b'), open }] })
    const asking = ask({ model: ['a:one', 'b:two'], signal: controller.signal }, gateway)
    await expect(asking).rejects.toBe(reason)
    expect(models()).toHaveLength(1)
    expect(open).not.toHaveBeenCalled()
  })

  test('names no provider for one of them before anything is sent', async () => {
    const picky: Provider = { ...host('picky'), accepts: () => false }
    const gateway = gatewayOf({ providers: [picky, { ...picky, name: 'choosy' }] })
    const error = await caught(ask({ model: ['picky:one', 'two'] }, gateway))
    expect(error.code).toBe('no_provider')
    expect(server.exchanges).toHaveLength(0)
  })
})

describe('the way to a provider', () => {
  test('is told by the name before the colon, which is not sent', async () => {
    server.script((exchange) => {
      exchange.stream('[DONE]')
    })
    const gateway = gatewayOf({ providers: [host('a', '/a'), host('b', '/b')] })
    for (const model of ['b:x', 'a:b:y', 'b:vendor/z:free']) {
      await gateway.chat(hello, { model })
    }
    expect(server.exchanges.map(({ path, body }) => [path[1], body['model']])).toEqual([
      ['b', 'x'],
      ['a', 'b:y'],
      ['b', 'vendor/z:free'],
    ])
  })

  test('is the only one there is', async () => {
    server.script((exchange) => {
      exchange.stream('[DONE]')
    })
    await gatewayOf().chat(hello, { model: 'llama3:8b' })
    expect(server.exchanges[0]?.body['model']).toBe('llama3:8b')
  })
})

describe('a request that is wrong', () => {
  const wrong: [name: string, options: object, says: RegExp][] = [
    ['no model', { model: undefined }, /\bmodel\b/],
    ['an empty model', { model: '' }, /\bmodel\b/],
    ['no models', { model: [] }, /\bmodel\b/],
    ['a model that is a number', { model: ['m', 7] }, /\bmodel\b/],
    ['a temperature that is not a number', { temperature: NaN }, /temperature.* number/],
    ['a temperature that is a text', { temperature: '1' }, /temperature.* number/],
    ['an endless temperature', { temperature: Infinity }, /temperature.* number/],
    ['tokens without number', { maxTokens: NaN }, /maxTokens.* number/],
    ['a seed of NaN', { seed: NaN }, /seed.* number/],
    ['a frequencyPenalty of NaN', { frequencyPenalty: NaN }, /frequencyPenalty.* number/],
    ['a presencePenalty of null', { presencePenalty: null }, /presencePenalty.* number/],
    ['a limit of NaN', { maxResponseBytes: NaN }, /maxResponseBytes.* number/],
    ['tools that are no list', { tools: {} }, /tools?\b/],
    ['a tool without a name', { tools: [{ description: 'x' }] }, /tools?\b.* name/],
    ['a tool that is nothing', { tools: [null] }, /tools?\b.* name/],
    ['a tool with an empty name', { tools: [{ name: 'a' }, { name: '' }] }, /tools?\b.* name/],
    ['a tool with a blank in its name', { tools: [{ name: 'a b' }] }, /letters, digits/],
    ['two tools of one name', { tools: [{ name: 'a' }, { name: 'a' }] }, /tools.* names?\b/],
    ['a choice of a tool that is not there', { toolChoice: { name: 'a' } }, /toolChoice/],
    ['a required choice of nothing', { toolChoice: 'required' }, /toolChoice/],
    ['a field that is reserved', { providerOptions: { stream: false } }, /stream/],
  ]

  test.each(wrong)('with %s says what to do', async (_name, options, says) => {
    const error = await caught(ask(options))
    expect(error.code).toBe('invalid_request')
    expect(error.message).toMatch(/\bmust\b.*\.$/)
    expect(error.message).toMatch(says)
    expect(error.retryable).toBe(false)
    expect(server.exchanges).toHaveLength(0)
    expect(await caught(gatewayOf().chat(hello, { model: 'm', ...options }))).toMatchObject({
      code: 'invalid_request',
    })
  })

  test('is not one with values at the edge of what is right', async () => {
    server.script((exchange) => {
      exchange.stream('[DONE]')
    })
    const options: Partial<ChatOptions> = {
      temperature: 0,
      topP: 1,
      topK: 1,
      maxTokens: 1,
      seed: -1,
      frequencyPenalty: -2,
      presencePenalty: 0,
      maxResponseBytes: 1,
      stop: ['\n\n', ' '],
      tools: [{ name: 'a' }, { name: 'A-b_9' }],
      toolChoice: { name: 'A-b_9' },
    }
    await ask(options)
    expect(server.exchanges[0]?.body).toMatchObject({ temperature: 0, stop: ['\n\n', ' '] })
  })

  test.each([undefined, null, 'm'])('with the options %j says what to do', async (options) => {
    const given = options as unknown as ChatOptions
    expect(await caught(gatewayOf().chatStream(hello, given))).toMatchObject({
      code: 'invalid_request',
    })
    expect(await caught(gatewayOf().chat(hello, given))).toMatchObject({ code: 'invalid_request' })
  })

  const messages: [name: string, value: unknown][] = [
    ['nothing', undefined],
    ['an empty list', []],
    ['a text', 'Hello'],
    ['a list of texts', ['Hello']],
    ['a null among them', [user('Hello'), null]],
    ['a role that does not exist', [{ role: 'robot', content: 'x' }]],
    ['no content', [{ role: 'user' }]],
    ['content that is a number', [{ role: 'user', content: 7 }]],
    ['a part that is none', [{ role: 'user', content: ['Hello'] }]],
    ['an image without any bytes', [{ role: 'user', content: [{ type: 'image' }] }]],
    ['a result without its call', [{ role: 'tool', content: 'x' }]],
    ['an assistant with parts', [{ role: 'assistant', content: [] }]],
  ]

  test.each(messages)('with %s as messages says what to do', async (_name, value) => {
    const error = await caught(gatewayOf().chatStream(value as never, { model: 'm' }))
    expect(error.code).toBe('invalid_request')
    expect(error.message).toMatch(/messages?\b.* must .*user\(.*\.$/)
    expect(server.exchanges).toHaveLength(0)
  })

  test('rejects, and never throws at once', () => {
    const asking = gatewayOf().chatStream([], {} as ChatOptions)
    expect(asking).toBeInstanceOf(Promise)
    return expect(asking).rejects.toBeInstanceOf(RatatoskrError)
  })

  test('does not quote the prompt or a payload', async () => {
    const secret = { role: 'user', content: { secret: 'squirrel' } }
    const error = await caught(gatewayOf().chatStream([secret] as never, { model: 'm' }))
    expect(error.message).not.toContain('squirrel')
  })
})

describe('a gateway that is set up wrongly', () => {
  const named = (name: string): Provider => openaiCompatible({ name, baseURL: 'http://a.example' })

  test.each([
    ['no providers', { providers: [] }, /provider.*openrouter\(/],
    ['no list of providers', {}, /provider.*openrouter\(/],
    ['no options', undefined, /provider.*openrouter\(/],
    ['two of one name', { providers: [named('a'), named('b'), named('a')] }, /providers.* name/],
    ['no time', { providers: [named('a')], timeouts: { idle: -1 } }, /timeouts.*false/],
    ['too long', { providers: [named('a')], timeouts: { firstEvent: 2 ** 31 } }, /timeouts.*false/],
  ])('with %s says what to do', async (_name, options, says) => {
    const error = await caught(() => createGateway(options as GatewayOptions))
    expect(error.code).toBe('configuration')
    expect(error.message).toMatch(/\bmust\b.*\.$/)
    expect(error.message).toMatch(says)
  })

  test('says which providers there are, where none takes the model', async () => {
    const picky = (name: string): Provider => ({ ...host(name), accepts: () => false })
    const gateway = gatewayOf({ providers: [picky('one'), picky('two')] })
    const error = await caught(ask({ model: 'unheard-of' }, gateway))
    expect(error.code).toBe('no_provider')
    expect(error.message).toContain('unheard-of')
    expect(error.message).toContain('one, two')
    expect(error.message).toContain('before a colon')
  })

  test('does not change when its list of providers does', () => {
    const providers = [host('a')]
    const gateway = createGateway({ providers })
    providers.push(host('b'))
    expect(gateway.providers.map(({ name }) => name)).toEqual(['a'])
  })
})

describe('events of the provider’s own', () => {
  const own = { choices: [], own: 'a field of the host' }

  test('come on request', async () => {
    server.script((exchange) => {
      exchange.stream(own, content('Hi'), finish(), '[DONE]')
    })
    expect(await eventsOf(await ask({ includeProviderEvents: true }))).toEqual([
      { type: 'provider', dialect: 'openai-chat', data: own },
      text('Hi'),
      done,
    ])
    expect(await eventsOf(await ask())).toEqual([text('Hi'), done])
  })

  test('come where log probabilities were asked for', async () => {
    const token = { token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [] }
    const logprobs = { content: [token], refusal: null }
    const chunk = { choices: [{ index: 0, delta: { content: 'Hi' }, logprobs }] }
    server.script((exchange) => {
      exchange.stream(chunk, finish(), '[DONE]')
    })
    const events = await eventsOf(await ask({ includeProviderEvents: true }))
    expect(events).toContainEqual({ type: 'provider', dialect: 'openai-chat', data: chunk })
    expect(events).toContainEqual(text('Hi'))
  })

  test('never count as the first: what fails after them is tried again', async () => {
    server.script((exchange, index) => {
      exchange.start().send(own)
      if (index === 0) exchange.end()
      else if (index === 1) exchange.send({ error: { message: 'x', code: 500 } }).end()
      else exchange.send(content('Hi'), '[DONE]').end()
    })
    const events = await eventsOf(await ask({ includeProviderEvents: true }))
    expect(server.exchanges).toHaveLength(3)
    expect(events.map((event) => event.type)).toEqual(['provider', 'content', 'done'])
  })

  test('never count as the first: an error after them tells what the server sent', async () => {
    server.script((exchange) => {
      exchange.start().send(own).end()
    })
    const asking = ask({ includeProviderEvents: true }, gatewayOf({ retry: false }))
    const error = await caught(asking)
    expect(error).toMatchObject({ code: 'truncated', retryable: true })
    expect(error.body).toContain('a field of the host')
  })

  test('never count as the first: the time to the first event goes on', async () => {
    server.script((exchange) => {
      exchange.start().send(own)
    })
    const gateway = gatewayOf({ retry: false, timeouts: { firstEvent: 100 } })
    const error = await caught(ask({ includeProviderEvents: true }, gateway))
    expect(error.code).toBe('timeout')
    expect(error.message).toContain('timeouts.firstEvent')
  })
})

describe('what is kept of a reply', () => {
  test('is nothing with collect: false', async () => {
    server.script((exchange) => {
      exchange.stream(content('Hi'), finish(), '[DONE]')
    })
    const stream = await ask({ collect: false })
    expect(await eventsOf(stream)).toEqual([text('Hi'), done])
    expect((await caught(stream.response())).code).toBe('configuration')
    expect((await caught(stream.text())).code).toBe('configuration')
    const error = await caught(() => stream.partial)
    expect(error.code).toBe('configuration')
    expect(error.message).toContain('collect')
  })

  test('is nothing of a failed reply with collect: false', async () => {
    server.script((exchange) => {
      exchange.start().send(content('Hi')).end()
    })
    const { error } = await failureOf(await ask({ collect: false }))
    expect(error).toMatchObject({ code: 'truncated', partial: undefined })
  })

  test('is all of it with chat(), whatever collect says', async () => {
    server.script((exchange) => {
      exchange.stream(content('Hi'), finish(), '[DONE]')
    })
    const response = await gatewayOf().chat(hello, { model: 'm', collect: false })
    expect(response.content).toBe('Hi')
  })

  test('has a limit, and the error has what was kept', async () => {
    server.script((exchange) => {
      exchange.start().send(content('12345'), content('6789'), content('0'))
    })
    const { events, error } = await failureOf(await ask({ maxResponseBytes: 18 }))
    expect(events).toEqual([text('12345'), text('6789')])
    expect(error.code).toBe('too_large')
    expect(error.partial?.content).toMatch(/^123456789/)
    const exchange = await server.exchange()
    await exchange.closed
  })

  test('has no limit where nothing is kept', async () => {
    server.script((exchange) => {
      exchange.stream(content('1234567890'), finish(), '[DONE]')
    })
    const stream = await ask({ collect: false, maxResponseBytes: 2 })
    expect(await eventsOf(stream)).toHaveLength(2)
  })

  test('of a reply that breaks off stands in the error and in the stream', async () => {
    server.script((exchange) => {
      exchange.start().send(content('Once upon'))
      setTimeout(() => {
        exchange.reset()
      }, 20)
    })
    const stream = await ask()
    const { events, error } = await failureOf(stream)
    expect(events).toEqual([text('Once upon')])
    expect(error).toMatchObject({ code: 'truncated', provider: 'mine', retryable: true })
    expect(error.partial).toMatchObject({ content: 'Once upon', toolCalls: [] })
    expect(error.partial?.finishReason).toBeUndefined()
    expect(stream.partial).toEqual(error.partial)
    await expect(stream.response()).rejects.toBe(error)
  })

  test('of a reply that fails after its end is complete', async () => {
    server.script((exchange) => {
      exchange
        .start()
        .send(content('All of it.'), finish(), { error: { message: 'x', code: 502 } })
        .end()
    })
    const { events, error } = await failureOf(await ask())
    expect(events).toEqual([text('All of it.')])
    expect(error).toMatchObject({ code: 'api', status: 502 })
    expect(error.partial?.content).toBe('All of it.')
  })
})

describe('stopping', () => {
  async function expectClosed(): Promise<Exchange> {
    const exchange = await server.exchange()
    await exchange.closed
    expect(exchange.abandoned).toBe(true)
    return exchange
  }

  test('before the request sends nothing', async () => {
    await expect(ask({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const chat = gatewayOf().chat(hello, { model: 'm', signal: AbortSignal.abort() })
    await expect(chat).rejects.toMatchObject({ name: 'AbortError' })
    expect(server.exchanges).toHaveLength(0)

    const open = vi.fn<Provider['open']>()
    const gateway = gatewayOf({ providers: [{ ...host(), open }] })
    await expect(ask({ signal: AbortSignal.abort(reason) }, gateway)).rejects.toBe(reason)
    expect(open).not.toHaveBeenCalled()
  })

  test('while the server has not answered', async () => {
    const controller = new AbortController()
    const asking = ask({ signal: controller.signal })
    asking.catch(() => {})
    await server.exchange()
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    await expectClosed()
    expect(server.exchanges).toHaveLength(1)
  })

  test('while the server is silent after its headers', async () => {
    const controller = new AbortController()
    const started = new Promise<void>((resolve) => {
      server.script((exchange) => {
        exchange.start().write(': hello\n\n')
        setTimeout(resolve, 20)
      })
    })
    const asking = ask({ signal: controller.signal })
    asking.catch(() => {})
    await started
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    await expectClosed()
  })

  test('while an error’s body is silent', async () => {
    const controller = new AbortController()
    const started = new Promise<void>((resolve) => {
      server.script((exchange) => {
        exchange.start(500).write('half')
        setTimeout(resolve, 20)
      })
    })
    const asking = ask({ signal: controller.signal })
    asking.catch(() => {})
    await started
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    await expectClosed()
  })

  test('while the gateway waits to try again', async () => {
    const controller = new AbortController()
    server.script((exchange) => {
      exchange.answer(500, '')
    })
    const gateway = gatewayOf({ retry: { minDelay: 1_000_000, maxDelay: 1_000_000 } })
    const asking = ask({ signal: controller.signal }, gateway)
    asking.catch(() => {})
    const exchange = await server.exchange()
    await exchange.closed
    await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    expect(server.exchanges).toHaveLength(1)
  })

  test('by the signal while a read waits', async () => {
    const controller = new AbortController()
    server.script((exchange) => {
      exchange.start().send(content('Hi'))
    })
    const stream = await ask({ signal: controller.signal })
    const reading = eventsOf(stream)
    reading.catch(() => {})
    const waiting = stream.response()
    await new Promise((resolve) => setTimeout(resolve, 20))
    controller.abort(reason)
    await expect(reading).rejects.toBe(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(stream.partial.content).toBe('Hi')
    await expectClosed()
  })

  test('by the signal while nobody reads', async () => {
    const controller = new AbortController()
    server.script((exchange) => {
      exchange.start().send(content('Hi'))
    })
    const stream = await ask({ signal: controller.signal })
    controller.abort(reason)
    await expectClosed()
    await expect(stream.getReader().read()).rejects.toBe(reason)
  })

  test('by break, while the server is silent', async () => {
    server.script((exchange) => {
      exchange.start().send(content('Hi'))
    })
    const stream = await ask()
    for await (const event of stream) if (event.type === 'content') break
    await expectClosed()
    expect(stream.partial.content).toBe('Hi')
    expect((await caught(stream.response())).code).toBe('cancelled')
  })

  test('by cancel()', async () => {
    server.script((exchange) => {
      exchange.start().send(content('Hi'))
    })
    const stream = await ask()
    await stream.cancel()
    await expectClosed()
    expect((await caught(stream.response())).code).toBe('cancelled')
  })

  test('leaves no listener on the signal, however the reply ends', async () => {
    const { signal } = new AbortController()
    const listeners = (): number => getEventListeners(signal, 'abort').length
    server.script((exchange, index) => {
      if (index === 0) exchange.answer(400, '')
      else if (index === 1) exchange.start().send(content('Hi')).end()
      else exchange.stream(content('Hi'), finish(), '[DONE]')
    })
    await caught(ask({ signal }))
    expect(listeners()).toBe(0)
    await failureOf(await ask({ signal }))
    expect(listeners()).toBe(0)
    await eventsOf(await ask({ signal }))
    expect(listeners()).toBe(0)
    await (await ask({ signal })).response()
    expect(listeners()).toBe(0)
    const stream = await ask({ signal })
    expect(listeners()).toBeGreaterThan(0)
    await stream.cancel()
    expect(listeners()).toBe(0)
  })

  test('is the caller’s reason, also where that is no error', async () => {
    const controller = new AbortController()
    const asking = ask({ signal: controller.signal })
    asking.catch(() => {})
    await server.exchange()
    controller.abort('enough')
    await expect(asking).rejects.toBe('enough')
  })
})

describe('time', () => {
  test('to the headers runs out', async () => {
    const error = await caught(ask({}, gatewayOf({ retry: false, timeouts: { headers: 50 } })))
    expect(error).toMatchObject({ code: 'timeout', provider: 'mine', retryable: true })
    expect(error.message).toContain('timeouts.headers')
    const exchange = await server.exchange()
    await exchange.closed
    expect(exchange.abandoned).toBe(true)
  })

  test('to the first event runs out, though comments come', async () => {
    server.script((exchange) => {
      exchange.start()
      const timer = setInterval(() => {
        exchange.write(': still here\n\n')
      }, 5)
      void exchange.closed.then(() => {
        clearInterval(timer)
      })
    })
    const gateway = gatewayOf({ retry: false, timeouts: { firstEvent: 100, idle: 60_000 } })
    const error = await caught(ask({}, gateway))
    expect(error).toMatchObject({ code: 'timeout', provider: 'mine', retryable: true })
    expect(error.message).toContain('timeouts.firstEvent')
    const exchange = await server.exchange()
    await exchange.closed
    expect(exchange.abandoned).toBe(true)
  })

  test('of silence runs out in the middle of a reply, and what had come is kept', async () => {
    server.script((exchange) => {
      exchange.start().send(content('Hi'))
    })
    const stream = await ask({}, gatewayOf({ timeouts: { idle: 50 } }))
    const { events, error } = await failureOf(stream)
    expect(events).toEqual([text('Hi')])
    expect(error).toMatchObject({ code: 'timeout', provider: 'mine' })
    expect(error.message).toContain('timeouts.idle')
    expect(error.partial?.content).toBe('Hi')
    const exchange = await server.exchange()
    await exchange.closed
    expect(exchange.abandoned).toBe(true)
  })

  test('that runs out before the first event is worth another try', async () => {
    server.script((exchange, index) => {
      if (index === 1) exchange.start()
      else if (index === 2) exchange.stream(content('Hi'), '[DONE]')
    })
    const stream = await ask({}, gatewayOf({ timeouts: { headers: 300, idle: 50 } }))
    expect(await stream.text()).toBe('Hi')
    expect(server.exchanges).toHaveLength(3)
  })
})

/** A provider without URL or bytes, as somebody else would write one. */
class Script implements Provider {
  readonly name: string
  readonly requests: { model: string; context: OpenContext }[] = []
  readonly cancelled = vi.fn()
  readonly #pieces: () => AsyncGenerator<ChatEvent[], void>

  constructor(name: string, pieces: () => AsyncGenerator<ChatEvent[], void>) {
    this.name = name
    this.#pieces = pieces
  }

  accepts(model: string): boolean {
    return model.startsWith(this.name)
  }

  async open({ model }: { model: string }, context: OpenContext): Promise<ChatEventSource> {
    this.requests.push({ model, context })
    const pieces = this.#pieces()
    return {
      cancel: this.cancelled,
      async read(emit) {
        const { done: over, value } = await pieces.next()
        if (over === true) return false
        for (const event of value) emit(event)
        return true
      },
    }
  }
}

async function* failing(error: Error): AsyncGenerator<ChatEvent[], void> {
  yield []
  throw error
}

describe('a provider without URL or bytes', () => {
  const gatewayFor = (...providers: Provider[]): Gateway => gatewayOf({ providers })

  afterEach(() => {
    vi.useRealTimers()
  })

  test('is asked as any other', async () => {
    const script = new Script('local', async function* () {
      yield []
      yield [text('Hel'), text('lo')]
      yield [done]
    })
    const gateway = gatewayFor(script, host('other'))
    const stream = await gateway.chatStream(hello, { model: 'local-model' })
    expect(stream.requestId).toBeUndefined()
    expect(stream.headers).toBeUndefined()
    expect(await eventsOf(stream)).toEqual([text('Hel'), text('lo'), done])
    expect(script.requests).toHaveLength(1)
    const { model, context } = script.requests[0] ?? {}
    expect(model).toBe('local-model')
    expect(context?.timeouts).toEqual({ headers: 60_000, firstEvent: 300_000, idle: 120_000 })
    expect(context?.signal).toBeInstanceOf(AbortSignal)
    expect(context?.callId(3)).toMatch(/^call_\w+_3$/)
  })

  test('is read only when somebody waits', async () => {
    let pieces = 0
    const script = new Script('local', async function* () {
      for (;;) {
        pieces += 1
        yield [text('a')]
      }
    })
    const stream = await gatewayFor(script).chatStream(hello, { model: 'm' })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(pieces).toBe(1)
    const reader = stream.getReader()
    await reader.read()
    await reader.read()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(pieces).toBe(2)
    await reader.cancel()
    expect(script.cancelled).toHaveBeenCalled()
  })

  test('hears by its signal when the reply is over, or given up', async () => {
    const script = new Script('local', async function* () {
      yield [text('Hi')]
      yield [done]
    })
    const gateway = gatewayFor(script)
    const signals = (): (boolean | undefined)[] =>
      script.requests.map(({ context }) => context.signal.aborted)
    const stream = await gateway.chatStream(hello, { model: 'm' })
    expect(signals()).toEqual([false])
    await stream.response()
    expect(signals()).toEqual([true])
    await (await gateway.chatStream(hello, { model: 'm' })).cancel()
    expect(signals()).toEqual([true, true])
  })

  test('that ends without done is truncated', async () => {
    const script = new Script('local', async function* () {
      yield [text('Hi')]
    })
    const { events, error } = await failureOf(
      await gatewayFor(script).chatStream(hello, { model: 'm' }),
    )
    expect(events).toEqual([text('Hi')])
    expect(error.code).toBe('truncated')
  })

  test('that ends without any event is truncated, too', async () => {
    const script = new Script('local', async function* () {})
    const stream = gatewayFor(script).chatStream(hello, { model: 'm' })
    const responding = stream.then((opened) => opened.response())
    expect((await caught(responding)).code).toBe('truncated')
  })

  test('fails with its own error, which is not tried again and told as it is', async () => {
    const own = new TypeError('no GPU')
    const script = new Script('local', () => failing(own))
    const gateway = gatewayFor(script)
    await expect(gateway.chatStream(hello, { model: 'm' })).rejects.toBe(own)
    expect(script.requests).toHaveLength(1)
    expect(script.cancelled).toHaveBeenCalled()
  })

  test('is tried again where its error says that this may help, and is named', async () => {
    let tries = 0
    const script = new Script('local', async function* () {
      tries += 1
      if (tries < 3) throw new RatatoskrError('overloaded', 'busy', { retryable: true })
      yield [text('Hi'), done]
    })
    expect((await gatewayFor(script).chat(hello, { model: 'm' })).content).toBe('Hi')
    const busy = new Script('local', () => failing(new RatatoskrError('overloaded', 'busy')))
    const error = await caught(gatewayFor(busy).chat(hello, { model: 'm' }))
    expect(error).toMatchObject({ code: 'overloaded', provider: 'local' })
  })

  test('that throws at once while it is read fails the reply', async () => {
    const own = new TypeError('no GPU')
    let reads = 0
    const broken: Provider = {
      name: 'broken',
      accepts: () => true,
      open: () =>
        Promise.resolve({
          cancel: () => {},
          read(emit: (event: ChatEvent) => void): Promise<boolean> {
            reads += 1
            if (reads > 1) throw own
            emit(text('Hi'))
            return Promise.resolve(true)
          },
        }),
    }
    const stream = await gatewayFor(broken).chatStream(hello, { model: 'm' })
    const responding = stream.response()
    const hangs = new Promise((resolve) => {
      setTimeout(resolve, 20, 'nothing at all')
    })
    expect(await Promise.race([responding.catch((error: unknown) => error), hangs])).toBe(own)
    expect(stream.partial.content).toBe('Hi')
  })

  test('that never opens ends with an abort, and what it opens later is given up', async () => {
    const controller = new AbortController()
    const cancelled = vi.fn()
    let answer: (source: ChatEventSource) => void = () => {}
    const slow: Provider = {
      name: 'slow',
      accepts: () => true,
      open: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    }
    const asking = gatewayFor(slow).chatStream(hello, { model: 'm', signal: controller.signal })
    asking.catch(() => {})
    await Promise.resolve()
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    answer({ read: () => Promise.resolve(false), cancel: cancelled })
    await vi.waitFor(() => {
      expect(cancelled).toHaveBeenCalled()
    })
  })

  test('that never opens leaves no listener on the caller’s signal when its time is over', async () => {
    const { signal } = new AbortController()
    const slow: Provider = { name: 'slow', accepts: () => true, open: () => new Promise(() => {}) }
    const gateway = gatewayOf({ providers: [slow], retry: false, timeouts: { firstEvent: 10 } })
    const error = await caught(gateway.chatStream(hello, { model: 'm', signal }))
    expect(error.code).toBe('timeout')
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('that never opens leaves no timer after an abort', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const controller = new AbortController()
    const slow: Provider = { name: 'slow', accepts: () => true, open: () => new Promise(() => {}) }
    const asking = gatewayFor(slow).chatStream(hello, { model: 'm', signal: controller.signal })
    asking.catch(() => {})
    await Promise.resolve()
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is given up by an abort at whatever moment its first event comes', async () => {
    for (let turns = 0; turns < 30; turns += 1) {
      const controller = new AbortController()
      const script = new Script('local', async function* () {
        yield [text('Hi')]
        await new Promise(() => {})
      })
      const open = script.open.bind(script)
      const provider: Provider = {
        name: 'local',
        accepts: () => true,
        async open(request, context) {
          const source = await open(request, context)
          return {
            cancel: source.cancel.bind(source),
            async read(emit) {
              const more = await source.read(emit)
              // So many turns of the queue later, the user presses Stop.
              let turn = Promise.resolve()
              for (let i = 0; i < turns; i += 1) turn = turn.then(() => {})
              void turn.then(() => {
                controller.abort(reason)
              })
              return more
            },
          }
        },
      }
      const { signal } = controller
      const reading = gatewayFor(provider)
        .chatStream(hello, { model: 'm', signal })
        .then((stream) => eventsOf(stream))
      const outcome = reading.then(
        () => 'an end',
        (error: unknown) => error,
      )
      // All of this happens in turns of one queue; when a timer runs, it is empty.
      const hangs = new Promise((resolve) => {
        setTimeout(resolve, 20, 'nothing at all')
      })
      expect(await Promise.race([outcome, hangs]), `${turns} turns`).toBe(reason)
      expect(script.cancelled, `${turns} turns`).toHaveBeenCalled()
    }
  })

  test('hears of an abort while it opens, by its signal', async () => {
    const controller = new AbortController()
    let heard: AbortSignal | undefined
    const slow: Provider = {
      name: 'slow',
      accepts: () => true,
      open: (_request, { signal }) => {
        heard = signal
        return new Promise(() => {})
      },
    }
    const asking = gatewayFor(slow).chatStream(hello, { model: 'm', signal: controller.signal })
    asking.catch(() => {})
    await Promise.resolve()
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    expect(heard?.aborted).toBe(true)
    expect(heard?.reason).toBe(reason)
  })

  test('that throws at once is no other failure', async () => {
    const own = new TypeError('no GPU')
    const broken: Provider = {
      name: 'broken',
      accepts: () => true,
      open: () => {
        throw own
      },
    }
    await expect(gatewayFor(broken).chatStream(hello, { model: 'm' })).rejects.toBe(own)
  })

  test('waits for ever with timeouts: false, without a timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    let answer: () => void = () => {}
    const script = new Script('local', async function* () {
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      yield [text('Hi'), done]
    })
    const asking = gatewayOf({ providers: [script], timeouts: false }).chat(hello, { model: 'm' })
    await vi.advanceTimersByTimeAsync(100_000_000)
    expect(vi.getTimerCount()).toBe(0)
    expect(script.requests[0]?.context.timeouts).toEqual({
      headers: false,
      firstEvent: false,
      idle: false,
    })
    answer()
    expect((await asking).content).toBe('Hi')
  })

  test('has 300 s to its first event, unless told otherwise, and then no timer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    const script = new Script('local', async function* () {
      await new Promise(() => {})
      yield []
    })
    const settled = vi.fn()
    const asking = gatewayOf({ providers: [script], retry: false }).chat(hello, { model: 'm' })
    asking.catch(settled)
    await vi.advanceTimersByTimeAsync(299_999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledOnce()
    expect(await caught(asking)).toMatchObject({ code: 'timeout', provider: 'local' })
    expect(script.cancelled).toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leaves no timer once its first event is there', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
    const script = new Script('local', async function* () {
      yield [text('Hi')]
    })
    const stream = await gatewayFor(script).chatStream(hello, { model: 'm' })
    expect(vi.getTimerCount()).toBe(0)
    await stream.cancel()
  })
})
