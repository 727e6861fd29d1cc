import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chatEvents } from '../../test/chat-events.ts'
import { decodeOwn, ownBlocks } from '../../test/official-own-reply.ts'
import { scripts } from '../../test/official-scripts.ts'
import { failure, OfficialServer, play } from '../../test/official-server.ts'
import { collect } from '../collect.ts'
import { RatatoskrError, type ErrorCode } from '../errors.ts'
import type { ChatEvent, Usage } from '../event.ts'
import type { ToolCall } from '../message.ts'
import type { ChatResponse } from '../response.ts'
import * as anthropic from './anthropic/index.ts'

type Params = Anthropic.MessageCreateParamsNonStreaming
type Message = Anthropic.Message
type Block = Anthropic.ContentBlock

const server = new OfficialServer(anthropic)
let client: Anthropic
beforeAll(async () => {
  await server.start()
  client = new Anthropic({ apiKey: 'key', baseURL: server.url, maxRetries: 0 })
})
afterAll(() => server.stop())

const hello: Params = {
  model: 'squirrel-1',
  max_tokens: 1000,
  messages: [{ role: 'user', content: 'Hello' }],
}
const events = (name: string): readonly ChatEvent[] => scripts[name] ?? []

/** What a client holds in the end, in words that are neither the client's nor the wire's. */
interface Result {
  content: string
  reasoning: string
  refusal: string
  /** With the arguments as a value. */
  calls: { id: string; name: string; input: unknown }[]
  cutCalls: { id: string; name: string }[]
  finish: string
  usage: { [count: string]: number }
  citations: unknown[]
  model: string
}

const finishWords = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
}
/** Two words that mean the same are kept apart. */
const rawWords: { readonly [raw: string]: string } = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

function inputOf({ kind, arguments: text }: ToolCall): unknown {
  return kind === 'custom' ? { input: text } : JSON.parse(text)
}

/** What the client must hold in the end of a reply that we collect as `response`. */
function expected(response: ChatResponse): Result {
  const { content, refusal = '', reasoning = '', toolCalls, incompleteToolCalls = [] } = response
  const { finishReason, rawFinishReason: raw = '', usage, citations = [] } = response
  // A word that means something else must not be said.
  const own = raw && !rawWords[raw] ? raw : 'other'
  // Where the text alone tells that it is a refusal, as OpenAI does it, here the end tells it, too.
  const reason = refusal && finishReason === 'stop' ? 'content_filter' : finishReason
  const word = reason === 'other' ? own : finishWords[reason]
  return {
    content,
    reasoning,
    refusal,
    calls: toolCalls.map((call) => ({ id: call.id, name: call.name, input: inputOf(call) })),
    cutCalls: incompleteToolCalls.map(({ id, name }) => ({ id, name })),
    finish: rawWords[raw] === reason ? raw : word,
    usage: countsOf(usage),
    citations: citations.map(({ url, title, text = '', documentId }) =>
      url === undefined && documentId !== undefined && /^(0|[1-9]\d*)$/.test(documentId)
        ? { text, document: Number(documentId), title: title ?? null }
        : { text, url: url ?? '', title: title ?? documentId ?? null },
    ),
    model: hello.model,
  }
}

/** On the wire the prompt does not count what was read from caches and written to them. */
function countsOf(usage: Usage | undefined): Result['usage'] {
  const { promptTokens = 0, completionTokens = 0, cachedTokens, cacheWriteTokens } = usage ?? {}
  const { reasoningTokens } = usage ?? {}
  return {
    input: promptTokens - (cachedTokens ?? 0) - (cacheWriteTokens ?? 0),
    output: completionTokens,
    ...(cachedTokens !== undefined && { read: cachedTokens }),
    ...(cacheWriteTokens !== undefined && { written: cacheWriteTokens }),
    ...(reasoningTokens !== undefined && { thinking: reasoningTokens }),
  }
}

function blocksOf<Type extends Block['type']>(
  { content }: { content: readonly Block[] },
  type: Type,
): Extract<Block, { type: Type }>[] {
  return content.filter((block): block is Extract<Block, { type: Type }> => block.type === type)
}

function readMessage(message: Message, response: ChatResponse): Result {
  const { usage } = message
  expect([message.type, message.role]).toEqual(['message', 'assistant'])
  expect(message.id).toMatch(/./)
  const texts = blocksOf(message, 'text')
  const cut = new Set(response.incompleteToolCalls?.map(({ id }) => id))
  const calls = blocksOf(message, 'tool_use')
  const thinking = usage.output_tokens_details?.thinking_tokens
  return {
    content: texts.map(({ text }) => text).join(''),
    reasoning: blocksOf(message, 'thinking')
      .map(({ thinking: text }) => text)
      .join(''),
    refusal: message.stop_details?.explanation ?? '',
    calls: calls
      .filter(({ id }) => !cut.has(id))
      .map(({ id, name, input }) => ({ id, name, input })),
    cutCalls: calls.filter(({ id }) => cut.has(id)).map(({ id, name }) => ({ id, name })),
    finish: message.stop_reason ?? '',
    usage: {
      input: usage.input_tokens,
      output: usage.output_tokens,
      ...(usage.cache_read_input_tokens != null && { read: usage.cache_read_input_tokens }),
      ...(usage.cache_creation_input_tokens != null && {
        written: usage.cache_creation_input_tokens,
      }),
      ...(thinking != null && { thinking }),
    },
    citations: texts
      .flatMap(({ citations }) => citations ?? [])
      .map((citation) => readCitation(citation)),
    model: message.model,
  }
}

function readCitation(citation: Anthropic.TextCitation): unknown {
  const { cited_text: text } = citation
  if (citation.type === 'char_location') {
    return { text, document: citation.document_index, title: citation.document_title }
  }
  if (citation.type !== 'web_search_result_location') throw new Error(citation.type)
  return { text, url: citation.url, title: citation.title }
}

/** Adds the events up as the documentation of the format tells, by the index of each block. */
function addUp(sent: readonly Anthropic.RawMessageStreamEvent[]): Message {
  let message: Message | undefined
  const inputs: string[] = []
  const open = new Set<number>()
  for (const event of sent) {
    if (event.type === 'message_start') {
      expect(message).toBeUndefined()
      message = structuredClone(event.message)
      continue
    }
    if (!message) throw new Error(`${event.type} before message_start`)
    switch (event.type) {
      case 'content_block_start':
        expect(event.index).toBe(message.content.length)
        // The format has one block after the other.
        expect([...open]).toEqual([])
        open.add(event.index)
        message.content.push(structuredClone(event.content_block))
        break
      case 'content_block_delta': {
        expect([...open]).toEqual([event.index])
        const block = message.content[event.index]
        const { delta } = event
        if (delta.type === 'input_json_delta') {
          inputs[event.index] = (inputs[event.index] ?? '') + delta.partial_json
        } else if (delta.type === 'text_delta' && block?.type === 'text') block.text += delta.text
        else if (delta.type === 'thinking_delta' && block?.type === 'thinking') {
          block.thinking += delta.thinking
        } else if (delta.type === 'signature_delta' && block?.type === 'thinking') {
          block.signature = delta.signature
        } else if (delta.type === 'citations_delta' && block?.type === 'text') {
          ;(block.citations ??= []).push(delta.citation)
        } else throw new Error(`${delta.type} in ${block?.type}`)
        break
      }
      case 'content_block_stop': {
        const block = message.content[event.index]
        expect(open.delete(event.index)).toBe(true)
        const input = inputs[event.index]
        if (block?.type === 'tool_use' && input) {
          try {
            block.input = JSON.parse(input)
          } catch {
            // Cut off; that it may be is checked with the calls.
            block.input = input
          }
        }
        break
      }
      case 'message_delta': {
        const { stop_reason, stop_sequence, stop_details } = event.delta
        Object.assign(message, { stop_reason, stop_sequence, stop_details })
        const counts = Object.entries(event.usage).filter(([, count]) => count !== null)
        Object.assign(message.usage, Object.fromEntries(counts))
        break
      }
      case 'message_stop':
        break
    }
  }
  if (!message || sent.at(-1)?.type !== 'message_stop') throw new Error('It did not stop')
  return message
}

async function readEvents(params: Params): Promise<Anthropic.RawMessageStreamEvent[]> {
  const read = []
  for await (const event of await client.messages.create({ ...params, stream: true })) {
    read.push(event)
  }
  return read
}

/** What the client's emitter said. */
interface Heard {
  text: string
  thinking: string
  citations: number
  json: string
  blocks: Block[]
}

async function hear(params: Params): Promise<Heard & { final: Message }> {
  const heard: Heard = { text: '', thinking: '', citations: 0, json: '', blocks: [] }
  const stream = client.messages
    .stream(params)
    .on('text', (piece) => (heard.text += piece))
    .on('thinking', (piece) => (heard.thinking += piece))
    .on('citation', () => (heard.citations += 1))
    .on('inputJson', (piece) => (heard.json += piece))
    .on('contentBlock', (block) => heard.blocks.push(block))
  const final = await stream.finalMessage()
  return { ...heard, final }
}

/** Reads a reply in each way that the client has, and holds each to what we collect. */
async function readAll(reply: readonly ChatEvent[]): Promise<void> {
  server.play(() => play(reply))
  const response = await collect(reply)
  const want = expected(response)

  expect(readMessage(addUp(await readEvents(hello)), response)).toEqual(want)

  const { final, ...heard } = await hear(hello)
  expect(readMessage(final, response)).toEqual(want)
  expect(heard.text).toBe(want.content)
  expect(heard.thinking).toBe(want.reasoning)
  expect(heard.citations).toBe(want.citations.length)
  // Each block once, as it stands in the message.
  const whole = final.content.filter(
    (block) => block.type !== 'tool_use' || !want.cutCalls.some(({ id }) => id === block.id),
  )
  const ended = heard.blocks.filter(
    (block) => block.type !== 'tool_use' || !want.cutCalls.some(({ id }) => id === block.id),
  )
  expect(ended).toEqual(whole)

  const plain = await client.messages.create(hello)
  // A call that was cut off is no call.
  expect(readMessage(plain, response)).toEqual({ ...want, cutCalls: [] })
}

describe('what the client reads is what we collect', () => {
  test.each(Object.keys(scripts))('%s', (name) => readAll(events(name)))

  test('any sequence of events', async () => {
    const any = chatEvents({ custom: true })
    await fc.assert(fc.asyncProperty(any, readAll), { numRuns: 60 })
  })

  test('the order of blocks', async () => {
    server.play(() =>
      play([
        { type: 'reasoning', text: 'First ' },
        { type: 'reasoning', text: 'think.' },
        { type: 'content', text: 'Then ' },
        { type: 'content', text: 'say.' },
        { type: 'tool_call_start', index: 0, id: 'a', name: 'weather' },
        { type: 'tool_call_delta', index: 0, arguments: '{"x":1}' },
        { type: 'tool_call_end', index: 0 },
        { type: 'content', text: 'And after.' },
        { type: 'done', finishReason: 'tool_calls' },
      ]),
    )
    const { final } = await hear(hello)
    const plain = await client.messages.create(hello)
    expect(final.content).toEqual([
      { type: 'thinking', thinking: 'First think.', signature: '' },
      { type: 'text', text: 'Then say.' },
      { type: 'tool_use', id: 'a', name: 'weather', input: { x: 1 } },
      { type: 'text', text: 'And after.' },
    ])
    // A whole reply is made of what was collected, which knows no places of calls.
    expect(plain.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use'])
  })
})

describe('a reply of the same dialect', () => {
  test('signed thinking and server tools pass through, streamed', async () => {
    server.play(() => play(decodeOwn(true)))
    const { final, blocks, text, thinking } = await hear(hello)
    expect(final.content).toEqual(ownBlocks)
    expect(blocks).toEqual(ownBlocks)
    expect([text, thinking]).toEqual(['Otters swim.', 'Look it up.'])
    expect(final.stop_reason).toBe('tool_use')
    expect(final.usage).toMatchObject({
      input_tokens: 5,
      cache_read_input_tokens: 7,
      output_tokens: 50,
      server_tool_use: { web_search_requests: 1 },
    })
    expect(addUp(await readEvents(hello)).content.map(({ type }) => type)).toEqual(
      ownBlocks.map(({ type }) => type),
    )
  })

  test('and in one piece', async () => {
    server.play(() => play(decodeOwn(false)))
    expect((await client.messages.create(hello)).content).toEqual(ownBlocks)
  })

  test('and back again with the next request, unmodified', async () => {
    for (const stream of [true, false]) {
      server.play((_, turn) => (turn === 0 ? play(decodeOwn(true)) : play(events('text'))))
      const first = stream ? (await hear(hello)).final : await client.messages.create(hello)
      await client.messages.create({
        ...hello,
        messages: [
          ...hello.messages,
          { role: 'assistant', content: first.content },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }],
          },
        ],
      })
      const second = server.decoded[1]
      expect(second?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
      expect(second?.messages[1]).toMatchObject({
        content: 'Otters swim.',
        reasoning: 'Look it up.',
        toolCalls: [{ id: 'toolu_1', name: 'weather', arguments: '{"city":"Oslo"}' }],
      })
      const messages = second?.messages ?? []
      const body = anthropic.encodeRequest({ model: 'm', messages, options: { model: 'm' } })
      expect((body['messages'] as { content: unknown }[])[1]?.content).toEqual(ownBlocks)
    }
  })
})

describe('the helpers of the client', () => {
  const format = jsonSchemaOutputFormat({
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
    additionalProperties: false,
  } as const)

  test('parse: JSON by a schema, whole and streamed', async () => {
    server.play(() =>
      play([
        { type: 'content', text: '{"name":' },
        { type: 'content', text: '"松鼠 🐿️"}' },
        { type: 'done', finishReason: 'stop' },
      ]),
    )
    const params = { ...hello, output_config: { format } }
    expect((await client.messages.parse(params)).parsed_output).toEqual({ name: '松鼠 🐿️' })
    const streamed = await client.messages.stream(params).finalMessage()
    expect(streamed.parsed_output).toEqual({ name: '松鼠 🐿️' })
    for (const { options } of server.decoded) {
      expect(options.responseFormat).toMatchObject({ type: 'json_schema', schema: format.schema })
    }
  })

  test('the text that grows', async () => {
    server.play(() => play(events('text')))
    const soFar: string[] = []
    const stream = client.messages.stream(hello).on('text', (_, text) => soFar.push(text))
    const { content } = await collect(events('text'))
    expect(await stream.finalText()).toBe(content)
    expect(soFar).toEqual(['Żółw — 松', 'Żółw — 松鼠 🐿️', content])
  })

  test('the input that grows', async () => {
    server.play(() => play(events('parallel calls, one after the other')))
    const soFar: unknown[] = []
    const stream = client.messages.stream(hello).on('inputJson', (_, input) => soFar.push(input))
    await stream.done()
    expect(soFar).toContainEqual({ city: 'Łódź 🏙️' })
    expect(soFar.at(-1)).toEqual({ zone: { name: 'Asia/東京', at: [1, 2.5, null] } })
  })
})

describe('a loop of tools', () => {
  const firstTurn = events('parallel calls, one after the other')
  const secondTurn = events('text')

  function checkLoop(): void {
    expect(server.decoded).toHaveLength(2)
    expect(server.decoded[1]?.messages).toEqual([
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
      expect.objectContaining({ role: 'tool', toolCallId: 'call_b', isError: true }),
    ])
  }

  const tools = [
    betaTool({
      name: 'weather',
      description: 'Tells the weather',
      inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
      run: ({ city }) => {
        expect(city).toBe('Łódź 🏙️')
        return '{"celsius":4}'
      },
    }),
    betaTool({
      name: 'get_time',
      description: 'Tells the time',
      inputSchema: { type: 'object', properties: {} },
      run: () => {
        throw new Error('The clock has stopped')
      },
    }),
  ]

  test.each([
    { stream: true, thread: false as const },
    { stream: false, thread: false as const },
    // By default the client asks the server to hold the conversation, until that is refused.
    { stream: true },
    { stream: false },
  ])('toolRunner, %o', async ({ stream, ...thread }) => {
    server.play((_, turn) => play(turn === 0 ? firstTurn : secondTurn))
    const params = { ...hello, tools, ...thread }
    // The two forms have types of their own.
    const final = stream
      ? await client.beta.messages.toolRunner({ ...params, stream: true }).runUntilDone()
      : await client.beta.messages.toolRunner({ ...params, stream: false }).runUntilDone()
    const { content } = await collect(secondTurn)
    expect(final.content).toMatchObject([{ type: 'text', text: content }])
    checkLoop()
    expect(server.received).toHaveLength('thread' in thread ? 2 : 3)
  })

  test.each([true, false])('by hand, stream %s', async (stream) => {
    server.play((_, turn) => play(turn === 0 ? firstTurn : secondTurn))
    const { content } = stream
      ? await client.messages.stream(hello).finalMessage()
      : await client.messages.create(hello)
    await client.messages.create({
      ...hello,
      messages: [
        ...hello.messages,
        { role: 'assistant', content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_a', content: '{"celsius":4}' },
            { type: 'tool_result', tool_use_id: 'call_b', content: 'It broke', is_error: true },
          ],
        },
      ],
    })
    checkLoop()
  })
})

const { APIError, BadRequestError, AuthenticationError, PermissionDeniedError } = Anthropic
const { NotFoundError, RateLimitError, InternalServerError } = Anthropic
const failures: {
  readonly [code in ErrorCode]: readonly [Class: new (...args: never[]) => Error, type: string]
} = {
  network: [InternalServerError, 'api_error'],
  timeout: [InternalServerError, 'timeout_error'],
  truncated: [InternalServerError, 'api_error'],
  protocol: [InternalServerError, 'api_error'],
  too_large: [InternalServerError, 'api_error'],
  api: [InternalServerError, 'api_error'],
  authentication: [AuthenticationError, 'authentication_error'],
  permission: [PermissionDeniedError, 'permission_error'],
  rate_limited: [RateLimitError, 'rate_limit_error'],
  overloaded: [InternalServerError, 'overloaded_error'],
  model_not_found: [NotFoundError, 'not_found_error'],
  invalid_request: [BadRequestError, 'invalid_request_error'],
  context_length: [BadRequestError, 'invalid_request_error'],
  content_filtered: [BadRequestError, 'invalid_request_error'],
  unsupported: [BadRequestError, 'invalid_request_error'],
  no_provider: [NotFoundError, 'not_found_error'],
  configuration: [InternalServerError, 'api_error'],
  cancelled: [APIError, 'api_error'],
}

describe('failures', () => {
  test.each(Object.entries(failures))(
    '%s has a class of the client',
    async (name, [Class, type]) => {
      const code = name as ErrorCode
      server.play(() => {
        throw new RatatoskrError(code, 'What could not be done.', { retryAfter: 1500 })
      })
      for (const fails of [
        () => client.messages.create(hello),
        () => client.messages.create({ ...hello, stream: true }),
        () => client.messages.stream(hello).finalMessage(),
      ]) {
        const error = await failure(async () => fails())
        expect(error).toBeInstanceOf(Class)
        if (!(error instanceof APIError)) throw error
        expect([error.type, error.apiMessage]).toEqual([type, 'What could not be done.'])
        expect((error.headers as Headers).get('retry-after')).toBe('2')
        if (code === 'overloaded') expect(error).toBeInstanceOf(Anthropic.OverloadedError)
      }
    },
  )

  test('the words of the provider', async () => {
    server.play(() => {
      throw new RatatoskrError('context_length', 'Too long.', { providerMessage: 'At most 8192.' })
    })
    const error = await failure(() => client.messages.create(hello).asResponse())
    expect(error).toMatchObject({ status: 400, apiMessage: 'At most 8192.' })
  })

  test('a request that is wrong', async () => {
    server.play(() => play(events('text')))
    const error = await failure(() =>
      client.messages.create({ ...hello, stop_sequences: 'x' as unknown as [] }).asResponse(),
    )
    expect(error).toBeInstanceOf(BadRequestError)
    expect(error).toMatchObject({ apiMessage: 'stop_sequences must be a list of texts.' })
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
    [
      'an error',
      begun,
      { error: new RatatoskrError('overloaded', 'Too busy.') },
      ['overloaded_error', 'Too busy.'],
    ],
    [
      'an error after a call',
      called,
      { error: new RatatoskrError('api', 'It broke.') },
      ['api_error', 'It broke.'],
    ],
    [
      'an error that is not ours',
      begun,
      { error: new TypeError('secret') },
      ['api_error', 'The server failed to answer; try again later.'],
    ],
    [
      'an end without done',
      begun,
      {},
      ['api_error', 'The reply was cut off: its events end without done.'],
    ],
    [
      'nothing at all',
      [],
      {},
      ['api_error', 'The reply was cut off: its events end without done.'],
    ],
  ] as const)('in the middle of a stream: %s', async (_, reply, ending, said) => {
    server.play(() => play(reply, ending))
    let text = ''
    const error = await failure(async () => {
      const stream = await client.messages.create({ ...hello, stream: true })
      for await (const event of stream) {
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
          text += event.delta.text
        }
      }
    })
    if (!(error instanceof APIError)) throw error
    expect([error.type, error.apiMessage]).toEqual(said)
    expect(text).toBe(reply.length > 0 ? 'So far' : '')

    const stream = client.messages.stream(hello)
    for (const ends of ['finalMessage', 'finalText', 'done'] as const) {
      expect(await failure(() => stream[ends]())).toMatchObject({ apiMessage: said[1] })
    }
    const whole = await failure(() => client.messages.create(hello).asResponse())
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
    let deltas = 0
    for await (const { type } of await client.messages.create({ ...hello, stream: true })) {
      if (type === 'content_block_delta') deltas += 1
      if (deltas === 2) break
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
    const stream = client.messages.stream(hello)
    stream.on('text', (_, soFar) => {
      if (soFar === 'So far') stream.abort()
    })
    expect(await failure(() => stream.finalMessage())).toBeInstanceOf(Anthropic.APIUserAbortError)
    await gone
  })
})
