import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalReply, chatEvents, type Carried } from '../../../test/chat-events.ts'
import { piecesOf, seededPlaces } from '../../../test/chunkings.ts'
import { runDecoder } from '../../../test/run-decoder.ts'
import { RatatoskrError } from '../../errors.ts'
import type { ChatEvent } from '../../event.ts'
import { SseDecoder } from '../../frames/sse.ts'
import { SseEncoder, type SseFrame } from '../../frames/sse-encoder.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import { composeReply } from '../reply-decoder.ts'
import { frame } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeReply, type OpenAIChatEncoderOptions } from './encode-reply.ts'

interface Chunk {
  id: string
  object: string
  created: number
  model: string
  choices: { index: number; delta: { [field: string]: unknown }; finish_reason: string | null }[]
  usage?: unknown
}

const done: ChatEvent = { type: 'done', finishReason: 'stop' }
const options = { id: 'chatcmpl-1', model: 'm', created: 7 }

/** The frames of a whole reply, `[DONE]` left out. */
function encode(events: readonly ChatEvent[], given: OpenAIChatEncoderOptions = options): Chunk[] {
  const { output, error } = runDecoder(encodeReply(given), events)
  expect(error).toBeUndefined()
  expect(output.at(-1)).toStrictEqual({ data: '[DONE]' })
  return output.slice(0, -1).map(({ data }) => JSON.parse(data) as Chunk)
}

/** The deltas, and how the last ends. */
const deltas = (events: readonly ChatEvent[], given?: OpenAIChatEncoderOptions): unknown[] =>
  encode([...events, done], { ...options, ...given })
    .flatMap(({ choices }) => choices)
    .map(({ delta }) => delta)
    .slice(0, -1)

describe('the frames', () => {
  test('a reply', () => {
    const chunk = (delta: object, finish_reason: string | null = null): object => ({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 7,
      model: 'm',
      choices: [{ index: 0, delta, finish_reason }],
    })
    expect(
      encode([{ type: 'content', text: 'Hel' }, { type: 'content', text: 'lo' }, done]),
    ).toStrictEqual([
      chunk({ role: 'assistant', content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({}, 'stop'),
    ])
  })

  test('a reply of nothing has a first chunk with the role', () => {
    expect(encode([done]).map(({ choices }) => choices[0])).toStrictEqual([
      { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null },
      { index: 0, delta: {}, finish_reason: 'stop' },
    ])
  })

  test('the model is the reply’s own where none is given, from where it is known', () => {
    const events: ChatEvent[] = [
      { type: 'content', text: 'a' },
      { ...done, model: 'squirrel' },
    ]
    expect(encode(events, {}).map(({ model }) => model)).toStrictEqual(['', 'squirrel'])
    expect(encode(events, { model: 'm' }).map(({ model }) => model)).toStrictEqual(['m', 'm'])
    expect(encode([done], {}).map(({ model }) => model)).toStrictEqual(['', ''])
  })

  test('the id is made at random, one for the reply, and the time is now', () => {
    const before = Math.floor(Date.now() / 1000)
    const [first, last] = encode([{ ...done, id: 'upstream' }], {})
    expect(first?.id).toMatch(/^chatcmpl-[A-Za-z0-9]{29}$/)
    expect(last?.id).toBe(first?.id)
    expect(encode([done], { id: undefined })[0]?.id).not.toBe(first?.id)
    expect(first?.created).toBeGreaterThanOrEqual(before)
    expect(first?.created).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000))
    expect(Number.isInteger(first?.created)).toBe(true)
  })
})

describe('each event', () => {
  const first = { role: 'assistant' }

  test('text of all kinds', () => {
    const events: ChatEvent[] = [
      { type: 'reasoning', text: 'Hm' },
      { type: 'content', text: 'a' },
      { type: 'refusal', text: 'no' },
    ]
    const rest = [{ content: 'a' }, { refusal: 'no' }]
    expect(deltas(events)).toStrictEqual([{ ...first, reasoning_content: 'Hm' }, ...rest])
    expect(deltas(events, { reasoningField: 'reasoning' })).toStrictEqual([
      { ...first, reasoning: 'Hm' },
      ...rest,
    ])
  })

  test('a call', () => {
    const start: ChatEvent = { type: 'tool_call_start', index: 0, id: 'a', name: 'f' }
    const delta: ChatEvent = { type: 'tool_call_delta', index: 0, arguments: '{"x":1}' }
    const end: ChatEvent = { type: 'tool_call_end', index: 0 }
    const opened = {
      ...first,
      tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }],
    }
    const piece = (text: string): object => ({
      tool_calls: [{ index: 0, function: { arguments: text } }],
    })
    expect(deltas([start, delta, end])).toStrictEqual([opened, piece('{"x":1}')])
    // Clients parse the arguments as JSON.
    expect(deltas([start, end])).toStrictEqual([opened, piece('{}')])
    const blank = { ...delta, arguments: ' \n' }
    expect(deltas([start, blank, end])).toStrictEqual([opened, piece(' \n'), piece('{}')])
    // Nobody said that a call which was cut off has none.
    expect(deltas([start])).toStrictEqual([opened])
  })

  test('a custom call, whose input may be empty', () => {
    const start = { type: 'tool_call_start', index: 0, id: 'a', name: 'f', kind: 'custom' } as const
    expect(
      deltas([
        start,
        { type: 'tool_call_delta', index: 0, arguments: 'x = 1' },
        { type: 'tool_call_end', index: 0 },
      ]),
    ).toStrictEqual([
      {
        ...first,
        tool_calls: [{ index: 0, id: 'a', type: 'custom', custom: { name: 'f', input: '' } }],
      },
      { tool_calls: [{ index: 0, custom: { input: 'x = 1' } }] },
    ])
    expect(deltas([start, { type: 'tool_call_end', index: 0 }])).toHaveLength(1)
  })

  test('citations with an address, together before the end; the others have no form', () => {
    const cite = (citation: object): ChatEvent => ({ type: 'citation', citation })
    const url = 'https://a.example/'
    expect(
      deltas([
        cite({ url, title: 'A', text: 'passage', start: 1, end: 3 }),
        { type: 'content', text: 'a' },
        cite({ url, documentId: 'd', start: 4 }),
        cite({ documentId: 'd', title: 'A' }),
      ]),
    ).toStrictEqual([
      { ...first, content: 'a' },
      {
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url, title: 'A', content: 'passage', start_index: 1, end_index: 3 },
          },
          { type: 'url_citation', url_citation: { url, title: '', start_index: 0, end_index: 0 } },
        ],
      },
    ])
    expect(deltas([cite({ documentId: 'd' })])).toStrictEqual([{ ...first, content: '' }])
    const [only] = deltas([cite({ url })])
    expect(only).toMatchObject({ role: 'assistant', annotations: [{ type: 'url_citation' }] })
  })

  test('an image, as OpenRouter writes it', () => {
    const image = (source: object): ChatEvent => ({
      type: 'image',
      image: { mediaType: 'image/png', ...source },
    })
    const written = (url: string): object => ({
      images: [{ type: 'image_url', image_url: { url } }],
    })
    expect(
      deltas([image({ data: 'AAAA' }), image({ url: 'https://a.example/a.png' })]),
    ).toStrictEqual([
      { ...first, ...written('data:image/png;base64,AAAA') },
      written('https://a.example/a.png'),
    ])
  })

  test('provider events leave nothing', () => {
    const event: ChatEvent = { type: 'provider', dialect: 'openai-chat', data: { secret: 1 } }
    expect(encode([event, done])).toStrictEqual(encode([done]))
  })
})

describe('usage', () => {
  const usage: ChatEvent = {
    type: 'usage',
    usage: { promptTokens: 3, completionTokens: 5, totalTokens: 8 },
  }

  test('comes only when asked for, last and alone; the other chunks have null', () => {
    expect(encode([usage, done]).every((chunk) => !('usage' in chunk))).toBe(true)
    const chunks = encode([usage, done], { ...options, includeUsage: true })
    expect(chunks.map((chunk) => chunk.usage)).toStrictEqual([
      null,
      null,
      { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 },
    ])
    expect(chunks.at(-1)?.choices).toStrictEqual([])
  })

  test('is not made up where the reply has none', () => {
    expect(encode([done], { ...options, includeUsage: true })).toHaveLength(2)
  })

  test('has all that is known', () => {
    const all = { reasoningTokens: 2, cachedTokens: 1, cacheWriteTokens: 0, cost: 0.5 }
    const events = [{ ...usage, usage: { ...usage.usage, ...all } }, done]
    expect(encode(events, { includeUsage: true }).at(-1)?.usage).toStrictEqual({
      prompt_tokens: 3,
      completion_tokens: 5,
      total_tokens: 8,
      prompt_tokens_details: { cached_tokens: 1, cache_write_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 2 },
      cost: 0.5,
    })
  })
})

describe('the end', () => {
  const ended = (event: ChatEvent): unknown => encode([event]).at(-1)?.choices[0]

  test.each([
    ['stop', undefined, 'stop'],
    ['stop', 'end_turn', 'stop'],
    ['length', 'max_tokens', 'length'],
    ['tool_calls', 'tool_use', 'tool_calls'],
    ['content_filter', 'refusal', 'content_filter'],
    ['other', 'pause_turn', 'pause_turn'],
    ['other', undefined, 'other'],
    ['other', '', 'other'],
    // These would say something else to readers.
    ['other', 'error', 'other'],
    ['other', 'end_turn', 'other'],
    ['other', 'model_length', 'other'],
  ] as const)('%s, said as %s, is written as %s', (finishReason, rawFinishReason, expected) => {
    const event = {
      type: 'done',
      finishReason,
      ...(rawFinishReason !== undefined && { rawFinishReason }),
    } as const
    expect(ended(event)).toStrictEqual({ index: 0, delta: {}, finish_reason: expected })
  })

  const encrypted = { type: 'reasoning.encrypted', data: 'AAAA', index: 0 }
  const continued = (dialect: string, data: unknown): unknown =>
    ended({ ...done, continuation: { dialect, data } })

  test('carries reasoning details that show no text', () => {
    expect(continued('openai-chat', { reasoning_details: [encrypted] })).toMatchObject({
      delta: { reasoning_details: [encrypted] },
    })
  })

  test.each([
    [
      'that repeat what was streamed',
      'openai-chat',
      [encrypted, { type: 'reasoning.text', text: 'Hm' }],
    ],
    ['that repeat a summary', 'openai-chat', [{ type: 'reasoning.summary', summary: 'Hm' }]],
    ['of another dialect', 'anthropic', [encrypted]],
    ['of which there are none', 'openai-chat', []],
    ['that are no list', 'openai-chat', 'none'],
  ])('no details %s', (_name, dialect, reasoning_details) => {
    expect(continued(dialect, { reasoning_details })).toMatchObject({ delta: {} })
    expect(continued(dialect, { reasoning_details })).not.toHaveProperty('delta.reasoning_details')
  })

  test('without done is none: the reply was cut off', () => {
    for (const events of [[], [{ type: 'content', text: 'a' } as const]]) {
      const { output, error } = runDecoder(encodeReply(), events)
      expect(error?.code).toBe('truncated')
      expect(output).toHaveLength(events.length)
    }
  })

  test('after it nothing is written, whatever comes', () => {
    const encoder = encodeReply()
    const frames: SseFrame[] = []
    const emit = (sent: SseFrame): void => void frames.push(sent)
    encoder.push(done, emit)
    const { length } = frames
    encoder.push({ type: 'content', text: 'late' }, emit)
    encoder.push(done, emit)
    encoder.fail(new Error('late'), emit)
    encoder.end(emit)
    expect(frames).toHaveLength(length)
  })
})

describe('a failure', () => {
  test('is one frame, and nothing after it', () => {
    const encoder = encodeReply()
    const frames: SseFrame[] = []
    const emit = (sent: SseFrame): void => void frames.push(sent)
    encoder.push({ type: 'content', text: 'a' }, emit)
    encoder.fail(new RatatoskrError('overloaded', 'Too much.'), emit)
    encoder.fail(new Error('again'), emit)
    encoder.push({ type: 'content', text: 'late' }, emit)
    encoder.push(done, emit)
    encoder.end(emit)
    expect(frames.slice(1).map(({ data }) => JSON.parse(data) as unknown)).toStrictEqual([
      { error: { message: 'Too much.', type: 'server_error', param: null, code: 'overloaded' } },
    ])
  })

  test('is one for a reader too, after what came before', () => {
    const encoder = encodeReply(options)
    const frames: SseFrame[] = []
    const emit = (sent: SseFrame): void => void frames.push(sent)
    encoder.push({ type: 'content', text: 'a' }, emit)
    encoder.fail(new RatatoskrError('rate_limited', 'Wait.'), emit)
    const { output, error } = runDecoder(reader(), runDecoder(new SseEncoder(), frames).output)
    expect(output).toStrictEqual([{ type: 'content', text: 'a' }])
    expect(error?.code).toBe('rate_limited')
  })

  test('of which nothing is known says nothing', () => {
    const frames: SseFrame[] = []
    encodeReply().fail(new Error('sk-secret'), (sent) => void frames.push(sent))
    expect(frames).toHaveLength(1)
    expect(frames[0]?.data).not.toContain('secret')
  })
})

const reader = () =>
  composeReply(new SseDecoder({ keepDiscarded: true }), new JsonDecoder(frame), decodeReply())

/** What the format cannot carry. */
const carried = ({ id, model, includeUsage }: OpenAIChatEncoderOptions): Carried => ({
  // Of an address nothing tells the type.
  image: ({ type, image }) => ({
    type,
    image: image.url === undefined ? image : { mediaType: 'image/*', url: image.url },
  }),
  provider: null,
  citation({ type, citation }) {
    const { documentId: _, ...rest } = citation
    return rest.url ? { type, citation: rest } : undefined
  },
  usage: (event) => (includeUsage ? event : undefined),
  done({ type, finishReason, rawFinishReason: raw, model: own }) {
    const answered = model ?? own
    return {
      type,
      finishReason,
      // The format has no room for both.
      rawFinishReason: finishReason === 'other' && raw ? raw : finishReason,
      ...(answered && { model: answered }),
      id: id ?? '',
    }
  },
})

/** Where this format has its citations. */
function citedLast(events: readonly ChatEvent[]): ChatEvent[] {
  const isLast = ({ type }: ChatEvent): boolean => type === 'usage' || type === 'done'
  return [
    ...events.filter((event) => event.type !== 'citation' && !isLast(event)),
    ...events.filter(({ type }) => type === 'citation'),
    ...events.filter(isLast),
  ]
}

describe('both ways', () => {
  const given = fc.record({
    id: fc.constant('chatcmpl-1'),
    model: fc.constantFrom(undefined, 'm'),
    created: fc.constant(7),
    includeUsage: fc.boolean(),
    reasoningField: fc.constantFrom('reasoning_content' as const, 'reasoning' as const, undefined),
  })

  const eitherWay = fc.boolean().chain((interleaved) => chatEvents({ interleaved }))

  test('what is encoded is read back the same, however it is split', () => {
    fc.assert(
      fc.property(eitherWay, given, fc.nat(), (events, encoderOptions, seed) => {
        const frames = runDecoder(encodeReply(encoderOptions), events)
        expect(frames.error).toBeUndefined()
        const pieces = runDecoder(new SseEncoder(), frames.output).output
        const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]))
        const decoded = runDecoder(reader(), [whole])
        expect(decoded.error).toBeUndefined()
        expect(canonicalReply(decoded.output)).toStrictEqual(
          canonicalReply(citedLast(events), carried(encoderOptions)),
        )
        const cuts = seededPlaces(whole.length, 5, seed).sort((a, b) => a - b)
        const split = [0, ...cuts].map((from, i) => whole.subarray(from, cuts[i]))
        expect(runDecoder(reader(), piecesOf(whole, 1))).toStrictEqual(decoded)
        expect(runDecoder(reader(), split)).toStrictEqual(decoded)
      }),
      { numRuns: 1000 },
    )
  })

  test('cut anywhere before its end, it is no whole reply', () => {
    fc.assert(
      fc.property(chatEvents(), fc.nat(), (events, place) => {
        const cut = events.slice(0, place % events.length)
        const { error } = runDecoder(encodeReply(), cut)
        expect(error?.code).toBe('truncated')
      }),
      { numRuns: 100 },
    )
  })
})
