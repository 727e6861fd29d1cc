import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalReply, chatEvents, type Carried } from '../../../test/chat-events.ts'
import { piecesOf, seededPlaces } from '../../../test/chunkings.ts'
import { runDecoder, type Run } from '../../../test/run-decoder.ts'
import { RatatoskrError } from '../../errors.ts'
import type { ChatEvent, Citation, FinishReason } from '../../event.ts'
import { SseDecoder } from '../../frames/sse.ts'
import { SseEncoder, type SseFrame } from '../../frames/sse-encoder.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import { textOf } from '../../json/shape.ts'
import { composeReply } from '../reply-decoder.ts'
import type { ReplyEncoderOptions } from '../reply-encoder.ts'
import { frame } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeReply } from './encode-reply.ts'

type Json = { [field: string]: unknown }
interface Frame extends Json {
  type: string
  index?: number
  message?: Json
  content_block?: Json
  delta?: Json
  usage?: Json
}

const done: ChatEvent = { type: 'done', finishReason: 'stop' }
const options = { id: 'msg_1', model: 'm' }

function frames(events: readonly ChatEvent[], given: ReplyEncoderOptions = options): SseFrame[] {
  const { output, error } = runDecoder(encodeReply(given), events)
  expect(error).toBeUndefined()
  return output
}

/** What a whole reply is written as. The rules of the format are checked on the way. */
function encode(events: readonly ChatEvent[], given?: ReplyEncoderOptions): Frame[] {
  const written = frames(events, given).map(({ event, data }) => {
    const parsed = JSON.parse(data) as Frame
    // The official client goes by the name of the event.
    expect(event).toBe(parsed.type)
    return parsed
  })
  expectGrammar(written)
  return written
}

/** One message, one block after the other, each begun and ended once, and an end. */
function expectGrammar(written: readonly Frame[]): void {
  expect(written[0]?.type).toBe('message_start')
  expect(written.slice(-2).map(({ type }) => type)).toEqual(['message_delta', 'message_stop'])
  let next = 0
  let open: number | undefined
  for (const { type, index } of written.slice(1, -2)) {
    if (type === 'content_block_start') {
      expect(open).toBeUndefined()
      expect(index).toBe(next)
      open = next
      next += 1
    } else if (type === 'content_block_delta' || type === 'content_block_stop') {
      expect(index).toBe(open)
      if (type === 'content_block_stop') open = undefined
    } else {
      expect(type).not.toMatch(/^message|^error/)
      expect(index).toBeUndefined()
    }
  }
}

/** The frames between the start of the message and its end. */
const blocks = (...events: ChatEvent[]): Frame[] => encode([...events, done]).slice(1, -2)

const start = (index: number, content_block: Json): Json => ({
  type: 'content_block_start',
  index,
  content_block,
})
const delta = (index: number, change: Json): Json => ({
  type: 'content_block_delta',
  index,
  delta: change,
})
const stop = (index: number): Json => ({ type: 'content_block_stop', index })
const text = (index: number, words: string): Json =>
  delta(index, { type: 'text_delta', text: words })
const input = (index: number, piece: string): Json =>
  delta(index, { type: 'input_json_delta', partial_json: piece })
const noText = { type: 'text', text: '' }

const says = (words: string): ChatEvent => ({ type: 'content', text: words })
const thinks = (words: string): ChatEvent => ({ type: 'reasoning', text: words })
const starts = (index: number, id = 'abc'[index] ?? ''): ChatEvent => ({
  type: 'tool_call_start',
  index,
  id,
  name: 'f',
})
const adds = (index: number, piece: string): ChatEvent => ({
  type: 'tool_call_delta',
  index,
  arguments: piece,
})
const ends = (index: number): ChatEvent => ({ type: 'tool_call_end', index })
const passes = (data: unknown, dialect = 'anthropic'): ChatEvent => ({
  type: 'provider',
  dialect,
  data,
})

function decode(bytes: Iterable<Uint8Array>, includeProviderEvents = false): Run<ChatEvent> {
  const decoder = composeReply(
    new SseDecoder({ keepDiscarded: true }),
    new JsonDecoder(frame),
    decodeReply({ includeProviderEvents }),
  )
  return runDecoder(decoder, bytes)
}

const bytesOf = (written: readonly SseFrame[]): Uint8Array =>
  Buffer.concat(runDecoder<SseFrame, Uint8Array>(new SseEncoder(), written).output)

describe('the frames', () => {
  test('a reply', () => {
    expect(
      encode([
        thinks('Hm'),
        says('Hel'),
        says('lo'),
        starts(0),
        adds(0, '{"x":'),
        adds(0, '1}'),
        ends(0),
        {
          type: 'usage',
          usage: {
            promptTokens: 9,
            completionTokens: 5,
            totalTokens: 14,
            reasoningTokens: 2,
            cachedTokens: 3,
            cacheWriteTokens: 1,
          },
        },
        { type: 'done', finishReason: 'tool_calls' },
      ]),
    ).toStrictEqual([
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 0, output_tokens: 0 },
        },
      },
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      stop(0),
      start(1, noText),
      text(1, 'Hel'),
      text(1, 'lo'),
      stop(1),
      start(2, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
      input(2, '{"x":'),
      input(2, '1}'),
      stop(2),
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null },
        usage: {
          input_tokens: 5,
          cache_read_input_tokens: 3,
          cache_creation_input_tokens: 1,
          output_tokens: 5,
          output_tokens_details: { thinking_tokens: 2 },
        },
      },
      { type: 'message_stop' },
    ])
  })

  test('a reply of nothing', () => {
    expect(encode([done]).map(({ type }) => type)).toEqual([
      'message_start',
      'message_delta',
      'message_stop',
    ])
  })

  test('the id is made at random where none is given, and the model is the reply’s own as far as it is known', () => {
    const [first] = encode([done], {})
    expect(first?.message?.['id']).toMatch(/^msg_[A-Za-z0-9]{24}$/)
    expect(encode([done], {})[0]?.message?.['id']).not.toBe(first?.message?.['id'])
    expect(encode([{ ...done, model: 'squirrel' }], {})[0]?.message?.['model']).toBe('squirrel')
    expect(encode([says('a'), { ...done, model: 'squirrel' }], {})[0]?.message?.['model']).toBe('')
    const head = passes({ type: 'message_start', message: { id: 'msg_2', model: 'squirrel' } })
    expect(encode([head, done], {})[0]?.message).toMatchObject({ id: 'msg_2', model: 'squirrel' })
    expect(encode([head, done])[0]?.message).toMatchObject({ id: 'msg_1', model: 'm' })
  })

  test.each<[FinishReason, string | undefined, string]>([
    ['stop', undefined, 'end_turn'],
    ['stop', 'stop_sequence', 'stop_sequence'],
    ['stop', 'STOP', 'end_turn'],
    ['length', undefined, 'max_tokens'],
    ['length', 'model_context_window_exceeded', 'model_context_window_exceeded'],
    ['length', 'length', 'max_tokens'],
    ['tool_calls', 'tool_use', 'tool_use'],
    // What the calls made of it.
    ['tool_calls', 'end_turn', 'tool_use'],
    ['content_filter', undefined, 'refusal'],
    ['content_filter', 'SAFETY', 'refusal'],
    ['other', 'pause_turn', 'pause_turn'],
    ['other', undefined, 'other'],
    // That would mean something else.
    ['other', 'end_turn', 'other'],
    ['stop', 'constructor', 'end_turn'],
  ])('%s (%s) is %s', (finishReason, rawFinishReason, expected) => {
    const written = encode([
      { type: 'done', finishReason, ...(rawFinishReason && { rawFinishReason }) },
    ])
    expect(written.at(-2)?.delta).toMatchObject({ stop_reason: expected })
  })

  test.each<[FinishReason, string]>([
    // Other formats end a refusal like any text; a client of this one would see an empty answer.
    ['stop', 'refusal'],
    ['length', 'max_tokens'],
    ['tool_calls', 'tool_use'],
    ['content_filter', 'refusal'],
  ])('a refusal that ends with %s', (finishReason, expected) => {
    const written = encode([
      { type: 'refusal', text: 'No.' },
      { type: 'done', finishReason, rawFinishReason: 'end_turn' },
    ])
    expect(written.at(-2)?.delta).toMatchObject({ stop_reason: expected })
  })

  test('the text of a refusal', () => {
    const written = encode([
      { type: 'refusal', text: 'I may ' },
      { type: 'refusal', text: 'not.' },
      { type: 'done', finishReason: 'content_filter' },
    ])
    expect(written.slice(1)).toMatchObject([
      {
        delta: {
          stop_reason: 'refusal',
          stop_details: { type: 'refusal', explanation: 'I may not.' },
        },
      },
      { type: 'message_stop' },
    ])
  })

  test('usage that comes first stands in the start too', () => {
    const usage: ChatEvent = {
      type: 'usage',
      usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 },
    }
    const written = encode([usage, done])
    expect(written[0]?.message).toMatchObject({ usage: { input_tokens: 3, output_tokens: 2 } })
    expect(written.at(-2)?.usage).toMatchObject({ input_tokens: 3, output_tokens: 2 })
  })

  test('what has no place is left out', () => {
    const image: ChatEvent = { type: 'image', image: { mediaType: 'image/png', url: 'x' } }
    expect(
      blocks(
        image,
        passes({ type: 'ping' }, 'openai-chat'),
        passes(null),
        passes('text'),
        passes({}),
      ),
    ).toEqual([])
  })
})

describe('calls', () => {
  test('without arguments', () => {
    expect(blocks(starts(0), ends(0))).toEqual([
      start(0, { type: 'tool_use', id: 'a', name: 'f', input: {} }),
      stop(0),
    ])
  })

  test('side by side are written one after the other, however they end', () => {
    const orders: ChatEvent[][] = [
      [starts(0), adds(0, '{"x":0}'), starts(1), adds(1, '{"x":1}'), ends(0), ends(1)],
      [starts(0), starts(1), adds(1, '{"x":1}'), adds(0, '{"x":0}'), ends(1), ends(0)],
      [
        starts(0),
        starts(1),
        adds(0, '{"x"'),
        adds(1, '{"x"'),
        adds(0, ':0}'),
        adds(1, ':1}'),
        ends(0),
        ends(1),
      ],
    ]
    for (const events of orders) {
      const written = blocks(...events)
      const inputs = [0, 1].map((index) =>
        written
          .filter((each) => each.index === index)
          .map((each) => textOf(each.delta?.['partial_json']))
          .join(''),
      )
      expect(inputs).toEqual(['{"x":0}', '{"x":1}'])
      expect(written.filter(({ type }) => type === 'content_block_stop')).toHaveLength(2)
    }
  })

  test('text between their pieces follows', () => {
    const written = blocks(starts(0), says('a'), adds(0, '{}'), says('b'), ends(0), says('c'))
    expect(written.map(({ type, content_block }) => content_block?.['type'] ?? type)).toEqual([
      'tool_use',
      'content_block_delta',
      'content_block_stop',
      'text',
      'content_block_delta',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
    ])
    expect(written.map((each) => textOf(each.delta?.['text'])).join('')).toBe('abc')
  })

  test('that never end are not ended: what was written of them is no JSON', () => {
    const events = [
      starts(0),
      adds(0, '{"x":'),
      starts(1),
      adds(1, '{"x":1}'),
      ends(1),
      { type: 'done', finishReason: 'length' } as const,
    ]
    const bytes = bytesOf(frames(events))
    encode(events)
    const { output } = decode([bytes])
    expect(output.filter(({ type }) => type === 'tool_call_end')).toEqual([
      { type: 'tool_call_end', index: 1 },
    ])
    expect(output.at(-1)).toMatchObject({ finishReason: 'length' })
  })

  test('the last that never ends', () => {
    const events = [starts(0), adds(0, '{"x":'), { type: 'done', finishReason: 'length' } as const]
    encode(events)
    expect(decode([bytesOf(frames(events))]).output.map(({ type }) => type)).toEqual([
      'tool_call_start',
      'tool_call_delta',
      'usage',
      'done',
    ])
  })

  test('a custom call has its text in the field `input`', () => {
    const words = 'SELECT "🐿️"\n'
    const custom: ChatEvent = {
      type: 'tool_call_start',
      index: 0,
      id: 'a',
      name: 'sql',
      kind: 'custom',
    }
    // Also cut between the halves of a character.
    const pieces = [words.slice(0, 9), words.slice(9)].map((piece) => adds(0, piece))
    const written = blocks(custom, ...pieces, ends(0))
    const json = written.map((each) => textOf(each.delta?.['partial_json'])).join('')
    expect(JSON.parse(json)).toEqual({ input: words })
    expect(
      JSON.parse(
        blocks(custom, ends(0))
          .map((each) => textOf(each.delta?.['partial_json']))
          .join(''),
      ),
    ).toEqual({ input: '' })
  })

  test('a great many side by side', () => {
    const many = Array.from({ length: 3000 }, (_, at) => at)
    const written = encode([
      ...many.map((at) => starts(at, `id${at}`)),
      ...many.map((at) => adds(at, '{"x":')),
      ...many.map((at) => adds(at, `${at}}`)),
      ...many.map((at) => ends(at)),
      done,
    ])
    expect(written).toHaveLength(3 + 4 * many.length)
  }, 20_000)
})

describe('citations', () => {
  const cited = (citation: Citation): ChatEvent => ({ type: 'citation', citation })

  test('stand in the block of the text before them, and what follows is another', () => {
    const url = 'https://a.example'
    expect(
      blocks(
        says('a'),
        cited({ url, title: 'A', text: 'x', start: 0, end: 1 }),
        cited({ url }),
        says('b'),
      ),
    ).toEqual([
      start(0, noText),
      text(0, 'a'),
      delta(0, {
        type: 'citations_delta',
        citation: {
          type: 'web_search_result_location',
          url,
          title: 'A',
          cited_text: 'x',
          encrypted_index: '',
        },
      }),
      delta(0, {
        type: 'citations_delta',
        citation: {
          type: 'web_search_result_location',
          url,
          title: null,
          cited_text: '',
          encrypted_index: '',
        },
      }),
      stop(0),
      start(1, noText),
      text(1, 'b'),
      stop(1),
    ])
  })

  test('of documents', () => {
    const [, , , found] = blocks(
      says('a'),
      cited({ documentId: '2', title: 'D', text: 'x' }),
    ).toSpliced(1, 0, {} as Frame)
    expect(found?.delta?.['citation']).toEqual({
      type: 'char_location',
      cited_text: 'x',
      document_index: 2,
      document_title: 'D',
      start_char_index: 0,
      end_char_index: 0,
    })
  })

  test.each(['Infinity', 'file_1', '-1', '1e999', ''])(
    'of documents that are no places: %s',
    (documentId) => {
      const [, , found] = blocks(says('a'), cited({ documentId, text: 'x' }))
      expect(found?.delta?.['citation']).toMatchObject({
        type: 'web_search_result_location',
        cited_text: 'x',
      })
    },
  )

  test('without any text have a block of their own', () => {
    expect(blocks(cited({ url: 'x' }))).toMatchObject([start(0, noText), { index: 0 }, stop(0)])
  })
})

describe('provider events of this dialect', () => {
  const signature = { type: 'signature_delta', signature: 'c2ln' }

  test('are written in their places, with indexes of their own', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    const found = { type: 'web_search_tool_result', tool_use_id: 's', content: [] }
    expect(
      blocks(
        thinks('Hm'),
        passes(delta(7, signature)),
        thinks('So'),
        passes(delta(8, signature)),
        says('a'),
        passes(start(9, search)),
        passes(input(9, '{"query":"x"}')),
        passes(stop(9)),
        passes(start(10, found)),
        passes(stop(10)),
        says('b'),
      ),
    ).toEqual([
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, signature),
      stop(0),
      start(1, { type: 'thinking', thinking: '', signature: '' }),
      delta(1, { type: 'thinking_delta', thinking: 'So' }),
      delta(1, signature),
      stop(1),
      start(2, noText),
      text(2, 'a'),
      stop(2),
      start(3, search),
      input(3, '{"query":"x"}'),
      stop(3),
      start(4, found),
      stop(4),
      start(5, noText),
      text(5, 'b'),
      stop(5),
    ])
  })

  test('a signature of thinking that is not shown', () => {
    expect(
      blocks(passes(delta(0, signature)), passes(delta(1, signature)), says('a')),
    ).toMatchObject([
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, signature),
      stop(0),
      start(1, { type: 'thinking', thinking: '', signature: '' }),
      delta(1, signature),
      stop(1),
      start(2, noText),
      text(2, 'a'),
      stop(2),
    ])
  })

  test('more about a call', () => {
    const caller = { type: 'code_execution_20250825', tool_id: 's' }
    const call = { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 }, caller }
    expect(
      blocks(passes(start(4, call)), starts(0), adds(0, '{"x":1}'), ends(0), starts(1), ends(1)),
    ).toEqual([
      start(0, { ...call, input: {} }),
      input(0, '{"x":1}'),
      stop(0),
      start(1, { type: 'tool_use', id: 'b', name: 'f', input: {} }),
      stop(1),
    ])
  })

  test('citations are written once, as they came', () => {
    const citation = {
      type: 'web_search_result_location',
      url: 'https://a.example',
      encrypted_index: 'y',
    }
    const event: ChatEvent = {
      type: 'citation',
      citation: { url: 'https://a.example', start: 0, end: 1 },
    }
    const streamed = blocks(
      passes(start(0, { type: 'text', text: '', citations: [] })),
      passes(delta(0, { type: 'citations_delta', citation })),
      says('a'),
      event,
      says('b'),
    )
    expect(streamed).toEqual([
      start(0, { ...noText, citations: [] }),
      delta(0, { type: 'citations_delta', citation }),
      text(0, 'a'),
      stop(0),
      start(1, noText),
      text(1, 'b'),
      stop(1),
    ])
    const whole = blocks(
      passes(start(0, { type: 'text', text: 'a', citations: [citation] })),
      says('a'),
      event,
    )
    expect(JSON.stringify(whole).match(/encrypted_index/g)).toHaveLength(1)
    expect(JSON.stringify(whole)).toContain('"encrypted_index":"y"')
  })

  test('the end keeps what more was said of it', () => {
    const end = {
      type: 'message_delta',
      delta: { stop_reason: 'stop_sequence', stop_sequence: 'END', container: { id: 'c' } },
      usage: { output_tokens: 2, server_tool_use: { web_search_requests: 1 } },
      context_management: { applied_edits: [] },
    }
    const usage: ChatEvent = {
      type: 'usage',
      usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 },
    }
    const written = encode([
      passes(end),
      usage,
      { type: 'done', finishReason: 'stop', rawFinishReason: 'stop_sequence' },
    ])
    expect(written.at(-2)).toMatchObject(end)
    expect(written.at(-2)?.usage).toMatchObject({ input_tokens: 3 })
  })

  test('a field that nobody knows makes no block of its own', () => {
    expect(blocks(passes(delta(0, { type: 'text_delta', text: 'a', more: 1 })), says('a'))).toEqual(
      [start(0, noText), text(0, 'a'), stop(0)],
    )
  })

  test('a block that was never stopped', () => {
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    const written = blocks(passes(start(0, search)), passes(input(0, '{"q')), says('a'))
    expect(written.map(({ index }) => index)).toEqual([0, 0, 0, 1, 1, 1])
  })
})

describe('the end of the events', () => {
  const failed = (events: readonly ChatEvent[], error: unknown): Json[] => {
    const written: Json[] = []
    const encoder = encodeReply(options)
    const emit = ({ event, data }: SseFrame): void => {
      written.push({ event, ...(JSON.parse(data) as Json) })
    }
    for (const event of events) encoder.push(event, emit)
    encoder.fail(error, emit)
    encoder.push(says('never'), emit)
    encoder.push(done, emit)
    encoder.fail(error, emit)
    encoder.end(emit)
    return written
  }

  test('without done the reply was cut off', () => {
    const { output, error } = runDecoder(encodeReply(options), [says('a')])
    expect(error?.code).toBe('truncated')
    expect(output.at(-1)?.event).not.toBe('message_stop')
  })

  test('nothing follows done', () => {
    expect(frames([done, says('a'), done])).toHaveLength(3)
  })

  test('a failure is an error event, and the last', () => {
    const error = new RatatoskrError('overloaded', 'The provider is busy.')
    const written = failed([says('a')], error)
    expect(written.at(-1)).toEqual({
      event: 'error',
      type: 'error',
      error: { type: 'overloaded_error', message: 'The provider is busy.' },
    })
    expect(written.map(({ event }) => event)).not.toContain('message_stop')
    expect(written.filter(({ event }) => event === 'error')).toHaveLength(1)
    expect(failed([], new TypeError('secret'))).toEqual([
      {
        event: 'error',
        type: 'error',
        error: { type: 'api_error', message: expect.not.stringContaining('secret') as unknown },
      },
    ])
    expect(failed([done], error).map(({ event }) => event)).not.toContain('error')
  })

  test('the decoder reads it as that error', () => {
    const encoder = encodeReply(options)
    const written: SseFrame[] = []
    const emit = (one: SseFrame): void => {
      written.push(one)
    }
    encoder.push(says('a'), emit)
    encoder.fail(new RatatoskrError('rate_limited', 'Slow down.'), emit)
    const { output, error } = decode([bytesOf(written)])
    expect(output).toEqual([says('a')])
    expect(error?.code).toBe('rate_limited')
  })
})

/** What of events this format carries. */
const carried: Carried = {
  image: null,
  provider: null,
  citation({ type, citation: { url, title, text: words, documentId } }) {
    const isPlace = url === undefined && /^(0|[1-9]\d*)$/.test(documentId ?? '')
    const name = isPlace ? title : (title ?? documentId)
    return {
      type,
      citation: {
        ...(url && { url }),
        ...(name && { title: name }),
        ...(words && { text: words }),
        ...(isPlace && documentId && { documentId }),
      },
    }
  },
  usage({ type, usage }) {
    const { cost: _, ...counts } = usage
    return { type, usage: counts }
  },
  done({ type, finishReason, rawFinishReason: raw = '' }) {
    const words: { [reason in FinishReason]: string } = {
      stop: 'end_turn',
      length: 'max_tokens',
      tool_calls: 'tool_use',
      content_filter: 'refusal',
      other: /^(|end_turn|max_tokens)$/.test(raw) ? 'other' : raw,
    }
    return { type, finishReason, rawFinishReason: words[finishReason], id: 'msg_1', model: 'm' }
  },
}

/** Custom calls as this format has them: their text is the field of an object. */
function withoutCustom(events: readonly ChatEvent[]): ChatEvent[] {
  const custom = new Set<number>()
  return events.flatMap((event): ChatEvent[] => {
    if (event.type === 'tool_call_start' && event.kind) {
      const { kind: _, ...opened } = event
      custom.add(event.index)
      return [opened, adds(event.index, '{"input":"')]
    }
    if (!('index' in event) || !custom.has(event.index)) return [event]
    if (event.type === 'tool_call_end') return [adds(event.index, '"}'), event]
    if (event.type !== 'tool_call_delta') return [event]
    return [adds(event.index, JSON.stringify(event.arguments).slice(1, -1))]
  })
}

/**
 * Refusals at the end, where this format has them, and says them as its reason; and usage, which it
 * always has.
 */
function arranged(events: readonly ChatEvent[]): ChatEvent[] {
  const refusal = events.map((event) => (event.type === 'refusal' ? event.text : '')).join('')
  const isLast = ({ type }: ChatEvent): boolean => type === 'usage' || type === 'done'
  const none: ChatEvent = {
    type: 'usage',
    usage: { promptTokens: 0, completionTokens: 0, totalTokens: 0 },
  }
  return [
    ...events.filter((event) => event.type !== 'refusal' && !isLast(event)),
    ...(refusal ? [{ type: 'refusal' as const, text: refusal }] : []),
    ...(events.some(({ type }) => type === 'usage') ? [] : [none]),
    ...events
      .filter(isLast)
      .map((event): ChatEvent =>
        event.type === 'done' && event.finishReason === 'stop' && refusal
          ? { ...event, finishReason: 'content_filter' }
          : event,
      ),
  ]
}

const citationsOf = (events: readonly ChatEvent[]): Citation[] =>
  events.flatMap((event) => {
    if (event.type !== 'citation') return []
    const { start: _, end: __, ...rest } = event.citation
    return [rest]
  })
/** Without citations; and without what citations make a continuation of. */
const others = (events: readonly ChatEvent[]): ChatEvent[] =>
  events.flatMap((event): ChatEvent[] => {
    if (event.type !== 'done') return event.type === 'citation' ? [] : [event]
    const { continuation: _, ...rest } = event
    return [rest]
  })

describe('both ways', () => {
  test('what is encoded is decoded again, as far as the format carries it', () => {
    fc.assert(
      fc.property(chatEvents({ custom: true }), fc.nat(), (events, seed) => {
        encode(events)
        const bytes = bytesOf(frames(events))
        const [place = 1] = seededPlaces(bytes.length, 1, seed)
        const { output, error } = decode([bytes.subarray(0, place), bytes.subarray(place)])
        expect(error).toBeUndefined()
        const expected = canonicalReply(arranged(withoutCustom(events)), carried)
        expect(canonicalReply(others(output))).toEqual(canonicalReply(others(expected)))
        expect(citationsOf(output)).toEqual(citationsOf(expected))
        const content = output.map((event) => (event.type === 'content' ? event.text : '')).join('')
        for (const event of output) {
          if (event.type !== 'citation') continue
          const { start: from = 0, end: to = 0 } = event.citation
          expect(from <= to && to <= content.length).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('and encoded a second time it is the same', () => {
    fc.assert(
      fc.property(chatEvents({ interleaved: false }), (events) => {
        const first = decode([bytesOf(frames(events))], true).output
        const second = decode([bytesOf(frames(first))], true).output
        expect(canonicalReply(second)).toEqual(canonicalReply(first))
      }),
      { numRuns: 300 },
    )
  })

  test('cut anywhere it is no whole reply', () => {
    fc.assert(
      fc.property(chatEvents(), fc.nat(), (events, place) => {
        const bytes = bytesOf(frames(events))
        const whole = decode([bytes])
        const cut = decode(piecesOf(bytes.subarray(0, place % (bytes.length - 3)), 7))
        if (cut.error) {
          expect(cut.error.code).toBe('truncated')
          expect(cut.output).toEqual(whole.output.slice(0, cut.output.length))
        } else expect(cut.output).toEqual(whole.output)
      }),
    )
  })
})

describe('whatever a host sends', () => {
  /** The calls; of those that were cut not the arguments, which are nobody's business. */
  function calls(events: readonly ChatEvent[]): ChatEvent[] {
    const whole = new Set(
      events.flatMap((event) => (event.type === 'tool_call_end' ? [event.index] : [])),
    )
    return canonicalReply(
      events.filter(
        (event) => event.type === 'tool_call_start' || ('index' in event && whole.has(event.index)),
      ),
    )
  }

  const type = fc.constantFrom(
    'text',
    'thinking',
    'tool_use',
    'server_tool_use',
    'redacted_thinking',
  )
  const words = fc.constantFrom('', 'a', '{}', '{"x":', '1}')
  const index = fc.nat(2)
  const block = fc.record(
    {
      type,
      id: words,
      name: fc.constantFrom('f', 'g'),
      text: words,
      thinking: words,
      input: fc.constantFrom({}, { x: 1 }, null, []),
      citations: fc.constantFrom(null, [], [{ url: 'x' }]),
      caller: fc.constant({ type: 'x' }),
    },
    { requiredKeys: ['type', 'name'] },
  )
  const change = fc
    .oneof(
      words.map((said): Json => ({ text: said })),
      words.map((thinking): Json => ({ thinking })),
      words.map((partial_json): Json => ({ partial_json })),
      words.map((signature): Json => ({ signature })),
      fc.constantFrom<Json>({ citation: { url: 'x' } }, { citation: null }, {}),
    )
    .chain((one) => fc.constantFrom(one, { ...one, more: 1 }))
  const chunk = fc.oneof(
    fc.tuple(index, block).map(([at, sent]) => start(at, sent)),
    fc.tuple(index, change).map(([at, sent]) => delta(at, sent)),
    index.map(stop),
    fc.constantFrom<Json>(
      { type: 'something_new', x: 1 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use', more: 1 } },
      { type: 'message_start', message: { content: [{ type: 'x' }], container: { id: 'c' } } },
    ),
  )

  test('what is passed on of it keeps to the rules, one block after the other', () => {
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 14 }), fc.boolean(), (chunks, passesOn) => {
        const decoder = decodeReply({ includeProviderEvents: passesOn })
        const { output, error } = runDecoder(decoder, [...chunks, { type: 'message_stop' }])
        expect(error).toBeUndefined()
        encode(output, {})
        const second = decode([bytesOf(frames(output, {}))])
        expect(second.error).toBeUndefined()
        // One that is whole is closed by what follows it, also where the host has not done so.
        const ended = new Set(
          output.flatMap((event) => (event.type === 'tool_call_end' ? [event.index] : [])),
        )
        const again = second.output.filter(
          (event) => event.type !== 'tool_call_end' || ended.has(event.index),
        )
        expect(calls(again)).toEqual(calls(output))
        for (const kind of ['content', 'reasoning'] as const) {
          const said = (events: readonly ChatEvent[]): string =>
            events.map((event) => (event.type === kind ? event.text : '')).join('')
          expect(said(second.output)).toBe(said(output))
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('the official client', () => {
  interface Read {
    message: Json
    blocks: unknown[]
  }

  /** Reads a stream as its users do. */
  async function readAll(written: readonly Frame[]): Promise<Read> {
    const lines = written.map((each) => `${JSON.stringify(each)}\n`).join('')
    const stream = MessageStream.fromReadableStream(new Blob([lines]).stream())
    const found: unknown[] = []
    stream.on('contentBlock', (block) => found.push(JSON.parse(JSON.stringify(block))))
    const message = JSON.parse(JSON.stringify(await stream.finalMessage())) as Json
    return { message, blocks: found }
  }

  test('reads what is written, each block once', async () => {
    const { message, blocks: found } = await readAll(
      encode([
        thinks('Hm'),
        says('Hello'),
        starts(0),
        adds(0, '{"x":0}'),
        starts(1),
        adds(1, '{"x":1}'),
        ends(0),
        ends(1),
        { type: 'usage', usage: { promptTokens: 3, completionTokens: 5, totalTokens: 8 } },
        { type: 'done', finishReason: 'tool_calls' },
      ]),
    )
    expect(message).toMatchObject({
      id: 'msg_1',
      model: 'm',
      stop_reason: 'tool_use',
      usage: { input_tokens: 3, output_tokens: 5 },
    })
    const content = [
      { type: 'thinking', thinking: 'Hm', signature: '' },
      { type: 'text', text: 'Hello' },
      { type: 'tool_use', id: 'a', name: 'f', input: { x: 0 } },
      { type: 'tool_use', id: 'b', name: 'f', input: { x: 1 } },
    ]
    expect(message['content']).toEqual(content)
    expect(found).toEqual(content)
  })
})
