import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasRecordings, loadRecordings } from '../../../test/recordings.ts'
import { canonical, runDecoder, type Run } from '../../../test/run-decoder.ts'
import { isRatatoskrError, type ErrorCode } from '../../errors.ts'
import type { ChatEvent, FinishReason, Usage } from '../../event.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import { pipe } from '../../decoder.ts'
import { frame, type Chunk } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'

type Json = { [field: string]: unknown }

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
const text = (index: number, piece: string): Json =>
  delta(index, { type: 'text_delta', text: piece })
const thinking = (index: number, piece: string): Json =>
  delta(index, { type: 'thinking_delta', thinking: piece })
const input = (index: number, piece: string): Json =>
  delta(index, { type: 'input_json_delta', partial_json: piece })
const begun = (message: Json = {}): Json => ({
  type: 'message_start',
  message: { id: 'm1', model: 'squirrel', content: [], ...message },
})
const ended = (stop_reason: string | null = 'end_turn', usage?: Json): Json => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  ...(usage && { usage }),
})
const over: Json = { type: 'message_stop' }
const call = (fields: Json = {}): Json => ({
  type: 'tool_use',
  id: 'toolu_1',
  name: 'weather',
  input: {},
  ...fields,
})

function run(
  chunks: readonly Json[],
  options: Parameters<typeof decodeReply>[0] = {},
): Run<ChatEvent> {
  const decoder = pipe(new JsonDecoder(frame), decodeReply(options))
  return runDecoder(
    decoder,
    chunks.map((chunk) => ({ data: JSON.stringify(chunk) })),
  )
}

/** The events of a reply that ends properly. */
function decode(chunks: readonly Json[], options?: Parameters<typeof decodeReply>[0]): ChatEvent[] {
  const { output, error } = run(chunks, options)
  expect(error).toBeUndefined()
  return output
}

/** The same without the end. */
const spoken = (chunks: readonly Json[]): ChatEvent[] =>
  decode([begun(), ...chunks, ended(), over]).filter(({ type }) => type !== 'done')

/** What was passed on as it came, besides the message's head and end, which always pass. */
const passed = (chunks: readonly Json[]): unknown[] =>
  passedAll(chunks).filter((data) => !/"type":"message_(start|delta)"/.test(JSON.stringify(data)))

const passedAll = (chunks: readonly Json[]): unknown[] =>
  decode(chunks, { includeProviderEvents: true }).flatMap((event) => {
    if (event.type !== 'provider') return []
    expect(event.dialect).toBe('anthropic')
    return [event.data]
  })

const doneOf = (chunks: readonly Json[]): Extract<ChatEvent, { type: 'done' }> | undefined => {
  const last = decode(chunks).at(-1)
  return last?.type === 'done' ? last : undefined
}

describe('text and thinking', () => {
  test('a plain reply', () => {
    expect(
      decode([
        begun({ usage: { input_tokens: 3, output_tokens: 1 } }),
        start(0, { type: 'text', text: '' }),
        { type: 'ping' },
        text(0, 'Hel'),
        text(0, ''),
        text(0, 'lo'),
        stop(0),
        ended('end_turn', { output_tokens: 2 }),
        over,
      ]),
    ).toStrictEqual([
      { type: 'content', text: 'Hel' },
      { type: 'content', text: 'lo' },
      { type: 'usage', usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 } },
      {
        type: 'done',
        finishReason: 'stop',
        rawFinishReason: 'end_turn',
        model: 'squirrel',
        id: 'm1',
      },
    ])
  })

  test('text and thinking that stand in the start of their blocks', () => {
    expect(
      spoken([
        start(0, { type: 'thinking', thinking: 'H', signature: '' }),
        thinking(0, 'm'),
        stop(0),
        start(1, { type: 'text', text: 'A' }),
        text(1, 'b'),
        stop(1),
      ]),
    ).toStrictEqual([
      { type: 'reasoning', text: 'H' },
      { type: 'reasoning', text: 'm' },
      { type: 'content', text: 'A' },
      { type: 'content', text: 'b' },
    ])
  })

  test('thinking that is not shown gives no event, redacted thinking neither', () => {
    expect(
      spoken([
        start(0, { type: 'thinking', thinking: '', signature: '' }),
        thinking(0, ''),
        delta(0, { type: 'signature_delta', signature: 'c2ln' }),
        stop(0),
        start(1, { type: 'redacted_thinking', data: 'b3BhcXVl' }),
        stop(1),
      ]),
    ).toStrictEqual([])
  })

  test.each([
    ['text', text(0, 'Hi'), { type: 'content', text: 'Hi' }],
    ['thinking', thinking(0, 'Hm'), { type: 'reasoning', text: 'Hm' }],
  ])('%s of a block that nobody started', (_, chunk, event) => {
    expect(spoken([chunk, stop(0)])).toStrictEqual([event])
  })

  test('what comes after the end of a block is of another one', () => {
    const chunks = [text(0, 'a'), stop(0), thinking(0, 'b'), stop(0), text(0, 'c')]
    const citation = { url: 'https://a.example' }
    const cited = delta(0, { type: 'citations_delta', citation })
    expect(spoken([...chunks, cited, stop(0)])).toStrictEqual([
      { type: 'content', text: 'a' },
      { type: 'reasoning', text: 'b' },
      { type: 'content', text: 'c' },
      { type: 'citation', citation: { ...citation, start: 1, end: 2 } },
    ])
  })

  test('blocks that nobody stopped', () => {
    expect(spoken([start(0, { type: 'text', text: '' }), text(0, 'Hi')])).toStrictEqual([
      { type: 'content', text: 'Hi' },
    ])
  })
})

describe('calls', () => {
  const events = (chunks: readonly Json[]): ChatEvent[] => canonical(spoken(chunks))
  const opened: ChatEvent = { type: 'tool_call_start', index: 0, id: 'toolu_1', name: 'weather' }
  const closed: ChatEvent = { type: 'tool_call_end', index: 0 }
  const given = (args: string): ChatEvent => ({
    type: 'tool_call_delta',
    index: 0,
    arguments: args,
  })

  test.each<[string, Json[], string?]>([
    [
      'in pieces',
      [start(0, call()), input(0, ''), input(0, '{"a":'), input(0, '1}'), stop(0)],
      '{"a":1}',
    ],
    ['whole in the start', [start(0, call({ input: { a: 1 } })), stop(0)], '{"a":1}'],
    [
      'whole in the start, and an empty piece',
      [start(0, call({ input: { a: 1 } })), input(0, ''), stop(0)],
      '{"a":1}',
    ],
    [
      'in pieces that say it again',
      [start(0, call({ input: { a: 1 } })), input(0, '{"a":2}'), stop(0)],
      '{"a":2}',
    ],
    ['none', [start(0, call()), stop(0)]],
    ['none, and no object either', [start(0, call({ input: null })), stop(0)]],
    ['an empty piece', [start(0, call()), input(0, ''), stop(0)]],
    ['an empty object', [start(0, call()), input(0, '{}'), stop(0)], '{}'],
  ])('arguments: %s', (_, chunks, args) => {
    expect(events(chunks)).toStrictEqual([
      opened,
      ...(args === undefined ? [] : [given(args)]),
      closed,
    ])
  })

  test.each(['{"a":', '[1]', '"a"', '1', 'null', '{"a":1}}'])(
    'arguments that are no JSON object give no end: %s',
    (args) => {
      expect(events([start(0, call()), input(0, args), stop(0)])).toStrictEqual([
        opened,
        given(args),
      ])
    },
  )

  test('a call that max_tokens cuts off has no end, whether its block is stopped or not', () => {
    for (const rest of [[], [stop(0)]]) {
      const output = decode([
        begun(),
        start(0, call()),
        input(0, '{"a":'),
        ...rest,
        ended('max_tokens'),
        over,
      ])
      expect(output.map(({ type }) => type)).toStrictEqual([
        'tool_call_start',
        'tool_call_delta',
        'done',
      ])
      expect(output.at(-1)).toMatchObject({ finishReason: 'length', rawFinishReason: 'max_tokens' })
    }
  })

  test('a call whose block was never stopped has no end, even with whole arguments', () => {
    expect(events([start(0, call()), input(0, '{"a":1}')])).toStrictEqual([
      opened,
      given('{"a":1}'),
    ])
  })

  test('calls are counted apart from blocks', () => {
    const output = spoken([
      start(0, { type: 'text', text: '' }),
      stop(0),
      start(1, call({ id: 'a' })),
      stop(1),
      start(2, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      input(2, '{}'),
      stop(2),
      start(3, call({ id: 'b' })),
      stop(3),
    ])
    expect(output).toMatchObject([
      { type: 'tool_call_start', index: 0, id: 'a' },
      { type: 'tool_call_end', index: 0 },
      { type: 'tool_call_start', index: 1, id: 'b' },
      { type: 'tool_call_end', index: 1 },
    ])
    expect(output).toHaveLength(4)
  })

  test('blocks that are open at the same time', () => {
    expect(
      canonical(
        spoken([
          start(0, call({ id: 'a' })),
          start(1, call({ id: 'b' })),
          input(0, '{"a":'),
          input(1, '{}'),
          input(0, '1}'),
          stop(1),
          stop(0),
        ]),
      ).filter(({ type }) => type !== 'tool_call_start'),
    ).toStrictEqual([
      { type: 'tool_call_delta', index: 0, arguments: '{"a":' },
      { type: 'tool_call_delta', index: 1, arguments: '{}' },
      { type: 'tool_call_delta', index: 0, arguments: '1}' },
      { type: 'tool_call_end', index: 1 },
      { type: 'tool_call_end', index: 0 },
    ])
  })

  test('an id that is missing is made', () => {
    const chunks = [
      begun(),
      start(0, call({ id: null })),
      stop(0),
      start(1, call({ id: '' })),
      stop(1),
      over,
    ]
    const ids = (options?: Parameters<typeof decodeReply>[0]): unknown[] =>
      decode(chunks, options).flatMap((event) => (event.type === 'tool_call_start' ? event.id : []))
    expect(ids()).toStrictEqual(['call_0', 'call_1'])
    expect(ids({ callId: (index) => `x${index}` })).toStrictEqual(['x0', 'x1'])
  })

  test.each([{ name: null }, { name: '' }])('a call without a name is none: %j', (fields) => {
    expect(run([begun(), start(0, call(fields)), over]).error?.code).toBe('protocol')
  })
})

describe('the end', () => {
  test.each<[string, FinishReason]>([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['refusal', 'content_filter'],
    ['pause_turn', 'other'],
    ['something_new', 'other'],
    // What a careless look-up finds on every object.
    ['constructor', 'other'],
    ['toString', 'other'],
    ['__proto__', 'other'],
  ])('%s', (rawFinishReason, finishReason) => {
    const done = doneOf([begun(), ended(rawFinishReason), over])
    expect(done).toStrictEqual({
      type: 'done',
      finishReason,
      rawFinishReason,
      model: 'squirrel',
      id: 'm1',
    })
  })

  test('no reason at all', () => {
    expect(doneOf([begun(), ended(null), over])).toStrictEqual({
      type: 'done',
      finishReason: 'other',
      model: 'squirrel',
      id: 'm1',
    })
  })

  test.each<[string | null, FinishReason]>([
    ['end_turn', 'tool_calls'],
    [null, 'tool_calls'],
    ['max_tokens', 'length'],
    ['pause_turn', 'other'],
    ['refusal', 'content_filter'],
  ])('%s after a complete call', (reason, finishReason) => {
    const chunks = [begun(), start(0, call()), stop(0), ended(reason), over]
    expect(doneOf(chunks)?.finishReason).toBe(finishReason)
  })

  test('end_turn after a call that was cut off is a plain stop', () => {
    const chunks = [begun(), start(0, call()), input(0, '{'), stop(0), ended(), over]
    expect(doneOf(chunks)?.finishReason).toBe('stop')
  })

  test('a reason in the start counts, until another comes', () => {
    expect(doneOf([begun({ stop_reason: 'tool_use' }), over])?.rawFinishReason).toBe('tool_use')
    const chunks = [begun({ stop_reason: 'tool_use' }), ended(null), over]
    expect(doneOf(chunks)?.rawFinishReason).toBe('tool_use')
    const later = [begun({ stop_reason: 'tool_use' }), ended('max_tokens'), over]
    expect(doneOf(later)?.rawFinishReason).toBe('max_tokens')
  })

  test('a second message_start says nothing new', () => {
    const chunks = [
      begun({ usage: { input_tokens: 3, output_tokens: 1 }, content: [call()] }),
      begun({ usage: { input_tokens: 30, output_tokens: 10 }, content: [call()], id: 'm2' }),
      ended(),
      over,
    ]
    const output = decode(chunks)
    expect(output.filter(({ type }) => type === 'tool_call_start')).toHaveLength(1)
    expect(output.at(-2)).toMatchObject({ usage: { promptTokens: 3, completionTokens: 1 } })
    expect(output.at(-1)).toMatchObject({ id: 'm1' })
  })

  test('nothing counts after message_stop', () => {
    expect(decode([begun(), over, text(0, 'x'), over, { type: 'error', error: {} }])).toHaveLength(
      1,
    )
  })

  test.each([
    [[]],
    [[begun()]],
    [[begun(), start(0, { type: 'text', text: 'a' }), stop(0), ended()]],
  ])('without message_stop the reply was cut off', (chunks) => {
    const { output, error } = run(chunks, { provider: 'anthropic' })
    expect(error).toMatchObject({ code: 'truncated', retryable: true, provider: 'anthropic' })
    expect(output.some(({ type }) => type === 'done' || type === 'usage')).toBe(false)
  })

  test('the word that ends other formats is no proof of completion', () => {
    const decoder = decodeReply()
    const emit = (): void => {}
    decoder.push('[DONE]', emit)
    expect(decoder.phase).toBe('open')
    decoder.push({ type: 'message_stop' }, emit)
    expect(decoder.phase).toBe('done')
    decoder.push('[DONE]', emit)
    decoder.end(emit)
  })

  test('a refusal is told in its own words, before the end', () => {
    const details = { type: 'refusal', category: 'bio', explanation: 'I may not.' }
    const said = { type: 'message_delta', delta: { stop_reason: 'refusal', stop_details: details } }
    expect(
      decode([begun(), start(0, { type: 'text', text: 'Hi' }), stop(0), said, over]),
    ).toMatchObject([
      { type: 'content', text: 'Hi' },
      { type: 'refusal', text: 'I may not.' },
      { type: 'done', finishReason: 'content_filter', rawFinishReason: 'refusal' },
    ])
    const silent = {
      ...said,
      delta: { ...said.delta, stop_details: { ...details, explanation: null } },
    }
    expect(decode([begun(), silent, over]).map(({ type }) => type)).toStrictEqual(['done'])
  })
})

describe('usage', () => {
  const usage = (first: Json | undefined, last?: Json): Usage | undefined => {
    const events = decode([begun(first && { usage: first }), ended('end_turn', last), over])
    const found = events.find((event) => event.type === 'usage')
    return found?.type === 'usage' ? found.usage : undefined
  }

  test.each<[string, Json | undefined, Json | undefined, Usage | undefined]>([
    ['none', undefined, undefined, undefined],
    ['nothing in it', {}, {}, undefined],
    ['nonsense', { input_tokens: 'many' }, { output_tokens: -1 }, undefined],
    [
      'later counts overwrite those of the start, and what is missing stays',
      {
        input_tokens: 10,
        cache_read_input_tokens: 5,
        cache_creation_input_tokens: 2,
        output_tokens: 1,
      },
      { output_tokens: 7 },
      {
        promptTokens: 17,
        completionTokens: 7,
        totalTokens: 24,
        cachedTokens: 5,
        cacheWriteTokens: 2,
      },
    ],
    [
      'null is nothing',
      { input_tokens: 10, cache_read_input_tokens: 5, output_tokens: 1 },
      {
        input_tokens: null,
        cache_read_input_tokens: null,
        cache_creation_input_tokens: null,
        output_tokens: 7,
      },
      { promptTokens: 15, completionTokens: 7, totalTokens: 22, cachedTokens: 5 },
    ],
    [
      'counts are totals, never added up',
      { input_tokens: 10, output_tokens: 1 },
      { input_tokens: 30, output_tokens: 7 },
      { promptTokens: 30, completionTokens: 7, totalTokens: 37 },
    ],
    [
      'thinking',
      { input_tokens: 10, output_tokens: 1 },
      { output_tokens: 7, output_tokens_details: { thinking_tokens: 4 } },
      { promptTokens: 10, completionTokens: 7, totalTokens: 17, reasoningTokens: 4 },
    ],
    [
      'zeros are counts',
      {
        input_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
        output_tokens: 0,
      },
      undefined,
      {
        promptTokens: 0,
        completionTokens: 0,
        totalTokens: 0,
        cachedTokens: 0,
        cacheWriteTokens: 0,
      },
    ],
    [
      'only at the end',
      undefined,
      { output_tokens: 7 },
      { promptTokens: 0, completionTokens: 7, totalTokens: 7 },
    ],
  ])('%s', (_, first, last, expected) => {
    expect(usage(first, last)).toStrictEqual(expected)
  })

  test('of several message_delta the last counts', () => {
    const events = decode([
      begun({ usage: { input_tokens: 1, output_tokens: 1 } }),
      ended(null, { output_tokens: 5 }),
      ended('end_turn', { output_tokens: 9 }),
      over,
    ])
    expect(events.map(({ type }) => type)).toStrictEqual(['usage', 'done'])
    expect(events[0]).toMatchObject({ usage: { completionTokens: 9 } })
  })
})

describe('citations', () => {
  const cites = (index: number, citation: Json): Json =>
    delta(index, { type: 'citations_delta', citation })

  test('stand with the text of their block, in UTF-16 units of the whole content', () => {
    const found = spoken([
      start(0, { type: 'text', text: '' }),
      text(0, '🐿️ '),
      stop(0),
      start(1, { type: 'text', text: '', citations: [] }),
      cites(1, {
        type: 'web_search_result_location',
        url: 'https://a.example',
        title: 'A',
        cited_text: 'a b c',
        encrypted_index: 'x',
      }),
      cites(1, {
        type: 'char_location',
        document_index: 0,
        document_title: 'facts.txt',
        cited_text: 'facts',
        start_char_index: 5,
        end_char_index: 10,
      }),
      text(1, 'Nuts'),
      text(1, '.'),
      stop(1),
    ])
    expect(found.slice(3)).toStrictEqual([
      {
        type: 'citation',
        citation: { url: 'https://a.example', title: 'A', text: 'a b c', start: 4, end: 9 },
      },
      {
        type: 'citation',
        citation: { title: 'facts.txt', text: 'facts', documentId: '0', start: 4, end: 9 },
      },
    ])
  })

  test.each([
    [
      {
        type: 'search_result_location',
        source: 'https://b.example',
        title: null,
        cited_text: 'x',
        search_result_index: 0,
      },
      { url: 'https://b.example', text: 'x' },
    ],
    [
      {
        type: 'page_location',
        document_index: 2,
        document_title: null,
        cited_text: '',
        start_page_number: 1,
      },
      { documentId: '2' },
    ],
    [{ type: 'something_new' }, {}],
    [null, {}],
  ])('of other kinds: %j', (sent, expected) => {
    const chunks = [
      start(0, { type: 'text', text: 'a' }),
      delta(0, { type: 'citations_delta', citation: sent }),
      stop(0),
    ]
    expect(spoken(chunks).slice(1)).toStrictEqual([
      { type: 'citation', citation: { ...expected, start: 0, end: 1 } },
    ])
  })

  test('of no text have no place, and those of a block that nobody stopped come at the end', () => {
    expect(
      spoken([start(0, { type: 'text' }), cites(0, { url: 'https://a.example' })]),
    ).toStrictEqual([{ type: 'citation', citation: { url: 'https://a.example' } }])
  })

  test('a great many in one block take linear time', () => {
    const decoder = decodeReply()
    const emit = (): void => {}
    decoder.push({ type: 'content_block_start', index: 0, content_block: { type: 'text' } }, emit)
    // With a copy of all for each it would be gigabytes of copying.
    for (let i = 0; i < 200_000; i += 1) {
      decoder.push({ type: 'content_block_delta', index: 0, delta: { citation: {} } }, emit)
    }
    let found = 0
    decoder.push({ type: 'message_stop' }, ({ type }) => {
      if (type === 'citation') found += 1
    })
    expect(found).toBe(200_000)
  }, 20_000)
})

describe('a whole message instead of a stream', () => {
  test('gives the same events', () => {
    const message = {
      type: 'message',
      id: 'm1',
      model: 'squirrel',
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm', signature: 'c2ln' },
        { type: 'text', text: 'Nuts', citations: [{ url: 'https://a.example' }] },
        { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Oslo' } },
        { type: 'tool_use', id: 'b', name: 'time', input: {} },
        { type: 'redacted_thinking', data: 'x' },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 1, output_tokens: 2 },
    }
    expect(decode([message])).toMatchObject([
      { type: 'reasoning', text: 'Hm' },
      { type: 'content', text: 'Nuts' },
      { type: 'citation', citation: { url: 'https://a.example', start: 0, end: 4 } },
      { type: 'tool_call_start', index: 0, id: 'a', name: 'weather' },
      { type: 'tool_call_delta', index: 0, arguments: '{"city":"Oslo"}' },
      { type: 'tool_call_end', index: 0 },
      { type: 'tool_call_start', index: 1, id: 'b', name: 'time' },
      { type: 'tool_call_end', index: 1 },
      { type: 'usage', usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 } },
      {
        type: 'done',
        finishReason: 'tool_calls',
        rawFinishReason: 'tool_use',
        id: 'm1',
        model: 'squirrel',
      },
    ])
  })

  test('any blocks, streamed or whole', () => {
    const strings = fc.string({ maxLength: 5 })
    const citation = fc.record({ url: fc.webUrl(), cited_text: strings })
    const block = fc.oneof(
      fc.record({ type: fc.constant('text'), text: strings }),
      fc.record({
        type: fc.constant('text'),
        text: strings,
        citations: fc.array(citation, { maxLength: 2 }),
      }),
      fc.record({ type: fc.constant('thinking'), thinking: strings, signature: strings }),
      fc.record({
        type: fc.constant('tool_use'),
        id: fc.stringMatching(/^[a-z]{1,9}$/),
        name: fc.constant('f'),
        input: fc.dictionary(strings, fc.jsonValue()),
      }),
      fc.record({ type: fc.constant('redacted_thinking'), data: strings }),
    )
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), (content) => {
        const whole = decode([
          { type: 'message', id: 'm1', model: 'squirrel', content, stop_reason: 'end_turn' },
        ])
        const streamed = decode([
          begun(),
          ...content.flatMap((each: Json, index) => {
            const { text: words, thinking: thoughts, input: args, citations = [], ...rest } = each
            return [
              start(index, {
                ...rest,
                ...(words !== undefined && { text: '' }),
                ...(thoughts !== undefined && { thinking: '' }),
                ...('citations' in each && { citations: [] }),
                ...(args !== undefined && { input: {} }),
              }),
              ...(citations as Json[]).map((one) =>
                delta(index, { type: 'citations_delta', citation: one }),
              ),
              ...(words === undefined
                ? []
                : (words as string).split('').map((piece) => text(index, piece))),
              ...(thoughts === undefined ? [] : [thinking(index, thoughts as string)]),
              ...(args === undefined
                ? []
                : JSON.stringify(args)
                    .split('')
                    .map((piece) => input(index, piece))),
              stop(index),
            ]
          }),
          ended(),
          over,
        ])
        const isEmpty = (event: ChatEvent): boolean =>
          event.type === 'tool_call_delta' && event.arguments === '{}'
        expect(canonical(whole).filter((event) => !isEmpty(event))).toEqual(
          canonical(streamed).filter((event) => !isEmpty(event)),
        )
      }),
    )
  })
})

describe('failures inside a stream', () => {
  test.each<[unknown, ErrorCode, boolean]>([
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'overloaded', true],
    [{ type: 'rate_limit_error', message: 'Slow down' }, 'rate_limited', true],
    [{ type: 'api_error', message: 'Internal server error' }, 'api', true],
    [{ type: 'timeout_error', message: 'Too slow' }, 'timeout', true],
    [{ type: 'authentication_error', message: 'invalid x-api-key' }, 'authentication', false],
    [{ type: 'permission_error', message: 'Not yours' }, 'permission', false],
    [{ type: 'billing_error', message: 'Pay first' }, 'permission', false],
    [{ type: 'invalid_request_error', message: 'messages: no' }, 'invalid_request', false],
    [null, 'api', true],
  ])('%j', (error, code, retryable) => {
    const said = { type: 'error', error }
    const { output, error: failure } = run(
      [begun(), start(0, { type: 'text', text: 'Hi' }), said, over],
      { provider: 'anthropic' },
    )
    expect(output).toStrictEqual([{ type: 'content', text: 'Hi' }])
    expect(failure).toMatchObject({ code, retryable, provider: 'anthropic' })
  })

  test('an error object in a chunk of another type', () => {
    const { error } = run([begun(), { type: 'ping', error: { type: 'overloaded_error' } }])
    expect(error?.code).toBe('overloaded')
  })

  test('`error: null` is none', () => {
    expect(decode([begun(), { ...ended(), error: null }, over])).toHaveLength(1)
  })

  test('the message of an error holds nothing that was sent', () => {
    const { error } = run([{ type: 'error', error: { type: 'api_error', message: 'sk-secret' } }])
    expect(error?.message).not.toContain('sk-secret')
    expect(error?.providerMessage).toBe('sk-secret')
  })
})

describe('what has no unified form', () => {
  test('passes once and in order, and not at all unless asked for', () => {
    const chunks = [
      begun(),
      start(0, { type: 'thinking', thinking: '', signature: '' }),
      thinking(0, 'Hm'),
      delta(0, { type: 'signature_delta', signature: 'c2ln' }),
      stop(0),
      start(1, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }),
      input(1, '{"query":'),
      input(1, '"nuts"}'),
      stop(1),
      start(2, { type: 'web_search_tool_result', tool_use_id: 's', content: [{ url: 'x' }] }),
      stop(2),
      start(3, { type: 'text', text: '', citations: [] }),
      delta(3, { type: 'citations_delta', citation: { url: 'x', encrypted_index: 'y' } }),
      text(3, 'Nuts'),
      stop(3),
      start(4, call({ caller: { type: 'code_execution_20250825', tool_id: 's' } })),
      stop(4),
      { type: 'something_new', more: 1 },
      { type: 'ping' },
      { type: 'message_delta', delta: { stop_reason: 'stop_sequence', stop_sequence: 'END' } },
      over,
    ]
    const kept = [3, 5, 6, 7, 8, 9, 10, 12, 15, 17]
    const expected = kept.map((at) => chunks[at])
    // Whether an empty list says something is nobody's business.
    const found = passed(chunks).filter(
      (data) => data !== undefined && JSON.stringify(data) !== JSON.stringify(chunks[11]),
    )
    expect(found).toStrictEqual(expected)
    expect(decode(chunks).some(({ type }) => type === 'provider')).toBe(false)
    const told = decode(chunks, { includeProviderEvents: true }).filter(
      ({ type }) => type !== 'provider',
    )
    expect(told).toStrictEqual(decode(chunks))
  })

  test('blocks that nobody knows give no events of ours, whatever their fields are called', () => {
    const fields = { text: 'a', thinking: 'b', id: 'i', name: 'n', input: { c: 1 } }
    expect(
      spoken([
        start(0, { type: 'something_new', ...fields, citations: [{ url: 'https://a.example' }] }),
        text(0, 'd'),
        input(0, '{}'),
        stop(0),
      ]),
    ).toStrictEqual([])
  })

  test('of a plain reply there is nothing', () => {
    expect(
      passed([
        begun({
          usage: { input_tokens: 1, output_tokens: 1 },
          stop_reason: null,
          stop_sequence: null,
        }),
        start(0, { type: 'thinking', thinking: '', signature: '' }),
        thinking(0, 'a'),
        stop(0),
        start(1, { type: 'text', text: '', citations: null }),
        text(1, 'a'),
        stop(1),
        start(2, call()),
        input(2, '{}'),
        stop(2),
        ended('end_turn', { output_tokens: 2 }),
        over,
      ]),
    ).toStrictEqual([])
  })

  test('compaction and a fallback to another model', () => {
    const chunks = [
      begun(),
      start(0, { type: 'compaction', content: null }),
      delta(0, { type: 'compaction_delta', content: 'So far.' }),
      stop(0),
      start(1, { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } }),
      stop(1),
      ended(),
      over,
    ]
    expect(passed(chunks)).toStrictEqual(chunks.slice(1, 6))
  })

  test('the head of the message and its end pass, without its blocks', () => {
    const usage = { input_tokens: 1, output_tokens: 1, service_tier: 'standard' }
    const end = {
      type: 'message_delta',
      delta: { stop_reason: 'stop_sequence', stop_sequence: 'END' },
      usage: { output_tokens: 2, server_tool_use: { web_search_requests: 1 } },
    }
    const { content: _, ...head } = begun({ usage })['message'] as Json
    const found = passedAll([begun({ usage }), end, over])
    expect(found).toMatchObject([{ type: 'message_start', message: head }, end])
    expect(found).toHaveLength(2)
  })

  test('whole messages: each block once, and what else they say', () => {
    const block = { type: 'web_search_tool_result', tool_use_id: 's', content: [] }
    const found = passedAll([
      {
        type: 'message',
        content: [{ type: 'text', text: 'secret words' }, block],
        stop_reason: 'stop_sequence',
        stop_sequence: 'END',
        container: { id: 'c' },
      },
    ])
    expect(found.slice(1)).toStrictEqual([start(1, block), stop(1)])
    expect(found[0]).toMatchObject({
      type: 'message_start',
      message: { stop_sequence: 'END', container: { id: 'c' } },
    })
    expect(JSON.stringify(found)).not.toContain('secret words')
  })

  test.runIf(hasRecordings).each(loadRecordings('anthropic'))('in $name', ({ bytes }) => {
    const chunks = [...new TextDecoder().decode(bytes).matchAll(/^data: ?(\{.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '') as Chunk,
    )
    const { output } = runDecoder(decodeReply({ includeProviderEvents: true }), chunks)
    // Of the start of a message the blocks are left out, so it is no chunk that came.
    const found = output
      .flatMap((event) => (event.type === 'provider' ? [JSON.stringify(event.data)] : []))
      .filter((data, at) => at > 0 || !data.startsWith('{"type":"message_start"'))
    const came = chunks.map((chunk) => JSON.stringify(chunk))
    const timesIn = (list: readonly string[], one: string): number =>
      list.filter((each) => each === one).length

    // All of the blocks that no event tells of, each as often as it came.
    const types = new Map<unknown, unknown>()
    for (const [at, { type, index, content_block: block }] of chunks.entries()) {
      if (type === 'content_block_start') types.set(index, block?.type)
      const isTold = /^(text|thinking|tool_use)$/.test(String(types.get(index)))
      const chunk = came[at] ?? ''
      if (type?.startsWith('content_block') && !isTold) {
        expect(timesIn(found, chunk)).toBe(timesIn(came, chunk))
      }
      // Blocks of a message that came with them have no chunks of their own.
      if (chunk.includes('"content":[{') && type === 'message_start') return
    }
    const places = found.map((data) => came.indexOf(data))
    expect(places).not.toContain(-1)
    for (const data of found) expect(timesIn(found, data)).toBe(timesIn(came, data))
  })
})

describe('limits', () => {
  const mebi = 'x'.repeat(2 ** 20)
  const push = (chunks: readonly Json[], times: number): ErrorCode | undefined => {
    const decoder = decodeReply()
    try {
      for (const chunk of chunks.slice(0, -1)) decoder.push(chunk, () => {})
      for (let i = 0; i < times; i += 1) decoder.push(chunks.at(-1) ?? {}, () => {})
    } catch (error) {
      if (isRatatoskrError(error)) return error.code
      throw error
    }
    return undefined
  }

  test('what is kept has one, of 64 Mi characters', () => {
    const tool = start(0, { type: 'server_tool_use', id: 's', name: 'f', input: {} })
    expect(push([start(0, { type: 'thinking' }), thinking(0, mebi)], 63)).toBeUndefined()
    expect(push([start(0, { type: 'thinking' }), thinking(0, mebi)], 65)).toBe('too_large')
    expect(push([start(0, call()), input(0, mebi)], 65)).toBe('too_large')
    expect(push([tool, input(0, mebi)], 65)).toBe('too_large')
    expect(push([start(0, { type: 'result', content: mebi })], 65)).toBe('too_large')
    expect(
      push([start(0, { type: 'text' }), delta(0, { citation: { cited_text: mebi } })], 65),
    ).toBe('too_large')
  })

  test('blocks take memory even where they are empty', () => {
    const decoder = decodeReply()
    const emit = (): void => {}
    const opens = start(0, { type: 'text', text: '' })
    const blocks = (): void => {
      for (let i = 0; i < 2 ** 21; i += 1) {
        decoder.push(opens, emit)
        decoder.push({ type: 'content_block_stop', index: 0 }, emit)
      }
    }
    expect(blocks).toThrow(/limit/)
  })

  test('text has none, for it is not kept', () => {
    expect(push([start(0, { type: 'text' }), text(0, mebi)], 200)).toBeUndefined()
  })
})

describe('nonsense', () => {
  const word = fc.constantFrom(
    'message_start',
    'message_delta',
    'message_stop',
    'message',
    'content_block_start',
    'content_block_delta',
    'content_block_stop',
    'text',
    'thinking',
    'tool_use',
    'server_tool_use',
    'text_delta',
    'end_turn',
    'constructor',
    '',
    '{}',
    '{"a":1}',
  )
  const names = fc.constantFrom(
    'type',
    'index',
    'message',
    'content_block',
    'delta',
    'content',
    'text',
    'thinking',
    'id',
    'name',
    'input',
    'citations',
    'citation',
    'partial_json',
    'stop_reason',
    'stop_details',
    'container',
    'usage',
    'input_tokens',
    'signature',
    '__proto__',
  )
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(null, 0, 1, -1, true),
      word,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(names, tie('value'), { noNullPrototype: true }),
    ),
  })).value
  const chunk = fc.oneof(
    value,
    fc.record({
      type: word,
      index: fc.nat(2),
      content_block: fc.record(
        { type: word, name: word, text: word, input: value },
        { requiredKeys: [] },
      ),
    }),
    fc.record({
      type: word,
      index: fc.nat(2),
      delta: fc.record(
        { text: word, thinking: word, partial_json: word, stop_reason: word, citation: value },
        { requiredKeys: [] },
      ),
    }),
  )

  test.each<[string, (deep: string) => string]>([
    [
      'a block',
      (deep) => `{"type":"content_block_start","content_block":{"type":"x","y":${deep}}}`,
    ],
    [
      'a call',
      (deep) =>
        `{"type":"message","content":[{"type":"tool_use","name":"f","input":{"x":${deep}}}]}`,
    ],
    ['a citation', (deep) => `{"type":"content_block_delta","delta":{"citation":{"x":${deep}}}}`],
    ['usage', (deep) => `{"type":"message_delta","usage":{"x":${deep}}}`],
    ['something else', (deep) => `{"type":"something_new","x":${deep}}`],
  ])('nothing breaks on what is nested deep: %s', (_, make) => {
    const data = make(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    const decoder = pipe(new JsonDecoder(frame), decodeReply({ includeProviderEvents: true }))
    const end = { data: '{"type":"message_stop"}' }
    const { error } = runDecoder(decoder, [{ data }, end])
    if (error) expect(error.code).toBe('protocol')
  })

  test('gives nothing but events that keep the rules, or an error of the library', () => {
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 12 }),
        fc.boolean(),
        (chunks, includeProviderEvents) => {
          const { output } = run(
            chunks.map((each) => each as Json),
            { includeProviderEvents },
          )
          const started = new Set<number>()
          const finished = new Set<number>()
          for (const [at, event] of output.entries()) {
            expect(structuredClone(event)).toEqual(event)
            if ('text' in event) expect(event.text).not.toBe('')
            if (event.type === 'tool_call_start') {
              expect(event.index).toBe(started.size)
              expect(event.name && event.id).toBeTruthy()
              started.add(event.index)
            }
            if (event.type === 'tool_call_delta') {
              expect(event.arguments).not.toBe('')
              expect(started.has(event.index) && !finished.has(event.index)).toBe(true)
            }
            if (event.type === 'tool_call_end') {
              expect(started.has(event.index) && !finished.has(event.index)).toBe(true)
              finished.add(event.index)
            }
            if (event.type === 'usage') expect(output[at + 1]?.type).toBe('done')
            if (event.type === 'done') expect(at).toBe(output.length - 1)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
