import { describe, expect, test } from 'vitest'
import { collect } from '../collect.ts'
import { isRatatoskrError } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import { createGateway } from '../gateway.ts'
import { assistant, toolResult, user, type Message } from '../message.ts'
import type { ChatOptions } from '../options.ts'
import type { Provider } from '../provider.ts'
import { workersAI, type WorkersAIBinding } from './workers-ai.ts'

const model = '@cf/meta/llama-3.3-70b-instruct-fp8-fast'

const events = (...chunks: (object | '[DONE]')[]): string =>
  chunks.map((chunk) => `data: ${chunk === '[DONE]' ? chunk : JSON.stringify(chunk)}\n\n`).join('')

/** The two ways to Workers AI, each over what a test says that it answers. */
const ways: {
  [way: string]: (
    body: string,
    type?: string,
    status?: number,
  ) => { provider: Provider; asked: unknown[] }
} = {
  rest: (body, type = 'text/event-stream', status = 200) => {
    const asked: unknown[] = []
    const provider = workersAI({
      accountId: 'abc123',
      apiKey: 'key',
      fetch: async (url, init) => {
        const sent: unknown = JSON.parse(typeof init.body === 'string' ? init.body : '')
        asked.push(url, init.headers, sent)
        return new Response(body, { status, headers: { 'content-type': type } })
      },
    })
    return { provider, asked }
  },
  binding: (body, type = 'text/event-stream') => {
    const asked: unknown[] = []
    const binding: WorkersAIBinding = {
      async run(...given) {
        asked.push(...given)
        if (type === 'error') throw new Error(body)
        return type === 'application/json' ? (JSON.parse(body) as unknown) : new Response(body).body
      },
    }
    return { provider: workersAI({ binding, runOptions: { gateway: { id: 'g' } } }), asked }
  },
}

async function ask(
  provider: Provider,
  options: Partial<ChatOptions> = {},
  messages: Message[] = [user('Hi')],
): Promise<ChatEvent[]> {
  const gateway = createGateway({ providers: [provider], retry: false })
  const stream = await gateway.chatStream(messages, { model, ...options })
  const read: ChatEvent[] = []
  for await (const event of stream) read.push(event)
  return read
}

const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 }
const counts = { promptTokens: 3, completionTokens: 5, totalTokens: 8 }

describe.each(Object.keys(ways))('Workers AI over %s', (way) => {
  const open =
    ways[way] ??
    (() => {
      throw new Error('no way')
    })

  test('native chunks', async () => {
    const body = events(
      { response: 'Hel', p: 'abc' },
      { response: 'lo' },
      { response: '', usage },
      '[DONE]',
    )
    const { provider } = open(body)
    const { content, usage: counted, finishReason } = await collect(await ask(provider))
    expect([content, counted, finishReason]).toEqual(['Hello', counts, 'other'])
  })

  test('compatible chunks, and chunks that are both: no text comes twice', async () => {
    const chunk = (content: string, finish_reason: string | null = null): object => ({
      response: content,
      choices: [{ index: 0, delta: { content }, finish_reason }],
    })
    const { provider } = open(
      events(chunk('Hel'), chunk('lo'), chunk('', 'stop'), { choices: [], usage }, '[DONE]'),
    )
    const { content, usage: counted, finishReason } = await collect(await ask(provider))
    expect([content, counted, finishReason]).toEqual(['Hello', counts, 'stop'])
  })

  test('native calls, with and without arguments', async () => {
    const calls = [
      { name: 'f', arguments: { x: 1 } },
      { name: 'g', arguments: {} },
    ]
    const { provider } = open(events({ response: '' }, { tool_calls: calls }, '[DONE]'))
    const { toolCalls, finishReason } = await collect(await ask(provider))
    expect(toolCalls.map(({ name, arguments: text }) => [name, text])).toEqual([
      ['f', '{"x":1}'],
      ['g', '{}'],
    ])
    expect(finishReason).toBe('tool_calls')
  })

  test('a reply that is cut is no reply', async () => {
    const { provider } = open(events({ response: 'Hel' }))
    const error: unknown = await ask(provider).catch((reason: unknown) => reason)
    expect(isRatatoskrError(error) && error.code).toBe('truncated')
  })

  test('an error inside the stream has its code and its words', async () => {
    const errors = [{ code: 3040, message: 'Capacity temporarily exceeded' }]
    const { provider } = open(events({ response: 'Hel' }, { errors }))
    const error: unknown = await ask(provider).catch((reason: unknown) => reason)
    expect(isRatatoskrError(error) && [error.code, error.providerMessage]).toEqual([
      'overloaded',
      'Capacity temporarily exceeded',
    ])
  })

  test('native text is not lost beside empty choices', async () => {
    const { provider } = open(events({ response: 'Hi', choices: [] }, '[DONE]'))
    expect((await collect(await ask(provider))).content).toBe('Hi')
  })

  test('native calls in pieces', async () => {
    const piece = (name: string | null, text: string): object => ({
      tool_calls: [{ id: null, index: 0, function: { name, arguments: text } }],
    })
    const { provider } = open(
      events(piece('f', ''), piece(null, '{"x":'), piece(null, '1}'), piece(null, ''), '[DONE]'),
    )
    const { toolCalls } = await collect(await ask(provider))
    expect(toolCalls.map(({ name, arguments: text }) => [name, text])).toEqual([['f', '{"x":1}']])
  })

  test.each<[string, object, string]>([
    ['a text', { response: 'Hello', tool_calls: [], usage }, 'Hello'],
    ['an object, as it comes in JSON mode', { response: { x: 1 }, usage }, '{"x":1}'],
    [
      'one of Chat Completions',
      { choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }], usage },
      'Hello',
    ],
  ])('a whole reply: %s', async (_, result, text) => {
    // The binding gives what the REST interface wraps.
    const answer = way === 'rest' ? { result, success: true, errors: [] } : result
    const { provider, asked } = open(JSON.stringify(answer), 'application/json')
    const schema = { type: 'object' }
    const responseFormat = { type: 'json_schema', schema, name: 'n' } as const
    const {
      content,
      usage: counted,
      finishReason,
    } = await collect(await ask(provider, { responseFormat }))
    expect([content, counted, finishReason]).toEqual([text, counts, 'stop'])
    expect(asked).toContainEqual({
      messages: [{ role: 'user', content: 'Hi' }],
      stream: false,
      response_format: { type: 'json_schema', json_schema: schema },
    })
  })
})

test('REST: where and what is asked', async () => {
  const { provider, asked } = ways['rest']?.(events({ response: 'Hi' }, '[DONE]')) ?? {
    provider: undefined,
    asked: [],
  }
  if (!provider) throw new Error('There is no provider')
  const call = { id: 'a', name: 'f', arguments: '{}' }
  await ask(provider, { maxTokens: 9, topK: 3, tools: [{ name: 'f' }] }, [
    user('Hi'),
    assistant('', [call]),
    toolResult('a', 'x'),
  ])
  expect(asked).toEqual([
    `https://api.cloudflare.com/client/v4/accounts/abc123/ai/run/@cf/meta/llama-3.3-70b-instruct-fp8-fast`,
    { 'content-type': 'application/json', authorization: 'Bearer key' },
    {
      messages: [
        { role: 'user', content: 'Hi' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', content: 'x', tool_call_id: 'a' },
      ],
      stream: true,
      max_tokens: 9,
      top_k: 3,
      tools: [
        {
          type: 'function',
          function: { name: 'f', parameters: { type: 'object', properties: {} } },
        },
      ],
    },
  ])
})

test('binding: what is run', async () => {
  const { provider, asked } = ways['binding']?.(events({ response: 'Hi' }, '[DONE]')) ?? {
    provider: undefined,
    asked: [],
  }
  if (!provider) throw new Error('There is no provider')
  await ask(provider)
  expect(asked).toEqual([
    model,
    { messages: [{ role: 'user', content: 'Hi' }], stream: true },
    { gateway: { id: 'g' }, signal: expect.any(AbortSignal) as unknown },
  ])
})

test('binding: a stop while it thinks is told to it, and rejects with its reason', async () => {
  const signals: unknown[] = []
  const binding: WorkersAIBinding = {
    async run(_model, _inputs, options) {
      const { signal } = options as { signal: AbortSignal }
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          signals.push(signal.reason)
          reject(signal.reason)
        })
        controller.abort(reason)
      })
    },
  }
  const controller = new AbortController()
  const reason = new Error('enough')
  const asking = ask(workersAI({ binding }), { signal: controller.signal })
  await expect(asking).rejects.toBe(reason)
  expect(signals).toEqual([reason])
})

test('binding: the whole response, where the options ask for it', async () => {
  const binding: WorkersAIBinding = {
    run: async () =>
      new Response(events({ response: 'Hi' }, '[DONE]'), {
        headers: { 'content-type': 'text/event-stream' },
      }),
  }
  const provider = workersAI({ binding, runOptions: { returnRawResponse: true } })
  expect((await collect(await ask(provider))).content).toBe('Hi')
})

describe('errors', () => {
  const codeOf = async (provider: Provider, options?: Partial<ChatOptions>): Promise<unknown> => {
    const error: unknown = await ask(provider, options).catch((reason: unknown) => reason)
    return isRatatoskrError(error) ? [error.code, error.retryable, error.providerMessage] : error
  }

  test.each([
    ['InferenceUpstreamError: 5007: No such model @cf/nut', 'model_not_found', false],
    [
      'InferenceUpstreamError: 3040: Capacity temporarily exceeded, please try again.',
      'overloaded',
      true,
    ],
    ['4006: you have used up your daily free allocation', 'api', true],
    ['3036: daily allocation used up', 'rate_limited', true],
  ])('of the binding: %s', async (message, code, retryable) => {
    const opened = ways['binding']?.(message, 'error')
    if (!opened) throw new Error('There is no provider')
    expect(await codeOf(opened.provider)).toEqual([code, retryable, message])
  })

  test('of the REST interface, in its own wrapping', async () => {
    const body = JSON.stringify({
      success: false,
      errors: [{ code: 10_000, message: 'Authentication error' }],
    })
    const opened = ways['rest']?.(body, 'application/json', 401)
    if (!opened) throw new Error('There is no provider')
    expect(await codeOf(opened.provider)).toEqual(['authentication', false, 'Authentication error'])
  })

  test('of options', async () => {
    const opened = ways['rest']?.('')
    if (!opened) throw new Error('There is no provider')
    const options = { parallelToolCalls: true, tools: [{ name: 'f' }] }
    expect(await codeOf(opened.provider, options)).toEqual(['unsupported', false, undefined])
    for (const [accountId, apiKey] of [
      ['', 'key'],
      ['a/b', 'key'],
      ['abc', ''],
    ] as const) {
      expect(() => workersAI({ accountId, apiKey })).toThrow(
        /workers-ai: (accountId|apiKey) must be/,
      )
    }
  })
})
