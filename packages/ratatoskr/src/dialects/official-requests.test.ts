import Anthropic from '@anthropic-ai/sdk'
import * as fc from 'fast-check'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasMark, plainAnthropic, plainOpenai, type Json } from '../../test/official-bodies.ts'
import { decodeOwn, ownBlocks } from '../../test/official-own-reply.ts'
import {
  anthropicFields,
  anthropicRequests,
  openaiFields,
  openaiRequests,
} from '../../test/official-request-bodies.ts'
import { OfficialServer, play } from '../../test/official-server.ts'
import { collect } from '../collect.ts'
import type { ChatEvent } from '../event.ts'
import { toolResult, user, type Message } from '../message.ts'
import * as anthropic from './anthropic/index.ts'
import type { DecodedRequest } from './decoded-request.ts'
import * as openaiChat from './openai-chat/index.ts'

const openaiServer = new OfficialServer(openaiChat)
const anthropicServer = new OfficialServer(anthropic)
let openai: OpenAI
let claude: Anthropic
const reply: ChatEvent[] = [
  { type: 'content', text: 'ok' },
  { type: 'done', finishReason: 'stop' },
]
beforeAll(async () => {
  await Promise.all([openaiServer.start(), anthropicServer.start()])
  openai = new OpenAI({ apiKey: 'key', baseURL: `${openaiServer.url}/v1`, maxRetries: 0 })
  claude = new Anthropic({ apiKey: 'key', baseURL: anthropicServer.url, maxRetries: 0 })
})
afterAll(async () => {
  await Promise.all([openaiServer.stop(), anthropicServer.stop()])
})

/** A request as a client has put it on the wire, and what the server has made of it. */
interface Captured {
  body: Json
  decoded: DecodedRequest
}

async function captureOpenai(params: object, stream = false): Promise<Captured> {
  openaiServer.play(() => play(reply))
  const whole = {
    model: 'gpt-5-mini',
    messages: [{ role: 'user' as const, content: 'Hi' }],
    ...params,
  }
  if (stream) {
    for await (const _ of await openai.chat.completions.create({ ...whole, stream })) void _
  } else await openai.chat.completions.create(whole)
  return captured(openaiServer)
}

async function captureAnthropic(params: object, stream = false): Promise<Captured> {
  anthropicServer.play(() => play(reply))
  const whole = {
    model: 'claude-opus-4-8',
    max_tokens: 1000,
    messages: [{ role: 'user' as const, content: 'Hi' }],
    ...params,
  }
  if (stream) await claude.messages.stream(whole).finalMessage()
  else await claude.messages.create(whole)
  return captured(anthropicServer)
}

function captured({
  received,
  decoded,
}: Pick<OfficialServer<object>, 'received' | 'decoded'>): Captured {
  const [request] = received
  const [first] = decoded
  if (!request || !first || received.length !== 1) throw new Error('There must be one request')
  return { body: request.body, decoded: first }
}

/** What a gateway sends on to a provider of OpenAI's. */
function encodeOpenai({ messages, options, extra }: DecodedRequest): Json {
  return openaiChat.encodeRequest({
    model: options.model,
    messages,
    options: { ...options, providerOptions: extra },
  })
}

function encodeAnthropic({ messages, options, extra }: DecodedRequest): Json {
  return anthropic.encodeRequest({
    model: options.model,
    messages,
    options: { ...options, providerOptions: extra },
  })
}

async function passOpenai(params: object): Promise<void> {
  const { body, decoded } = await captureOpenai(params)
  expect(plainOpenai(encodeOpenai(decoded))).toEqual(plainOpenai(body))
}

async function passAnthropic(params: object): Promise<void> {
  const { body, decoded } = await captureAnthropic(params)
  const encoded = encodeAnthropic(decoded)
  expect(plainAnthropic(encoded)).toEqual(plainAnthropic(body))
  expect(hasMark(encoded)).toBe(hasMark(body))
}

/** Any of the fields, each with any of its values. */
function anyOf(fields: { readonly [field: string]: readonly unknown[] }): fc.Arbitrary<object> {
  const values = Object.entries(fields).map(([field, all]) => [
    field,
    fc.constantFrom<unknown>(...all),
  ])
  return fc.record(Object.fromEntries(values) as { [field: string]: fc.Arbitrary<unknown> }, {
    requiredKeys: [],
  })
}

describe('a request of the client `openai` is sent on as it was meant', () => {
  test.each(Object.entries(openaiRequests))('%s', (_, params) => passOpenai(params))

  test('any fields', async () => {
    await fc.assert(fc.asyncProperty(anyOf(openaiFields), passOpenai), { numRuns: 100 })
  })

  test('what asks for a stream', async () => {
    const { decoded } = await captureOpenai({ stream_options: { include_usage: true } }, true)
    expect(decoded).toMatchObject({
      stream: true,
      reply: { model: 'gpt-5-mini', includeUsage: true },
      extra: {},
    })
    expect((await captureOpenai({}, false)).decoded.stream).toBe(false)
  })
})

describe('a request of the client `@anthropic-ai/sdk` is sent on as it was meant', () => {
  test.each(Object.entries(anthropicRequests))('%s', (_, params) => passAnthropic(params))

  test('any fields', async () => {
    await fc.assert(fc.asyncProperty(anyOf(anthropicFields), passAnthropic), { numRuns: 100 })
  })

  // What stands in `extra` as well must not be in there alone: it goes to other dialects too.
  test.each([
    [{ thinking: { type: 'adaptive', display: 'omitted' } }, { reasoning: { exclude: true } }],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } },
      { reasoning: { effort: 'low' } },
    ],
    [{ thinking: { type: 'disabled' } }, { reasoning: { effort: 'none' } }],
    [{ thinking: { type: 'enabled', budget_tokens: 2000 } }, { reasoning: { maxTokens: 2000 } }],
    [{ cache_control: { type: 'ephemeral' } }, { cachePrompt: true }],
  ])('%j has a unified form', async (params, options) => {
    expect((await captureAnthropic(params)).decoded.options).toEqual({
      model: 'claude-opus-4-8',
      maxTokens: 1000,
      ...options,
    })
  })

  test('what asks for a stream', async () => {
    const { decoded } = await captureAnthropic({}, true)
    expect(decoded).toMatchObject({ stream: true, reply: { model: 'claude-opus-4-8' } })
    expect((await captureAnthropic({}, false)).decoded.stream).toBe(false)
  })
})

/** A request goes to a provider of the other dialect: what stands in `extra` means nothing there. */
function without(decoded: DecodedRequest): DecodedRequest {
  return { ...decoded, extra: {} }
}

describe('from one dialect into the other and back', () => {
  const passing = Object.entries(openaiRequests).filter(
    // Recordings of sound, custom tools and JSON without a schema are OpenAI's alone.
    ([name]) => !/audio|custom tools|allowed tools|any JSON/.test(name),
  )

  test.each(passing)('openai, then anthropic: %s', async (_, params) => {
    const { body, decoded } = await captureOpenai({ max_completion_tokens: 500, ...params })
    const there = encodeAnthropic(without(decoded))
    const back = encodeOpenai(without(anthropic.decodeRequest(JSON.parse(JSON.stringify(there)))))
    expect(acrossOpenai(back)).toEqual(acrossOpenai(body))
  })

  /**
   * What Anthropic has no form for: how finely to look, the name of a schema and its strictness,
   * refusals apart from texts; and what it writes otherwise.
   */
  function acrossOpenai(body: unknown): Json {
    const { messages, format, parallel_tool_calls: parallel, ...rest } = plainOpenai(body)
    const turns = (messages as Json[]).map(
      ({ refusal, content, tool_calls: calls, ...message }) => ({
        ...message,
        content: withoutDetail(content || refusal),
        // Arguments are a value there, not a text.
        ...(calls !== undefined && { calls: (calls as Json[]).map((call) => withValue(call)) }),
      }),
    )
    const isSystem = ({ role }: Json): boolean => role === 'system'
    return {
      ...rest,
      // They are allowed where nothing is said.
      alone: parallel === false,
      format: format && (format as Json)['schema'],
      // Instructions go to the top, and neighbours of one role are one turn.
      messages: [
        ...turns.filter(isSystem),
        ...joinUsers(turns.filter((message) => !isSystem(message))),
      ],
    }
  }

  function withoutDetail(content: unknown): unknown {
    const hide = (key: string, value: unknown): unknown => (key === 'detail' ? undefined : value)
    return JSON.parse(JSON.stringify(content, hide)) as unknown
  }

  function withValue({ function: called, ...call }: Json): Json {
    const { name, arguments: text } = called as { [field: string]: string }
    return { ...call, name, input: JSON.parse(text ?? '') as unknown }
  }

  function joinUsers(turns: readonly Json[]): Json[] {
    const joined: Json[] = []
    for (const turn of turns) {
      const last = joined.at(-1)
      if (last?.['role'] === 'user' && turn['role'] === 'user') {
        joined[joined.length - 1] = { ...turn, content: [last['content'], turn['content']].flat() }
      } else joined.push(turn)
    }
    return joined
  }

  const others = Object.entries(anthropicRequests).filter(
    // Pictures in results, files by URL, and server tools are Anthropic's alone; so is thinking by
    // a budget, or kept hidden.
    ([name]) => !/results with images|documents|server tool|budget|not shown/.test(name),
  )

  test.each(others)('anthropic, then openai: %s', async (_, params) => {
    const { body, decoded } = await captureAnthropic(params)
    const there = encodeOpenai(without(decoded))
    const back = encodeAnthropic(
      without(openaiChat.decodeRequest(JSON.parse(JSON.stringify(there)))),
    )
    expect(acrossAnthropic(back)).toEqual(acrossAnthropic(body))
  })

  /** What OpenAI has no form for: thinking that is given back, and caches. */
  function acrossAnthropic(body: unknown): Json {
    const { cache_control: _, thinking: __, messages, ...rest } = plainAnthropic(body)
    return {
      ...rest,
      messages: (messages as { role: string; content: Json[] }[]).map(({ role, content }) => ({
        role,
        content: joinTexts(content.filter(({ type }) => !String(type).includes('thinking'))),
      })),
    }
  }

  /** Texts of an answer are one text there. */
  function joinTexts(blocks: readonly Json[]): Json[] {
    return blocks.toSorted((a, b) => Number(b['type'] === 'text') - Number(a['type'] === 'text'))
  }

  test('documents go as files', async () => {
    const { decoded } = await captureAnthropic({
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0x' },
              title: 'Report',
            },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Żółw' } },
          ],
        },
      ],
    })
    expect(encodeOpenai(decoded)['messages']).toEqual([
      {
        role: 'user',
        content: [
          {
            type: 'file',
            file: { filename: 'Report', file_data: 'data:application/pdf;base64,JVBERi0x' },
          },
          {
            type: 'file',
            file: {
              filename: 'file',
              file_data: `data:text/plain;base64,${Buffer.from('Żółw').toString('base64')}`,
            },
          },
        ],
      },
    ])
  })

  test('a picture in a result is refused, not lost', async () => {
    const { decoded } = await captureAnthropic(
      anthropicRequests['results with images, and failed ones'] ?? {},
    )
    expect(() => encodeOpenai(decoded)).toThrow(/image/)
  })
})

describe('a history made on one dialect continues on the other', () => {
  test('anthropic, then openai, then anthropic again', async () => {
    const first = await collect(decodeOwn(false))
    const history: Message[] = [
      user('Otters?'),
      first.message,
      toolResult('toolu_1', { celsius: 4 }),
    ]
    const options = { model: 'm' }
    const toOpenai = openaiChat.encodeRequest({ model: 'm', messages: history, options })
    // Nothing of what only Anthropic understands, the signature above all.
    expect(JSON.stringify(toOpenai)).not.toMatch(/c2lnbg|cmVkYWN0|srvtoolu|thinking|encrypted/)

    const { body, decoded } = await captureOpenai({ messages: toOpenai['messages'] })
    expect(decoded.messages).toEqual([
      { role: 'user', content: 'Otters?' },
      {
        role: 'assistant',
        content: 'Otters swim.',
        toolCalls: [{ id: 'toolu_1', name: 'weather', arguments: '{"city":"Oslo"}' }],
      },
      { role: 'tool', toolCallId: 'toolu_1', content: '{"celsius":4}' },
    ])
    expect(body['messages']).toEqual(JSON.parse(JSON.stringify(toOpenai['messages'])))

    const second = await collect(reply)
    const messages = [...history, second.message, user('Go on')]
    const again = anthropic.encodeRequest({ model: 'm', messages, options })
    const { decoded: back } = await captureAnthropic({ messages: again['messages'] })
    expect(plainAnthropic(again)['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Otters?' }] },
      { role: 'assistant', content: ownBlocks },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [{ type: 'text', text: '{"celsius":4}' }],
          },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'ok' }] },
      { role: 'user', content: [{ type: 'text', text: 'Go on' }] },
    ])
    expect(
      plainAnthropic(anthropic.encodeRequest({ model: 'm', messages: back.messages, options })),
    ).toEqual(plainAnthropic(again))
  })

  test('openai, then anthropic: ids that it does not take are others, the same for call and result', async () => {
    const id = 'functions.weather:0'
    const { decoded } = await captureOpenai({
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          tool_calls: [
            { id, type: 'function', function: { name: 'weather', arguments: '{"a":1}' } },
          ],
        },
        { role: 'tool', tool_call_id: id, content: 'rain' },
      ],
    })
    const { body } = await captureAnthropic({ messages: encodeAnthropic(decoded)['messages'] })
    const blocks = (plainAnthropic(body)['messages'] as { content: Json[] }[]).map(
      ({ content: [block] }) => block,
    )
    const made = blocks[1]?.['id']
    expect(made).toMatch(/^[\w-]+$/)
    expect(blocks.slice(1)).toEqual([
      { type: 'tool_use', id: made, name: 'weather', input: { a: 1 } },
      { type: 'tool_result', tool_use_id: made, content: [{ type: 'text', text: 'rain' }] },
    ])
  })

  test('a client of openai talks on, while the model behind it changes', async () => {
    // The first turn comes of Anthropic's events, the second of OpenAI's.
    const turns = [decodeOwn(true), reply]
    openaiServer.play((_, turn) => play(turns[turn] ?? []))
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Otters?' }]
    const params = { model: 'gpt-5-mini', messages }
    const first = await openai.chat.completions.stream(params).finalMessage()
    messages.push(first, { role: 'tool', tool_call_id: 'toolu_1', content: '4 °C' })
    const second = await openai.chat.completions.stream(params).finalMessage()
    messages.push(second, { role: 'user', content: 'Go on' })
    const { decoded } = await captureOpenai({ messages })
    expect(plainAnthropic(encodeAnthropic(decoded))['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Otters?' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Otters swim.' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [{ type: 'text', text: '4 °C' }],
          },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'ok' }] },
      { role: 'user', content: [{ type: 'text', text: 'Go on' }] },
    ])
  })
})
