import * as fc from 'fast-check'
import OpenAI from 'openai'
import { LengthFinishReasonError } from 'openai/error'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chatEvents } from '../../test/chat-events.ts'
import { scripts } from '../../test/official-scripts.ts'
import { failure, OfficialServer, play } from '../../test/official-server.ts'
import { collect } from '../collect.ts'
import { RatatoskrError, type ErrorCode } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import type { ToolCall } from '../message.ts'
import type { ChatResponse } from '../response.ts'
import * as openaiChat from './openai-chat/index.ts'

type Params = Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'>
type Completion = OpenAI.ChatCompletion
type Message = Completion['choices'][number]['message']

const server = new OfficialServer(openaiChat)
let client: OpenAI
beforeAll(async () => {
  await server.start()
  client = new OpenAI({ apiKey: 'key', baseURL: `${server.url}/v1`, maxRetries: 0 })
})
afterAll(() => server.stop())

const hello: Params = { model: 'squirrel-1', messages: [{ role: 'user', content: 'Hello' }] }
const withUsage = { stream_options: { include_usage: true } }
const events = (name: string): readonly ChatEvent[] => scripts[name] ?? []
const said: Params['tools'] = ['weather', 'get_time', 'search'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: {} } },
}))

/** What a client holds in the end, in words that are neither the client's nor the wire's. */
interface Result {
  content: string
  refusal: string
  reasoning?: string
  calls: ToolCall[]
  cutCalls: ToolCall[]
  finish: string
  usage?: { [count: string]: number }
  citations?: unknown[]
  images?: unknown[]
  model: string
}

/** What the client must hold in the end of a reply that we collect as `response`. */
function expected(response: ChatResponse): Result {
  const { content, refusal = '', reasoning = '', toolCalls, incompleteToolCalls = [] } = response
  const { finishReason, rawFinishReason, usage, citations = [], images = [] } = response
  const raw = rawFinishReason === 'error' ? undefined : rawFinishReason
  return {
    content,
    refusal,
    reasoning,
    calls: toolCalls,
    cutCalls: incompleteToolCalls,
    finish: finishReason === 'other' ? (raw ?? 'other') : finishReason,
    ...(usage && { usage: { ...usage } }),
    // The format has no form for a source without an address.
    citations: citations
      .filter(({ url }) => url)
      .map(({ url, title = '', text, start, end }) => ({
        url,
        title,
        ...(text && { content: text }),
        start_index: start !== undefined && end !== undefined ? start : 0,
        end_index: start !== undefined && end !== undefined ? end : 0,
      })),
    images: images.map(({ url, data, mediaType }) => url ?? `data:${mediaType};base64,${data}`),
    model: hello.model,
  }
}

function readUsage(usage: OpenAI.CompletionUsage | null | undefined): Pick<Result, 'usage'> {
  if (!usage) return {}
  const { prompt_tokens_details: prompt, completion_tokens_details: completion } = usage
  const counts = {
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    totalTokens: usage.total_tokens,
    reasoningTokens: completion?.reasoning_tokens,
    cachedTokens: prompt?.cached_tokens,
    cacheWriteTokens: prompt?.cache_write_tokens,
    cost: (usage as { cost?: number }).cost,
  }
  const known = Object.entries(counts).flatMap(([name, count]) =>
    count === undefined ? [] : [[name, count] as const],
  )
  return { usage: Object.fromEntries(known) }
}

function readCalls(message: Message, response: ChatResponse): Pick<Result, 'calls' | 'cutCalls'> {
  const cut = new Set(response.incompleteToolCalls?.map(({ id }) => id))
  const calls = (message.tool_calls ?? []).map((call): ToolCall => {
    const { id, type } = call
    return type === 'custom'
      ? { id, name: call.custom.name, arguments: call.custom.input, kind: 'custom' }
      : { id, name: call.function.name, arguments: call.function.arguments }
  })
  return {
    calls: calls.filter(({ id }) => !cut.has(id)),
    cutCalls: calls.filter(({ id }) => cut.has(id)),
  }
}

/** Fields that the client knows nothing of, but keeps. */
type Extended = Message & {
  reasoning_content?: string
  images?: { image_url: { url: string } }[]
}

function readCompletion({ choices, usage, model }: Completion, response: ChatResponse): Result {
  expect(choices).toHaveLength(1)
  const [choice] = choices
  if (!choice) throw new Error('There is no choice')
  const message: Extended = choice.message
  expect(message.role).toBe('assistant')
  return {
    content: message.content ?? '',
    refusal: message.refusal ?? '',
    reasoning: message.reasoning_content ?? '',
    ...readCalls(message, response),
    finish: choice.finish_reason,
    ...readUsage(usage),
    citations: (message.annotations ?? []).map((annotation) => annotation.url_citation),
    images: (message.images ?? []).map(({ image_url: { url } }) => url),
    model,
  }
}

/** The client's final completion, as far as its helper adds up: not fields that it does not know. */
function withoutReasoning(result: Result): Result {
  const { reasoning: _, images: __, ...known } = result
  return known
}

/** Adds the chunks up as everybody does who takes them from `create({ stream: true })`. */
function addUp(chunks: readonly OpenAI.ChatCompletionChunk[]): Completion {
  const message: Extended = { role: 'assistant', content: null, refusal: null }
  const calls: { id: string; type: string; function?: unknown; custom?: unknown }[] = []
  const annotations: NonNullable<Message['annotations']> = []
  const images: NonNullable<Extended['images']> = []
  let finish: string | null = null
  let usage: OpenAI.CompletionUsage | undefined
  for (const chunk of chunks) {
    if (chunk.usage) ({ usage } = chunk)
    const [choice] = chunk.choices
    if (!choice) continue
    const delta = choice.delta as OpenAI.ChatCompletionChunk.Choice.Delta & Extended
    if (delta.content) message.content = (message.content ?? '') + delta.content
    if (delta.refusal) message.refusal = (message.refusal ?? '') + delta.refusal
    if (delta.reasoning_content) {
      message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content
    }
    annotations.push(...(delta.annotations ?? []))
    images.push(...(delta.images ?? []))
    for (const { index, id, type, function: called, custom } of delta.tool_calls ?? []) {
      const call = (calls[index] ??= { id: '', type: '' })
      call.id += id ?? ''
      call.type += type ?? ''
      for (const [field, piece] of Object.entries({ function: called, custom })) {
        if (!piece) continue
        const { name = '', arguments: args = '', input = '' } = piece as { [f: string]: string }
        const was = (call[field as 'function'] ?? {}) as { [field: string]: string }
        call[field as 'function'] = {
          name: (was['name'] ?? '') + name,
          ...(field === 'custom'
            ? { input: (was['input'] ?? '') + input }
            : { arguments: (was['arguments'] ?? '') + args }),
        }
      }
    }
    finish = choice.finish_reason ?? finish
  }
  return {
    id: chunks[0]?.id ?? '',
    object: 'chat.completion',
    created: chunks[0]?.created ?? 0,
    model: chunks[0]?.model ?? '',
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: finish as 'stop',
        message: {
          ...message,
          ...(calls[0] && { tool_calls: calls as NonNullable<Message['tool_calls']> }),
          annotations,
          images,
        } as Message,
      },
    ],
    ...(usage && { usage }),
  }
}

async function readChunks(params: Params): Promise<OpenAI.ChatCompletionChunk[]> {
  const chunks = []
  for await (const chunk of await client.chat.completions.create({ ...params, stream: true })) {
    chunks.push(chunk)
  }
  return chunks
}

/** Reads a reply in each way that the client has, and holds each to what we collect. */
async function readAll(reply: readonly ChatEvent[]): Promise<void> {
  server.play(() => play(reply))
  const response = await collect(reply)
  const want = expected(response)

  const chunks = await readChunks({ ...hello, ...withUsage })
  expect(readCompletion(addUp(chunks), response)).toEqual(want)
  for (const { id, object, created, choices } of chunks) {
    expect([id, object, created]).toEqual([
      chunks[0]?.id,
      'chat.completion.chunk',
      expect.any(Number),
    ])
    // Each choice says whether it is the last: null is not the same as nothing.
    for (const { finish_reason: reason } of choices) expect(reason).not.toBeUndefined()
  }

  const stream = client.chat.completions.stream({ ...hello, ...withUsage })
  let content = ''
  stream.on('content', (piece, soFar) => {
    content += piece
    expect(soFar).toBe(content)
  })
  const final = await stream.finalChatCompletion()
  expect(withoutReasoning(readCompletion(final, response))).toEqual(withoutReasoning(want))
  expect(content).toBe(response.content)

  const whole = await client.chat.completions.create(hello)
  // A call that was cut off is no call.
  expect(readCompletion(whole, response)).toEqual({ ...want, cutCalls: [] })
}

describe('what the client reads is what we collect', () => {
  test.each(Object.keys(scripts))('%s', (name) => readAll(events(name)))

  test('any sequence of events', async () => {
    const any = chatEvents({ custom: true })
    await fc.assert(fc.asyncProperty(any, readAll), { numRuns: 60 })
  })
})

describe('the helpers of the client', () => {
  test('stream: text, usage and final message', async () => {
    server.play(() => play(events('text')))
    const stream = client.chat.completions.stream({ ...hello, ...withUsage })
    const response = await collect(events('text'))
    expect(await stream.finalContent()).toBe(response.content)
    expect((await stream.finalMessage()).content).toBe(response.content)
    expect((await stream.totalUsage()).total_tokens).toBe(154)
  })

  test('stream: a refusal', async () => {
    server.play(() => play(events('refusal')))
    const pieces: string[] = []
    const ends: string[] = []
    const stream = client.chat.completions
      .stream(hello)
      .on('refusal.delta', ({ delta }) => pieces.push(delta))
      .on('refusal.done', ({ refusal }) => ends.push(refusal))
    expect((await stream.finalMessage()).refusal).toBe('I cannot help with that.')
    expect(pieces).toEqual(['I cannot ', 'help with that.'])
    expect(ends).toEqual(['I cannot help with that.'])
  })

  test('stream: the events of calls', async () => {
    server.play(() => play(events('parallel calls, one after the other')))
    const pieces: string[] = []
    const ends: unknown[] = []
    const strict = (said ?? []).map((tool) =>
      tool.type === 'function' ? { ...tool, function: { ...tool.function, strict: true } } : tool,
    )
    const stream = client.chat.completions
      .stream({ ...hello, tools: strict })
      .on('tool_calls.function.arguments.delta', ({ arguments_delta: piece }) => pieces.push(piece))
      .on('tool_calls.function.arguments.done', ({ name, index, parsed_arguments: parsed }) =>
        ends.push([index, name, parsed]),
      )
    await stream.done()
    expect(pieces.join('')).toBe(
      '{"city":"Łódź 🏙️"}{"zone":{"name":"Asia/東京","at":[1,2.5,null]}}',
    )
    expect(ends).toEqual([
      [0, 'weather', { city: 'Łódź 🏙️' }],
      [1, 'get_time', { zone: { name: 'Asia/東京', at: [1, 2.5, null] } }],
    ])
  })

  test('stream: arguments of a call without any are an object', async () => {
    server.play(() => play(events('calls without arguments')))
    const message = await client.chat.completions.stream({ ...hello, tools: said }).finalMessage()
    const calls = (message.tool_calls ?? []).map(
      (call) => call.type === 'function' && call.function,
    )
    expect(calls).toEqual([
      expect.objectContaining({ name: 'weather', arguments: '{}' }),
      expect.objectContaining({ name: 'get_time', arguments: '{}' }),
    ])
  })

  test('no usage where none was asked for', async () => {
    server.play(() => play(events('text')))
    const chunks = await readChunks(hello)
    expect(chunks.every(({ usage }) => usage === undefined)).toBe(true)
    const last = await readChunks({ ...hello, ...withUsage })
    expect(last.map(({ usage }) => usage?.total_tokens ?? null)).toEqual([
      ...Array.from({ length: last.length - 1 }, () => null),
      154,
    ])
    expect(last.at(-1)?.choices).toEqual([])
  })

  const format = {
    type: 'json_schema' as const,
    json_schema: {
      name: 'animal',
      strict: true,
      schema: {
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
        additionalProperties: false,
      },
    },
  }
  const json: ChatEvent[] = [
    { type: 'content', text: '{"name":' },
    { type: 'content', text: '"松鼠 🐿️"}' },
    { type: 'done', finishReason: 'stop' },
  ]

  test('parse: JSON by a schema, whole and streamed', async () => {
    server.play(() => play(json))
    const whole = await client.chat.completions.parse({ ...hello, response_format: format })
    expect(whole.choices[0]?.message.parsed).toEqual({ name: '松鼠 🐿️' })
    const streamed = await client.chat.completions
      .stream({ ...hello, response_format: format })
      .finalChatCompletion()
    expect(streamed.choices[0]?.message.parsed).toEqual({ name: '松鼠 🐿️' })
    expect(server.decoded.map(({ options }) => options.responseFormat)).toEqual(
      [1, 2].map(() => ({
        type: 'json_schema',
        name: 'animal',
        schema: format.json_schema.schema,
        strict: true,
      })),
    )
  })

  test('parse: what was cut off is not parsed', async () => {
    server.play(() => play([...json.slice(0, 1), { type: 'done', finishReason: 'length' }]))
    const parse = (): unknown =>
      client.chat.completions.parse({ ...hello, response_format: format })
    expect(await failure(async () => parse())).toBeInstanceOf(LengthFinishReasonError)
    const stream = client.chat.completions.stream({ ...hello, response_format: format })
    expect(await failure(() => stream.finalMessage())).toBeInstanceOf(LengthFinishReasonError)
  })
})

describe('a loop of tools', () => {
  const firstTurn = events('parallel calls, one after the other')
  const secondTurn = events('text')

  function checkLoop(): void {
    expect(server.decoded).toHaveLength(2)
    const [, second] = server.decoded
    expect(second?.messages).toEqual([
      { role: 'user', content: 'Hello' },
      {
        role: 'assistant',
        content: 'Let me see.',
        toolCalls: [
          { id: 'call_a', name: 'weather', arguments: '{"city":"Łódź 🏙️"}' },
          {
            id: 'call_b',
            name: 'get_time',
            arguments: '{"zone":{"name":"Asia/東京","at":[1,2.5,null]}}',
          },
        ],
      },
      { role: 'tool', toolCallId: 'call_a', content: '{"celsius":4}' },
      { role: 'tool', toolCallId: 'call_b', content: 'noon' },
    ])
  }

  const runnable = [
    {
      type: 'function' as const,
      function: {
        name: 'weather',
        description: 'Tells the weather',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
        parse: JSON.parse,
        function: ({ city }: { city: string }) => {
          expect(city).toBe('Łódź 🏙️')
          return { celsius: 4 }
        },
      },
    },
    {
      type: 'function' as const,
      function: {
        name: 'get_time',
        description: 'Tells the time',
        parameters: { type: 'object', properties: {} },
        parse: JSON.parse,
        function: () => 'noon',
      },
    },
  ]

  test.each([{ stream: true as const }, { stream: false as const }])(
    'runTools, $stream',
    async ({ stream }) => {
      server.play((_, turn) => play(turn === 0 ? firstTurn : secondTurn))
      const params = { ...hello, tools: runnable }
      const runner = stream
        ? client.chat.completions.runTools({ ...params, stream })
        : client.chat.completions.runTools({ ...params, stream })
      expect(await runner.finalContent()).toBe((await collect(secondTurn)).content)
      checkLoop()
    },
  )

  test('by hand', async () => {
    server.play((_, turn) => play(turn === 0 ? firstTurn : secondTurn))
    const message = await client.chat.completions.stream({ ...hello, tools: said }).finalMessage()
    await client.chat.completions.create({
      ...hello,
      messages: [
        ...hello.messages,
        message,
        { role: 'tool', tool_call_id: 'call_a', content: '{"celsius":4}' },
        { role: 'tool', tool_call_id: 'call_b', content: 'noon' },
      ],
    })
    checkLoop()
  })
})

const { APIError, BadRequestError, AuthenticationError, PermissionDeniedError } = OpenAI
const { NotFoundError, RateLimitError, InternalServerError } = OpenAI
const classes: { readonly [code in ErrorCode]: new (...args: never[]) => Error } = {
  network: InternalServerError,
  timeout: InternalServerError,
  truncated: InternalServerError,
  protocol: InternalServerError,
  too_large: InternalServerError,
  api: InternalServerError,
  authentication: AuthenticationError,
  permission: PermissionDeniedError,
  rate_limited: RateLimitError,
  overloaded: InternalServerError,
  model_not_found: NotFoundError,
  invalid_request: BadRequestError,
  context_length: BadRequestError,
  content_filtered: BadRequestError,
  unsupported: BadRequestError,
  no_provider: NotFoundError,
  configuration: InternalServerError,
  cancelled: APIError,
}

describe('failures', () => {
  test.each(Object.entries(classes))('%s has a class of the client', async (name, Class) => {
    const code = name as ErrorCode
    server.play(() => {
      throw new RatatoskrError(code, 'What could not be done.', { retryAfter: 1500 })
    })
    for (const fails of [
      () => client.chat.completions.create(hello),
      () => client.chat.completions.create({ ...hello, stream: true }),
      () => client.chat.completions.stream(hello).finalMessage(),
    ]) {
      const error = await failure(async () => fails())
      expect(error).toBeInstanceOf(Class)
      if (!(error instanceof APIError)) throw error
      expect(error.constructor).toBe(Class)
      expect(error.message).toBe(`${error.status} What could not be done.`)
      expect((error.headers as Headers).get('retry-after')).toBe('2')
      expect(error.type).toEqual(expect.any(String))
    }
  })

  test('the words of the provider, and its code', async () => {
    server.play(() => {
      throw new RatatoskrError('context_length', 'Too long.', { providerMessage: 'At most 8192.' })
    })
    const error = await failure(() => client.chat.completions.create(hello).asResponse())
    expect(error).toMatchObject({ status: 400, code: 'context_length_exceeded' })
    expect(error.message).toBe('400 At most 8192.')
  })

  test('a request that is wrong', async () => {
    server.play(() => play(events('text')))
    const error = await failure(() =>
      client.chat.completions
        .create({ ...hello, temperature: 'hot' as unknown as number })
        .asResponse(),
    )
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error.message).toBe('400 temperature must be a number.')
  })

  const begun: ChatEvent[] = [
    { type: 'content', text: 'So ' },
    { type: 'content', text: 'far' },
  ]
  const called: ChatEvent[] = [
    ...begun,
    { type: 'tool_call_start', index: 0, id: 'call_a', name: 'weather' },
    { type: 'tool_call_delta', index: 0, arguments: '{}' },
    { type: 'tool_call_end', index: 0 },
  ]

  test.each([
    ['an error', begun, { error: new RatatoskrError('overloaded', 'Too busy.') }, 'Too busy.'],
    [
      'an error after a call',
      called,
      { error: new RatatoskrError('api', 'It broke.') },
      'It broke.',
    ],
    [
      'an error that is not ours',
      begun,
      { error: new TypeError('secret') },
      'The server failed to answer; try again later.',
    ],
    ['an end without done', begun, {}, 'The reply was cut off: its events end without done.'],
    ['nothing at all', [], {}, 'The reply was cut off: its events end without done.'],
  ] as const)('in the middle of a stream: %s', async (_, reply, ending, message) => {
    server.play(() => play(reply, ending))
    let content = ''
    const error = await failure(async () => {
      const stream = await client.chat.completions.create({ ...hello, stream: true })
      for await (const { choices } of stream) content += choices[0]?.delta.content ?? ''
    })
    expect(error).toBeInstanceOf(APIError)
    expect(error.message).toBe(message)
    expect(content).toBe(reply.length > 0 ? 'So far' : '')

    const stream = client.chat.completions.stream(hello)
    for (const ends of ['finalChatCompletion', 'finalMessage', 'finalContent', 'done'] as const) {
      const failed = await failure(() => stream[ends]())
      expect(failed.message).toBe(message)
    }
    const whole = await failure(() => client.chat.completions.create(hello).asResponse())
    expect(whole).toBeInstanceOf(InternalServerError)
  })

  test('a client that goes away ends the upstream, while it is silent', async () => {
    let cancelled = 0
    let resolve = (): void => {}
    const gone = new Promise<void>((done) => {
      resolve = done
    })
    const onCancel = (): void => {
      cancelled += 1
      resolve()
    }
    server.play(() => play(begun, { silent: true, onCancel }))
    const stream = await client.chat.completions.create({ ...hello, stream: true })
    let content = ''
    for await (const { choices } of stream) {
      content += choices[0]?.delta.content ?? ''
      if (content === 'So far') break
    }
    await gone
    expect(cancelled).toBe(1)
  })

  test('a client that aborts ends the upstream', async () => {
    let resolve = (): void => {}
    const gone = new Promise<void>((done) => {
      resolve = done
    })
    server.play(() => play(begun, { silent: true, onCancel: () => resolve() }))
    const stream = client.chat.completions.stream(hello)
    stream.on('content', (_, soFar) => {
      if (soFar === 'So far') stream.abort()
    })
    expect(await failure(() => stream.finalMessage())).toBeInstanceOf(OpenAI.APIUserAbortError)
    await gone
  })
})
