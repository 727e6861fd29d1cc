import { describe, expect, test } from 'vitest'
import { canonical, runDecoder, type Run } from '../../../test/run-decoder.ts'
import type { ChatEvent } from '../../event.ts'
import { collect } from '../../collect.ts'
import { user } from '../../message.ts'
import type { Chunk } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

const added = (output_index: number, item: Json): Chunk => ({
  type: 'response.output_item.added',
  output_index,
  item,
})
const ended = (output_index: number, item: Json): Chunk => ({
  type: 'response.output_item.done',
  output_index,
  item,
})
const text = (delta: string, output_index = 0, content_index = 0): Chunk => ({
  type: 'response.output_text.delta',
  output_index,
  content_index,
  delta,
})
const completed = (response: Json = {}): Chunk => ({
  type: 'response.completed',
  response: { status: 'completed', ...response },
})
const message = (content: string, more: Json = {}): Json => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: content, annotations: [] }],
  ...more,
})
const call = (fields: Json = {}): Json => ({
  type: 'function_call',
  id: 'fc_1',
  call_id: 'call_1',
  name: 'weather',
  arguments: '{"a":1}',
  ...fields,
})

function run(
  chunks: readonly (Chunk | '[DONE]')[],
  options?: Parameters<typeof decodeReply>[0],
): Run<ChatEvent> {
  return runDecoder(decodeReply(options), chunks)
}

/** The events of a reply that ends properly, without its end. */
function spoken(chunks: readonly Chunk[]): ChatEvent[] {
  const { output, error } = run([...chunks, completed()])
  expect(error).toBeUndefined()
  return canonical(output.slice(0, -1))
}

const said: ChatEvent[] = [{ type: 'content', text: 'Hello' }]

describe('text is said once', () => {
  test.each<[string, Chunk[]]>([
    ['by deltas alone', [text('Hel'), text('lo')]],
    [
      'by deltas, and all that repeats them',
      [
        text('Hel'),
        text('lo'),
        { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'Hello' },
        {
          type: 'response.content_part.done',
          output_index: 0,
          content_index: 0,
          part: { type: 'output_text', text: 'Hello' },
        },
        ended(0, message('Hello')),
        completed({ output: [message('Hello')] }),
      ],
    ],
    [
      'by the end of the text alone',
      [{ type: 'response.output_text.done', output_index: 0, text: 'Hello' }],
    ],
    [
      'by the end of the part alone',
      [
        {
          type: 'response.content_part.done',
          output_index: 0,
          part: { type: 'output_text', text: 'Hello' },
        },
      ],
    ],
    ['by the end of the item alone', [ended(0, message('Hello'))]],
    ['by the end of the reply alone', [completed({ output: [message('Hello')] })]],
    [
      'by another id in each event',
      [
        { ...text('Hel'), item_id: 'a' },
        { ...text('lo'), item_id: 'b' },
        { ...ended(0, message('Hello')), item_id: 'c' },
      ],
    ],
    [
      'by ids alone',
      ['Hel', 'lo'].map((delta) => ({ type: 'response.output_text.delta', item_id: 'a', delta })),
    ],
  ])('%s', (_, chunks) => {
    expect(spoken(chunks)).toEqual(said)
  })

  test('a refusal, by deltas or by its end', () => {
    const refusal: ChatEvent[] = [{ type: 'refusal', text: 'No.' }]
    const delta = { type: 'response.refusal.delta', output_index: 0, delta: 'No.' }
    const done = { type: 'response.refusal.done', output_index: 0, refusal: 'No.' }
    const item = ended(0, { type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] })
    expect(spoken([delta, done, item])).toEqual(refusal)
    expect(spoken([done])).toEqual(refusal)
    expect(spoken([item])).toEqual(refusal)
  })

  test('reasoning: its summary or its text, and not both', () => {
    const reasoning: ChatEvent[] = [{ type: 'reasoning', text: 'Hm.Well.' }]
    const summary = (i: number, delta: string): Chunk => ({
      type: 'response.reasoning_summary_text.delta',
      output_index: 0,
      summary_index: i,
      delta,
    })
    const item = {
      type: 'reasoning',
      summary: [
        { type: 'summary_text', text: 'Hm.' },
        { type: 'summary_text', text: 'Well.' },
      ],
    }
    expect(spoken([summary(0, 'Hm.'), summary(1, 'Well.'), ended(0, item)])).toEqual(reasoning)
    expect(spoken([ended(0, item)])).toEqual(reasoning)
    const raw = { type: 'response.reasoning_text.delta', output_index: 0, delta: 'Hm.Well.' }
    const content = [{ type: 'reasoning_text', text: 'Hm.Well.' }]
    expect(spoken([raw, ended(0, { ...item, content })])).toEqual(reasoning)
    expect(spoken([ended(0, { ...item, content })])).toEqual(reasoning)
  })

  test('text that is no text is refused', () => {
    expect(run([{ ...text(''), delta: 7 }]).error?.code).toBe('protocol')
  })
})

describe('calls', () => {
  const whole = (args: string): ChatEvent[] => [
    { type: 'tool_call_start', index: 0, id: 'call_1', name: 'weather' },
    ...(args ? [{ type: 'tool_call_delta' as const, index: 0, arguments: args }] : []),
    { type: 'tool_call_end', index: 0 },
  ]
  const piece = (delta: string): Chunk => ({
    type: 'response.function_call_arguments.delta',
    output_index: 0,
    delta,
  })

  test.each<[string, Chunk[], string]>([
    [
      'in pieces',
      [added(0, call({ arguments: '' })), piece('{"a"'), piece(':1}'), ended(0, call())],
      '{"a":1}',
    ],
    [
      'at the end of the arguments',
      [
        added(0, call({ arguments: '' })),
        { type: 'response.function_call_arguments.done', output_index: 0, arguments: '{"a":1}' },
        ended(0, call()),
      ],
      '{"a":1}',
    ],
    ['at the end of the item', [ended(0, call())], '{"a":1}'],
    [
      'with no item’s end, at that of the reply',
      [added(0, call({ arguments: '' })), piece('{"a":1}')],
      '{"a":1}',
    ],
    ['before its name', [piece('{"a":1}'), ended(0, call())], '{"a":1}'],
    ['none', [added(0, call({ arguments: '' })), ended(0, call({ arguments: '' }))], ''],
  ])('arguments %s', (_, chunks, args) => {
    expect(spoken(chunks)).toEqual(whole(args))
  })

  test('one that was cut has no end', () => {
    const opened = [added(0, call({ arguments: '' })), piece('{"a":')]
    const cut = ended(0, call({ arguments: '{"a":', status: 'incomplete' }))
    const incomplete: Chunk = {
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    }
    for (const chunks of [opened, [...opened, cut]]) {
      const { output } = run([...chunks, incomplete])
      expect(output.map(({ type }) => type)).toEqual(['tool_call_start', 'tool_call_delta', 'done'])
      expect(output.at(-1)).toMatchObject({
        finishReason: 'length',
        rawFinishReason: 'max_output_tokens',
      })
    }
    expect(run([...opened, completed()]).output.some(({ type }) => type === 'tool_call_end')).toBe(
      false,
    )
  })

  test('a custom one has free text', () => {
    const custom = { type: 'custom_tool_call', call_id: 'c', name: 'sql' }
    expect(
      spoken([
        added(0, { ...custom, input: '' }),
        { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: 'SELECT 1' },
        ended(0, { ...custom, input: 'SELECT 1' }),
      ]),
    ).toEqual([
      { type: 'tool_call_start', index: 0, id: 'c', name: 'sql', kind: 'custom' },
      { type: 'tool_call_delta', index: 0, arguments: 'SELECT 1' },
      { type: 'tool_call_end', index: 0 },
    ])
  })

  test('an id that is missing is made, a name that is missing is an error', () => {
    const chunks = [ended(0, call({ call_id: null })), completed()]
    expect(run(chunks, { callId: (i) => `x${i}` }).output[0]).toMatchObject({ id: 'x0' })
    expect(run([ended(0, call({ name: '' }))]).error?.code).toBe('protocol')
  })

  test('arguments after the end are an error', () => {
    expect(run([ended(0, call()), piece('x')]).error?.code).toBe('protocol')
  })
})

describe('what the end of the reply alone tells', () => {
  const created: Chunk = { type: 'response.created', response: { id: 'r' } }
  const named = { type: 'tool_call_start', index: 0, id: 'call_1', name: 'weather' }
  const called = [
    named,
    { type: 'tool_call_delta', index: 0, arguments: '{"a":1}' },
    { type: 'tool_call_end', index: 0 },
  ]
  const output = [message('Hello', { id: 'm' }), call()]

  test.each<[string, Chunk[], unknown[]]>([
    ['all', [], [...said, ...called]],
    [
      'a text and a call that were opened',
      output.map((_, i) => added(i, { ...output[i], content: [], arguments: '' })),
      [named, ...said, ...called.slice(1)],
    ],
    ['a call after a text', [created, text('Hello')], [...said, ...called]],
    ['a call after a text at another place', [created, text('Hello', 7)], [...said, ...called]],
    [
      'a call after a whole text with another id',
      [created, ended(3, message('Hello', { id: 'x' }))],
      [...said, ...called],
    ],
    [
      'nothing new, at other places',
      [created, text('Hello', 5), ended(6, call({ id: 'x' }))],
      [...said, ...called],
    ],
    [
      'nothing to those who took it up again later',
      [text('llo')],
      [{ type: 'content', text: 'llo' }],
    ],
  ])('%s', (_, chunks, events) => {
    const { output: heard, error } = run([...chunks, completed({ output })])
    expect(error).toBeUndefined()
    expect(canonical(heard.slice(0, -1))).toEqual(events)
    expect(heard.at(-1)).toMatchObject({
      finishReason: events.length > 1 ? 'tool_calls' : 'stop',
    })
  })

  test('a call that was taken up again in its middle is whole', () => {
    const later: Chunk = {
      type: 'response.function_call_arguments.delta',
      output_index: 1,
      delta: '":1}',
    }
    expect(spoken([later, ended(1, call())])).toEqual(called)
  })

  test('a call that it says is not whole has no end', () => {
    const cut = call({ arguments: '{"a":', status: 'incomplete' })
    const { output: heard } = run([
      added(0, call({ arguments: '' })),
      { type: 'response.incomplete', response: { status: 'incomplete', output: [cut] } },
    ])
    expect(heard.map(({ type }) => type)).toEqual(['tool_call_start', 'tool_call_delta', 'done'])
  })
})

describe('sources and images', () => {
  const annotation = {
    type: 'url_citation',
    url: 'https://a.example',
    title: 'A',
    start_index: 0,
    end_index: 2,
  }

  test('a source stands where its text stands in the whole content', () => {
    const events = spoken([
      ended(0, message('First. ')),
      text('Second.', 1),
      {
        type: 'response.output_text.annotation.added',
        output_index: 1,
        content_index: 0,
        annotation,
      },
      ended(1, {
        ...message('Second.'),
        content: [{ type: 'output_text', text: 'Second.', annotations: [annotation] }],
      }),
    ])
    expect(events.at(-1)).toEqual({
      type: 'citation',
      citation: { url: 'https://a.example', title: 'A', start: 7, end: 9 },
    })
    expect(events.filter(({ type }) => type === 'citation')).toHaveLength(1)
  })

  test('sources of a host that tells them at the end only', () => {
    const item = {
      ...message('Hi'),
      content: [
        {
          type: 'output_text',
          text: 'Hi',
          annotations: [annotation, { type: 'file_citation', file_id: 'f', filename: 'n' }],
        },
      ],
    }
    for (const chunks of [[text('Hi'), ended(0, item)], [ended(0, item)]]) {
      expect(spoken(chunks).slice(1)).toEqual([
        { type: 'citation', citation: { url: 'https://a.example', title: 'A', start: 0, end: 2 } },
        { type: 'citation', citation: { documentId: 'f', title: 'n' } },
      ])
    }
  })

  test('images that were made, and those of code', () => {
    const made = { type: 'image_generation_call', id: 'ig', result: 'aGk=', output_format: 'webp' }
    const drawn = {
      type: 'code_interpreter_call',
      outputs: [
        { type: 'image', url: 'data:image/png;base64,aGk=' },
        { type: 'logs', logs: 'x' },
      ],
    }
    expect(spoken([ended(0, made), ended(1, drawn)])).toEqual([
      { type: 'image', image: { mediaType: 'image/webp', data: 'aGk=' } },
      { type: 'image', image: { mediaType: 'image/png', data: 'aGk=' } },
    ])
  })
})

const flatError = { type: 'error', code: 'rate_limit_exceeded', message: 'Slow down.' }

describe('the end', () => {
  test.each([
    ['max_output_tokens', 'length'],
    ['max_tokens', 'length'],
    ['content_filter', 'content_filter'],
    ['something_new', 'other'],
  ])('incomplete for %s', (reason, finishReason) => {
    const { output } = run([
      {
        type: 'response.incomplete',
        response: { status: 'incomplete', incomplete_details: { reason } },
      },
    ])
    expect(output).toEqual([{ type: 'done', finishReason, rawFinishReason: reason }])
  })

  test('its head and its counts', () => {
    const usage = {
      input_tokens: 10,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      output_tokens: 5,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 15,
    }
    const counts = {
      promptTokens: 10,
      completionTokens: 5,
      totalTokens: 15,
      reasoningTokens: 3,
      cachedTokens: 4,
      cacheWriteTokens: 2,
    }
    const start: Chunk = { type: 'response.created', response: { id: 'r', model: 'alias' } }
    const given = (more: Json): unknown =>
      run([start, completed({ model: 'm', usage: { ...usage, ...more } })]).output
    expect(given({})).toEqual([
      { type: 'usage', usage: counts },
      { type: 'done', finishReason: 'stop', rawFinishReason: 'completed', id: 'r', model: 'm' },
    ])
    expect(given({ cost: 0.5 })).toMatchObject([{ usage: { cost: 0.5 } }, {}])
    // https://docs.x.ai/developers/cost-tracking: 37756000 ticks are $0.0037756.
    expect(given({ cost_in_usd_ticks: 37_756_000 })).toMatchObject([
      { usage: { cost: 0.0037756 } },
      {},
    ])
  })

  test.each<[string, Chunk, string]>([
    [
      'a failed reply',
      {
        type: 'response.failed',
        response: {
          status: 'failed',
          error: { code: 'rate_limit_exceeded', message: 'Slow down.' },
        },
      },
      'rate_limited',
    ],
    [
      'a failed reply without words',
      { type: 'response.failed', response: { status: 'failed' } },
      'api',
    ],
    ['a cancelled reply', { type: 'response.cancelled', response: { status: 'cancelled' } }, 'api'],
    ['a flat error', flatError, 'rate_limited'],
    [
      'an error in its own field',
      { type: 'error', error: { type: 'invalid_request_error', message: 'No.' } },
      'invalid_request',
    ],
    [
      'an error instead of an event',
      { error: { type: 'invalid_request_error', message: 'No.' } },
      'invalid_request',
    ],
  ])('%s fails, after what came before', (_, chunk, code) => {
    const { output, error } = run([text('Hi'), chunk])
    expect(error?.code).toBe(code)
    expect(output).toEqual([{ type: 'content', text: 'Hi' }])
  })

  test('without one the reply was cut, whatever else says that it is over', () => {
    for (const chunks of [[text('Hi')], [text('Hi'), ended(0, message('Hi')), '[DONE]' as const]]) {
      expect(run(chunks).error).toMatchObject({ code: 'truncated', retryable: true })
    }
  })

  test('a whole reply, and one that is still being made', () => {
    const reply = { id: 'r', status: 'completed', output: [message('Hello'), call()] }
    expect(run([reply]).output.map(({ type }) => type)).toEqual([
      'content',
      'tool_call_start',
      'tool_call_delta',
      'tool_call_end',
      'done',
    ])
    expect(run([{ ...reply, status: 'queued' }]).error?.code).toBe('truncated')
  })
})

describe('provider events', () => {
  const passed = (chunks: readonly Chunk[]): unknown[] =>
    run([...chunks, completed({ output: [message('Hi')], service_tier: 'flex' })], {
      includeProviderEvents: true,
    }).output.flatMap((event) => (event.type === 'provider' ? [event.data] : []))

  test('are what has no form of its own, and the end without what it repeats', () => {
    const search = { type: 'response.web_search_call.searching', output_index: 0, item_id: 'ws' }
    const told = [text('Hi'), ended(0, message('Hi')), ended(1, call())]
    const end = {
      type: 'response.completed',
      response: { status: 'completed', service_tier: 'flex' },
    }
    expect(passed([search, ...told])).toEqual([search, end])
    const item = ended(2, { type: 'web_search_call', id: 'ws' })
    expect(passed([item])).toEqual([item, end])
    const likely = { ...text('Hi'), logprobs: [{ token: 'Hi', logprob: 0 }] }
    expect(passed([likely])).toEqual([likely, end])
  })
})

describe('the continuation', () => {
  const thought = { type: 'reasoning', id: 'rs_1', encrypted_content: 'c2VjcmV0', summary: [] }
  const search = {
    type: 'web_search_call',
    id: 'ws_1',
    status: 'completed',
    action: { query: 'q' },
  }
  const made = {
    type: 'image_generation_call',
    id: 'ig_1',
    status: 'completed',
    result: 'aGk=',
    output_format: 'png',
  }
  const items = [
    thought,
    search,
    message('Look: ', { id: 'msg_1', phase: 'commentary' }),
    made,
    call({ status: 'completed' }),
    message('Done.', { id: 'msg_2' }),
  ]
  const reply = async (store?: boolean): Promise<Awaited<ReturnType<typeof collect>>> => {
    const { output } = run([
      { type: 'response.created', response: { id: 'r', store } },
      ...items.map((item, i) => ended(i, item)),
      completed(),
    ])
    return collect(output)
  }

  test('gives everything back in its place, byte for byte, also through JSON', async () => {
    const { message: kept } = await reply(false)
    const again: unknown = JSON.parse(JSON.stringify(kept))
    for (const given of [kept, again as typeof kept]) {
      const { input } = encodeRequest({
        model: 'm',
        messages: [user('Hi'), given],
        options: { model: 'm' },
      })
      expect(input).toEqual([{ role: 'user', content: 'Hi' }, ...items])
    }
    // The image and the texts are not kept twice.
    expect(JSON.stringify(kept).match(/aGk=/g)).toHaveLength(1)
    expect(JSON.stringify(kept).match(/Look:/g)).toHaveLength(1)
  })

  test('has reasoning by its id alone only where the host keeps it', async () => {
    const bare = { type: 'reasoning', id: 'rs_1', summary: [] }
    const keptOf = async (store: boolean): Promise<unknown> => {
      const start = { type: 'response.created', response: { store } }
      const { output } = run([start, ended(0, bare), ended(1, message('Hi')), completed()])
      return (await collect(output)).message.continuation
    }
    expect(await keptOf(true)).toMatchObject({ data: { items: [bare, {}] } })
    expect(await keptOf(false)).toBeUndefined()
  })

  test('is not there where the message tells it all', async () => {
    const { output } = run([ended(0, message('Hi', { id: 'm' })), ended(1, call()), completed()])
    expect((await collect(output)).message.continuation).toBeUndefined()
  })

  test('keeps no call that was cut', async () => {
    const { output } = run([
      ended(0, thought),
      added(1, call({ arguments: '' })),
      { type: 'response.incomplete', response: { status: 'incomplete' } },
    ])
    expect((await collect(output)).message.continuation).toEqual({
      dialect: 'openai-responses',
      data: { items: [thought] },
    })
  })
})
