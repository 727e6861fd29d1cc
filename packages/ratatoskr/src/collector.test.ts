import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCollector, type Collector } from './collector.ts'
import type { ChatEvent, DoneEvent } from './event.ts'
import type { PartialChatResponse } from './response.ts'

const done: DoneEvent = { type: 'done', finishReason: 'stop' }

function responseTo(...events: ChatEvent[]): PartialChatResponse {
  const collector = createCollector()
  for (const event of events) collector.add(event)
  if (events.at(-1)?.type !== 'done') collector.add(done)
  return collector.partial()
}

/** Calls are told apart by their index alone. */
function callOf(
  index: number,
  parts: string[],
  { custom = false, ended = true }: { custom?: boolean; ended?: boolean } = {},
): ChatEvent[] {
  const start = {
    type: 'tool_call_start',
    index,
    id: `call_${index}`,
    name: `tool${index}`,
  } as const
  return [
    custom ? { ...start, kind: 'custom' } : start,
    ...parts.map((piece): ChatEvent => ({ type: 'tool_call_delta', index, arguments: piece })),
    ...(ended ? [{ type: 'tool_call_end', index } as const] : []),
  ]
}

describe('Collector', () => {
  it('makes of nothing an empty reply', () => {
    expect(responseTo(done)).toStrictEqual({
      content: '',
      toolCalls: [],
      finishReason: 'stop',
      message: { role: 'assistant', content: '' },
    })
    expect(createCollector().partial()).toStrictEqual({
      content: '',
      toolCalls: [],
      message: { role: 'assistant', content: '' },
    })
  })

  it.each<[string, ChatEvent[], Partial<PartialChatResponse>]>([
    [
      'content',
      [
        { type: 'content', text: 'Hel' },
        { type: 'content', text: 'lo' },
      ],
      { content: 'Hello', message: { role: 'assistant', content: 'Hello' } },
    ],
    [
      'reasoning, which the message shows too',
      [
        { type: 'reasoning', text: 'Hm' },
        { type: 'reasoning', text: 'm.' },
      ],
      { reasoning: 'Hmm.', message: { role: 'assistant', content: '', reasoning: 'Hmm.' } },
    ],
    [
      'a refusal',
      [
        { type: 'refusal', text: 'I ca' },
        { type: 'refusal', text: 'nnot.' },
      ],
      { refusal: 'I cannot.', message: { role: 'assistant', content: '', refusal: 'I cannot.' } },
    ],
    [
      'citations, in order',
      [
        { type: 'citation', citation: { url: 'https://a.example', start: 0, end: 2 } },
        { type: 'citation', citation: { documentId: 'd', text: 't', title: 'T' } },
      ],
      {
        citations: [
          { url: 'https://a.example', start: 0, end: 2 },
          { documentId: 'd', text: 't', title: 'T' },
        ],
      },
    ],
    [
      'images, which the message keeps',
      [
        { type: 'image', image: { mediaType: 'image/png', data: 'AA==' } },
        { type: 'image', image: { mediaType: 'image/png', url: 'https://a.example/b.png' } },
      ],
      {
        images: [
          { mediaType: 'image/png', data: 'AA==' },
          { mediaType: 'image/png', url: 'https://a.example/b.png' },
        ],
        message: {
          role: 'assistant',
          content: '',
          images: [
            { mediaType: 'image/png', data: 'AA==' },
            { mediaType: 'image/png', url: 'https://a.example/b.png' },
          ],
        },
      },
    ],
    [
      'usage',
      [
        {
          type: 'usage',
          usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3, cost: 0.5 },
        },
      ],
      { usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3, cost: 0.5 } },
    ],
    [
      'nothing of what is the provider’s own',
      [{ type: 'provider', dialect: 'openai-chat', data: { logprobs: [1] } }],
      {},
    ],
    [
      'what the end tells: reason, model, id; the continuation in the message alone',
      [
        {
          type: 'done',
          finishReason: 'length',
          rawFinishReason: 'max_tokens',
          model: 'm-1',
          id: 'gen-1',
          continuation: { dialect: 'openai-chat', data: { a: [1] } },
        },
      ],
      {
        finishReason: 'length',
        rawFinishReason: 'max_tokens',
        model: 'm-1',
        id: 'gen-1',
        message: {
          role: 'assistant',
          content: '',
          continuation: { dialect: 'openai-chat', data: { a: [1] } },
        },
      },
    ],
  ])('collects %s', (_, events, expected) => {
    const nothing = {
      content: '',
      toolCalls: [],
      finishReason: 'stop',
      message: { role: 'assistant', content: '' },
    }
    expect(responseTo(...events)).toStrictEqual({ ...nothing, ...expected })
  })

  it('keeps the kinds apart, however they come mixed', () => {
    const response = responseTo(
      { type: 'reasoning', text: 'a' },
      { type: 'content', text: 'b' },
      { type: 'reasoning', text: 'c' },
      { type: 'refusal', text: 'd' },
      { type: 'content', text: 'e' },
    )
    expect(response).toMatchObject({ content: 'be', reasoning: 'ac', refusal: 'd' })
    expect(response.message).toMatchObject({ content: 'be', reasoning: 'ac', refusal: 'd' })
  })

  describe('tool calls', () => {
    it('join their pieces by index, also where these come mixed', () => {
      const events = [
        ...callOf(0, ['{"a"'], { ended: false }),
        ...callOf(1, ['{"b":2}']),
        { type: 'tool_call_delta', index: 0, arguments: ':1}' } as const,
        { type: 'tool_call_end', index: 0 } as const,
      ]
      const calls = [
        { id: 'call_0', name: 'tool0', arguments: '{"a":1}' },
        { id: 'call_1', name: 'tool1', arguments: '{"b":2}' },
      ]
      const response = responseTo(...events)
      expect(response.toolCalls).toStrictEqual(calls)
      expect(response.message.toolCalls).toStrictEqual(calls)
      expect(response).not.toHaveProperty('incompleteToolCalls')
    })

    it('without arguments have an empty object', () => {
      expect(responseTo(...callOf(0, [])).toolCalls).toStrictEqual([
        { id: 'call_0', name: 'tool0', arguments: '{}' },
      ])
      expect(responseTo(...callOf(0, [' \n'])).toolCalls[0]?.arguments).toBe('{}')
    })

    it('of the custom kind keep their text as it is', () => {
      expect(responseTo(...callOf(0, ['not ', 'JSON'], { custom: true })).toolCalls).toStrictEqual([
        { id: 'call_0', name: 'tool0', arguments: 'not JSON', kind: 'custom' },
      ])
      expect(responseTo(...callOf(0, [], { custom: true })).toolCalls[0]?.arguments).toBe('')
    })

    it('that were not closed are in incompleteToolCalls only, with what had come', () => {
      const response = responseTo(
        ...callOf(0, ['{"a":1}']),
        ...callOf(1, ['{"b":'], { ended: false }),
        ...callOf(2, [], { ended: false }),
        ...callOf(3, ['free'], { ended: false, custom: true }),
        { type: 'done', finishReason: 'length' },
      )
      const complete = [{ id: 'call_0', name: 'tool0', arguments: '{"a":1}' }]
      expect(response.toolCalls).toStrictEqual(complete)
      expect(response.message.toolCalls).toStrictEqual(complete)
      expect(response.incompleteToolCalls).toStrictEqual([
        { id: 'call_1', name: 'tool1', arguments: '{"b":' },
        { id: 'call_2', name: 'tool2', arguments: '' },
        { id: 'call_3', name: 'tool3', arguments: 'free', kind: 'custom' },
      ])
      expect(response.message).not.toHaveProperty('incompleteToolCalls')
    })

    it('are not in the message where all were cut off', () => {
      const { toolCalls, message } = responseTo(...callOf(0, ['{'], { ended: false }))
      expect(toolCalls).toStrictEqual([])
      expect(message).toStrictEqual({ role: 'assistant', content: '' })
    })

    it('that never began are not made up from their pieces', () => {
      const response = responseTo(
        { type: 'tool_call_delta', index: 0, arguments: '{}' },
        { type: 'tool_call_end', index: 0 },
      )
      expect(response.toolCalls).toStrictEqual([])
      expect(response).not.toHaveProperty('incompleteToolCalls')
    })
  })

  it('tells at every moment what has been collected, and goes on', () => {
    const collector = createCollector()
    collector.add({ type: 'content', text: 'Hel' })
    const before = collector.partial()
    collector.add({ type: 'content', text: 'lo' })
    for (const event of callOf(0, ['{}'])) collector.add(event)
    expect(before).toStrictEqual({
      content: 'Hel',
      toolCalls: [],
      message: { role: 'assistant', content: 'Hel' },
    })
    expect(collector.partial()).toMatchObject({ content: 'Hello', toolCalls: [{ id: 'call_0' }] })
    expect(collector.partial()).not.toHaveProperty('finishReason')
    collector.add(done)
    expect(collector.partial()).toHaveProperty('finishReason', 'stop')
  })

  it('hands out lists of its own, so that what comes later does not change an earlier answer', () => {
    const collector = createCollector()
    const citation = { type: 'citation', citation: { url: 'https://a.example' } } as const
    const image = { type: 'image', image: { mediaType: 'image/png', url: 'u' } } as const
    collector.add(citation)
    collector.add(image)
    const before = collector.partial()
    collector.add(citation)
    collector.add(image)
    expect(before.citations).toHaveLength(1)
    expect(before.images).toHaveLength(1)
    before.images?.splice(0)
    expect(collector.partial().images).toHaveLength(2)
  })

  it('joins a great many small pieces in order', () => {
    for (const count of [1023, 1024, 1025, 5000]) {
      const collector = createCollector()
      const pieces = Array.from({ length: count }, (_, i) => `${i};`)
      for (const text of pieces) collector.add({ type: 'content', text })
      expect(collector.partial().content).toBe(pieces.join(''))
      collector.add({ type: 'content', text: 'end' })
      expect(collector.partial().content).toBe(`${pieces.join('')}end`)
    }
  })

  it('gives the same response for pieces of any size', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat(20)), (list, sizes) => {
        expect(
          responseTo(...list.flatMap((event, i) => split(event, sizes[i] ?? 3))),
        ).toStrictEqual(responseTo(...list))
      }),
    )
  })

  it('is plain JSON: events, response and message are the same after a round trip', () => {
    fc.assert(
      fc.property(events, (list) => {
        const copy = roundTrip(list)
        expect(copy).toStrictEqual(list)
        const response = responseTo(...list)
        expect(roundTrip(response)).toStrictEqual(response)
        expect(roundTrip(response.message)).toStrictEqual(response.message)
        expect(responseTo(...copy)).toStrictEqual(response)
      }),
    )
  })

  describe('refuses what passes maxResponseBytes, two for each unit of text', () => {
    const collectWith = (limit: number, list: ChatEvent[]): Collector => {
      const collector = createCollector(limit)
      for (const event of list) collector.add(event)
      return collector
    }
    const tooLarge: unknown = expect.objectContaining({ code: 'too_large' })

    it('keeps nothing that passes the limit', () => {
      const collector = createCollector(10)
      collector.add({ type: 'content', text: 'acorn' })
      expect(() => collector.add({ type: 'content', text: '!' })).toThrow(tooLarge)
      expect(collector.partial().content).toBe('acorn')
    })

    it.each<[string, ChatEvent[], number]>([
      ['content', [{ type: 'content', text: 'acorn' }], 10],
      ['units of UTF-16', [{ type: 'content', text: 'ø…🐿' }], 8],
      [
        'all kinds of text together',
        [
          { type: 'content', text: 'ab' },
          { type: 'reasoning', text: 'cd' },
          { type: 'refusal', text: 'e' },
        ],
        10,
      ],
    ])('counts %s', (_, list, bytes) => {
      expect(collectWith(bytes, list).partial()).toBeDefined()
      expect(() => collectWith(bytes - 1, list)).toThrow(tooLarge)
    })

    it.each<[string, ChatEvent, number]>([
      ['an image by its data', { type: 'image', image: { mediaType: 'a/b', data: 'AAAA' } }, 8],
      ['an image by its address', { type: 'image', image: { mediaType: 'a/b', url: 'u:v' } }, 6],
      ['a citation by its text', { type: 'citation', citation: { text: 'acorn' } }, 10],
      [
        'a citation by all it says',
        { type: 'citation', citation: { url: 'u', title: 'acorn' } },
        12,
      ],
    ])('counts %s, and no more than its JSON', (_, event, least) => {
      expect(() => collectWith(least - 1, [event])).toThrow(tooLarge)
      expect(collectWith(JSON.stringify(event).length * 2, [event]).partial()).toBeDefined()
    })

    it('counts the arguments of calls', () => {
      const [start, ...pieces] = callOf(0, ['{"a"', ':1}'])
      const collector = createCollector(1000)
      if (start) collector.add(start)
      expect(() => {
        for (let i = 0; i < 200; i += 1) for (const piece of pieces) collector.add(piece)
      }).toThrow(tooLarge)
    })

    it('keeps what came before, and says the limit without a word of the reply', () => {
      const collector = createCollector(10)
      collector.add({ type: 'content', text: 'acorn' })
      expect(() => {
        collector.add({ type: 'content', text: 'confidential' })
      }).toThrow(/^(?!.*confidential).*\b10\b/)
      expect(collector.partial().content).toMatch(/^acorn/)
    })

    it('takes 64 MiB where nobody said otherwise, and not one unit more', () => {
      const collector = createCollector()
      const text = 'x'.repeat(1024 * 1024)
      for (let i = 0; i < 32; i += 1) collector.add({ type: 'content', text })
      expect(() => {
        collector.add({ type: 'content', text: 'y' })
      }).toThrow(tooLarge)
    })
  })
})

function roundTrip<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}

/** One event as several that mean the same. */
function split(event: ChatEvent, size: number): ChatEvent[] {
  const pieces = (text: string): string[] =>
    text.match(new RegExp(`[^]{1,${size + 1}}`, 'g')) ?? [text]
  switch (event.type) {
    case 'content':
    case 'reasoning':
    case 'refusal':
      return pieces(event.text).map((text) => ({ ...event, text }))
    case 'tool_call_delta':
      return pieces(event.arguments).map((text) => ({ ...event, arguments: text }))
    default:
      return [event]
  }
}

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 })
const plain = { noNullPrototype: true }
const json = fc.json().map((written): unknown => JSON.parse(written))
const single = fc.oneof(
  fc.record({ type: fc.constantFrom('content', 'reasoning', 'refusal'), text }, plain),
  fc
    .record(
      { url: text, title: text, text, start: fc.nat(), end: fc.nat() },
      { ...plain, requiredKeys: [] },
    )
    .map((citation) => ({ type: 'citation', citation })),
  fc
    .record({ mediaType: text, data: text, url: text }, { ...plain, requiredKeys: ['mediaType'] })
    .map((image) => ({ type: 'image', image })),
  fc.record({ type: fc.constant('provider'), dialect: text, data: json }, plain),
)
const call = fc
  .tuple(text, text, fc.array(text), fc.boolean(), fc.boolean())
  .map(([id, name, pieces, custom, ended]) => ({ id, name, pieces, custom, ended }))
const usage = fc.record(
  {
    promptTokens: fc.nat(),
    completionTokens: fc.nat(),
    totalTokens: fc.nat(),
    reasoningTokens: fc.nat(),
    cost: fc.constantFrom(0, 0.25),
  },
  { ...plain, requiredKeys: ['promptTokens', 'completionTokens', 'totalTokens'] },
)
const last = fc.record(
  {
    type: fc.constant('done'),
    finishReason: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter', 'other'),
    rawFinishReason: text,
    model: text,
    id: text,
    continuation: fc.record({ dialect: text, data: json }, plain),
  },
  { ...plain, requiredKeys: ['type', 'finishReason'] },
)

/** Any reply: its pieces mixed, its calls numbered as they come, usage and done at its end. */
const events: fc.Arbitrary<ChatEvent[]> = fc
  .tuple(fc.array(fc.oneof(single, single, call), { maxLength: 12 }), fc.option(usage), last)
  .map(([items, counts, end]) => {
    let index = -1
    const list = items.flatMap((item): ChatEvent[] => {
      if (!('pieces' in item)) return [item as ChatEvent]
      index += 1
      const { id, name, pieces, custom, ended } = item
      const [start, ...rest] = callOf(index, pieces, { custom, ended })
      return [{ ...start, id, name } as ChatEvent, ...rest]
    })
    const counted: ChatEvent[] = counts === null ? [] : [{ type: 'usage', usage: counts }]
    return [...list, ...counted, end]
  })
