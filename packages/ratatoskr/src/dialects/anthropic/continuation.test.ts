import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { hasRecordings, loadRecordings } from '../../../test/recordings.ts'
import { runDecoder } from '../../../test/run-decoder.ts'
import { createCollector } from '../../collector.ts'
import type { Continuation } from '../../event.ts'
import { isRatatoskrError } from '../../errors.ts'
import { textOf } from '../../json/shape.ts'
import { toolResult, user, type AssistantMessage, type Message } from '../../message.ts'
import { encodeRequest as encodeOpenAIChat } from '../openai-chat/encode-request.ts'
import type { Chunk } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeMessages } from './encode-messages.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

/** The message that a reply becomes. */
function messageOf(chunks: readonly Json[]): AssistantMessage {
  const { output } = runDecoder(decodeReply(), chunks as Chunk[])
  const collector = createCollector()
  for (const event of output) collector.add(event)
  return collector.partial().message
}

/** The message that a whole reply of these blocks becomes. */
const messageWith = (content: readonly Json[], fields: Json = {}): AssistantMessage =>
  messageOf([{ type: 'message', content, stop_reason: 'end_turn', ...fields }])

/** The blocks that the next request gives back. */
function givenBack(...messages: readonly Message[]): Json[] {
  const { turns } = encodeMessages(deepFreeze(structuredClone(messages)))
  return structuredClone(turns.find(({ role }) => role === 'assistant')?.content ?? [])
}

/** The blocks of a stream, put together without the decoder: those that were closed, and texts. */
function blocksIn(chunks: readonly Json[]): Json[] {
  const blocks: Json[] = []
  const inputs = new Map<number, string>()
  const closed = new Set<number>()
  const first = chunks.find(({ type }) => type === 'message_start')?.['message'] as
    | { content?: Json[] }
    | undefined
  for (const [at, block] of (first?.content ?? []).entries()) {
    blocks[at] = block
    closed.add(at)
  }
  for (const chunk of chunks) {
    const at = Number(chunk['index'])
    if (chunk['type'] === 'content_block_start')
      blocks[at] = { ...(chunk['content_block'] as Json) }
    if (chunk['type'] === 'content_block_stop') closed.add(at)
    const block = blocks[at]
    if (chunk['type'] !== 'content_block_delta' || !block) continue
    const { type: _, partial_json, citation, ...fields } = chunk['delta'] as Json
    if (partial_json !== undefined) inputs.set(at, (inputs.get(at) ?? '') + textOf(partial_json))
    if (citation) block['citations'] = [...((block['citations'] as Json[]) ?? []), citation]
    for (const [field, value] of Object.entries(fields)) {
      block[field] =
        field === 'text' || field === 'thinking' ? textOf(block[field]) + textOf(value) : value
    }
  }
  for (const [at, text] of inputs) if (text) blocks[at] = { ...blocks[at], input: parse(text) }
  return blocks.filter(
    (block, at) =>
      (closed.has(at) || block['type'] === 'text') &&
      (block['input'] !== undefined) === 'input' in block,
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const thinking = { type: 'thinking', thinking: 'Hm', signature: 'c2ln' }
const redacted = { type: 'redacted_thinking', data: 'b3BhcXVl' }
const text = (words: string): Json => ({ type: 'text', text: words })
const call = (id: string, input: Json = {}): Json => ({ type: 'tool_use', id, name: 'f', input })
const search = {
  type: 'server_tool_use',
  id: 'srvtoolu_1',
  name: 'web_search',
  input: { query: 'nuts' },
}
const found = {
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_1',
  content: [{ type: 'web_search_result', url: 'https://a.example', encrypted_content: 'x' }],
}

describe('what the model made goes back unmodified and in order', () => {
  test.runIf(hasRecordings).each(loadRecordings('anthropic'))('$name', ({ bytes }) => {
    const chunks = [...new TextDecoder().decode(bytes).matchAll(/^data: ?(\{.*)$/gm)].map(
      ([, data]) => JSON.parse(data ?? '') as Json,
    )
    if (chunks.some(({ type }) => type === 'error')) return
    const message = messageOf(chunks)
    const expected = blocksIn(chunks).filter(
      // A text of white space alone is refused.
      (block) => block['type'] !== 'text' || textOf(block['text']).trim(),
    )
    const back = givenBack(message)
    if (message.continuation) {
      expect(back).toEqual(expected)
    } else {
      // Text and calls alone, with nothing else to say.
      const words = (blocks: Json[]): string =>
        blocks.map((block) => textOf(block['text'])).join('')
      const others = (blocks: Json[]): unknown[] =>
        blocks
          .filter(({ type }) => type !== 'text')
          .map((block) => {
            const { caller: _, ...own } = block
            return own
          })
      expect(words(back)).toBe(words(expected))
      expect(others(back)).toEqual(others(expected))
      expect(others(back).every((block) => (block as Json)['type'] === 'tool_use')).toBe(true)
    }
    expect(givenBack(JSON.parse(JSON.stringify(message)) as Message)).toEqual(back)
  })

  test.each<[string, Json[]]>([
    ['signed thinking before a call', [thinking, text('Let me see.'), call('a', { x: 1 })]],
    [
      'thinking between calls',
      [thinking, call('a'), redacted, call('b', { y: [null] }), text('So.')],
    ],
    ['redacted thinking alone', [redacted, redacted]],
    [
      'thinking that was not shown',
      [{ type: 'thinking', thinking: '', signature: 'c2ln' }, text('a')],
    ],
    ['server tools between texts', [text('a'), search, found, text('b'), text('🐿️'), text('c')]],
    ['a compaction', [{ type: 'compaction', content: 'So far.' }, text('a')]],
    ['a fallback', [{ type: 'fallback', from: { model: 'a' }, to: { model: 'b' } }, text('a')]],
    [
      'a call by a program',
      [
        search,
        { ...call('a'), caller: { type: 'code_execution_20250825', tool_id: 'srvtoolu_1' } },
      ],
    ],
    ['a call of a family of tools', [{ ...call('a'), toolset_name: 'browser' }, text('a')]],
    [
      'citations',
      [
        text('a'),
        {
          ...text('b'),
          citations: [{ type: 'char_location', cited_text: 'b', document_index: 0 }],
        },
      ],
    ],
    [
      'blocks that nobody knows',
      [
        { type: 'something_new', text: '', input: [1], name: 'n', id: 'i', more: { deep: [{}] } },
        { type: 'something_newer', text: 'words', thinking: 'thoughts', citations: [1] },
        text('a'),
      ],
    ],
  ])('%s', (_, content) => {
    const message = messageWith(content)
    expect(message.continuation?.dialect).toBe('anthropic')
    expect(givenBack(message)).toEqual(content)
    const stored = JSON.parse(JSON.stringify(message)) as AssistantMessage
    expect(stored).toEqual(message)
    expect(givenBack(stored)).toEqual(content)
  })

  test('a streamed block is what its deltas make of it', () => {
    const chunks: Json[] = [
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'thinking', thinking: '', signature: 'old' },
      },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm' } },
      // As in the official client, it takes the place of what was there.
      {
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'signature_delta', signature: 'new' },
      },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'compaction', content: null },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'compaction_delta', content: 'So far.', encrypted_content: 'x' },
      },
      { type: 'content_block_stop', index: 1 },
      { type: 'content_block_start', index: 2, content_block: { ...search, input: {} } },
      {
        type: 'content_block_delta',
        index: 2,
        delta: { type: 'input_json_delta', partial_json: '{"query":' },
      },
      {
        type: 'content_block_delta',
        index: 2,
        delta: { type: 'input_json_delta', partial_json: '"nuts"}' },
      },
      { type: 'content_block_stop', index: 2 },
      { type: 'message_stop' },
    ]
    expect(givenBack(messageOf(chunks))).toEqual([
      { type: 'thinking', thinking: 'Hm', signature: 'new' },
      { type: 'compaction', content: 'So far.', encrypted_content: 'x' },
      search,
    ])
  })

  test('what nobody can take back is left out', () => {
    const unsigned = { type: 'thinking', thinking: 'Hm', signature: '' }
    expect(givenBack(messageWith([unsigned, thinking, text(' \n'), text('a')]))).toEqual([
      thinking,
      text('a'),
    ])
    expect(messageWith([unsigned, text('a')]).continuation).toBeUndefined()
    // Cut off: thinking without its end, a server's call without its block's, and a call.
    const cut: Json[] = [
      { type: 'content_block_start', index: 0, content_block: redacted },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { ...thinking } },
      { type: 'content_block_start', index: 2, content_block: { ...search, input: {} } },
      {
        type: 'content_block_delta',
        index: 2,
        delta: { type: 'input_json_delta', partial_json: '{"q' },
      },
      { type: 'content_block_stop', index: 2 },
      { type: 'content_block_start', index: 3, content_block: call('a') },
      {
        type: 'content_block_delta',
        index: 3,
        delta: { type: 'input_json_delta', partial_json: '{"q' },
      },
      { type: 'content_block_stop', index: 3 },
      { type: 'message_stop' },
    ]
    expect(givenBack(messageOf(cut))).toEqual([redacted])
  })

  test('a plain reply needs none', () => {
    expect(messageWith([text('a'), call('a')]).continuation).toBeUndefined()
    const direct = { ...call('a'), caller: { type: 'direct' } }
    expect(messageWith([text('a'), direct]).continuation).toBeUndefined()
  })

  test('nothing is kept twice: text and arguments stand in the message alone', () => {
    const { continuation } = messageWith([thinking, text('a long text'), call('a', { q: 'words' })])
    expect(JSON.stringify(continuation)).not.toMatch(/a long text|words/)
  })
})

describe('where the message was changed since', () => {
  const content: Json[] = [
    thinking,
    text('One. '),
    search,
    found,
    text('Two.'),
    call('a'),
    call('b'),
  ]
  const message = messageWith(content)

  test('another text stands in one piece, before the calls', () => {
    expect(givenBack({ ...message, content: 'Something else' })).toEqual([
      thinking,
      search,
      found,
      text('Something else'),
      call('a'),
      call('b'),
    ])
    expect(givenBack({ ...message, content: '' })).toEqual([
      thinking,
      search,
      found,
      call('a'),
      call('b'),
    ])
  })

  test('another text after blocks without calls', () => {
    const without = messageWith([thinking, text('One.')])
    expect(givenBack({ ...without, content: 'Else' })).toEqual([thinking, text('Else')])
  })

  test('no word of any text is lost or doubled', () => {
    fc.assert(
      fc.property(fc.string(), (words) => {
        const back = givenBack({ ...message, content: words })
        const said = back.map((block) => textOf(block['text'])).join('')
        if (words.trim()) expect(said.replace(/\s/g, '')).toBe(words.replace(/\s/g, ''))
        expect(back.filter((block) => block['type'] !== 'text')).toEqual(
          content.filter((block) => block['type'] !== 'text'),
        )
      }),
    )
  })

  test('calls that were removed are not sent', () => {
    const [a, b] = message.toolCalls ?? []
    expect(givenBack({ ...message, toolCalls: b ? [b] : [] })).toEqual(
      content.filter((block) => block['id'] !== 'a'),
    )
    const { toolCalls: _, ...none } = message
    expect(givenBack(none)).toEqual(content.slice(0, 5))
    expect(a?.id).toBe('a')
  })

  test('calls that were added come last', () => {
    const toolCalls = [...(message.toolCalls ?? []), { id: 'c', name: 'g', arguments: '{"x":1}' }]
    expect(givenBack({ ...message, toolCalls })).toEqual([
      ...content,
      { type: 'tool_use', id: 'c', name: 'g', input: { x: 1 } },
    ])
  })

  test('arguments that were changed', () => {
    const toolCalls = (message.toolCalls ?? []).map((each) => ({ ...each, arguments: '{"x":1}' }))
    expect(givenBack({ ...message, toolCalls }).slice(-2)).toEqual([
      call('a', { x: 1 }),
      call('b', { x: 1 }),
    ])
  })

  test('ids that the format does not take have another, the same for call and result', () => {
    const odd = messageWith([thinking, call('functions.f:0'), call('functions.f:1'), call('fine')])
    const { turns } = encodeMessages([
      user('Hello'),
      odd,
      toolResult('functions.f:1', 'one'),
      toolResult('functions.f:0', 'zero'),
      toolResult('fine', 'two'),
    ])
    const [zero, one, two] = (turns[1]?.content ?? []).slice(1).map((block) => block['id'])
    for (const id of [zero, one, two]) expect(id).toMatch(/^[\w-]+$/)
    expect(new Set([zero, one, two]).size).toBe(3)
    expect(two).toBe('fine')
    expect(turns[2]?.content.map((block) => block['tool_use_id'])).toEqual([one, zero, two])
    expect(turns[1]?.content[0]).toEqual(thinking)
  })
})

describe('continuations that do not fit', () => {
  const message: AssistantMessage = {
    role: 'assistant',
    content: 'Hi',
    toolCalls: [{ id: 'a', name: 'f', arguments: '{}' }],
  }
  const plain = [text('Hi'), call('a')]

  test.each<unknown>([
    null,
    undefined,
    7,
    'text',
    [],
    {},
    { blocks: null },
    { blocks: 'text' },
    { blocks: {} },
    { blocks: [] },
    { blocks: [null, 1, 'text', true] },
    { blocks: [], container: 7 },
  ])('damaged: %j', (data) => {
    const continuation = { dialect: 'anthropic', data }
    const back = givenBack({ ...message, continuation })
    expect(back.filter(({ type }) => type !== undefined)).toEqual(plain)
  })

  test('of another dialect', () => {
    const continuation = { dialect: 'openai-chat', data: { blocks: [thinking], container: 'c' } }
    expect(givenBack({ ...message, continuation })).toEqual(plain)
    const options = { model: 'm' }
    const messages = [{ ...message, continuation }]
    expect(encodeRequest({ model: 'm', messages, options })['container']).toBeUndefined()
  })

  test('and to another dialect', () => {
    const continuation = messageWith([thinking, search, found]).continuation as Continuation
    const body = encodeOpenAIChat(
      { model: 'm', messages: [{ ...message, continuation }], options: { model: 'm' } },
      { provider: 'some-host', profile: {} },
    )
    expect(JSON.stringify(body)).not.toMatch(/c2ln|srvtoolu/)
  })

  test('lengths of any kind lose no text', () => {
    const length = fc.oneof(
      fc.integer({ min: -3, max: 9 }),
      fc.constantFrom<unknown>(null, '2', 0.5, 1e9, {}),
    )
    fc.assert(
      fc.property(
        fc.array(length, { maxLength: 4 }),
        fc.string({ minLength: 1 }),
        (lengths, content) => {
          const blocks = lengths.map((each) => ({ type: 'text', length: each }))
          const continuation = { dialect: 'anthropic', data: { blocks: [thinking, ...blocks] } }
          const back = givenBack({ role: 'assistant', content, continuation })
          const said = back.map((block) => textOf(block['text'])).join('')
          if (
            lengths.every((each) => typeof each === 'number' && each >= 0 && Number.isInteger(each))
          ) {
            expect(said.replace(/\s/g, '')).toBe(content.replace(/\s/g, ''))
          }
          expect(back.some((block) => 'length' in block)).toBe(false)
        },
      ),
    )
  })

  test('of anything', () => {
    fc.assert(
      fc.property(fc.anything(), fc.boolean(), (data, inBlocks) => {
        const continuation = { dialect: 'anthropic', data: inBlocks ? { blocks: data } : data }
        try {
          const { turns } = encodeMessages([{ ...message, continuation }])
          expect(turns).toHaveLength(1)
        } catch (error) {
          expect(isRatatoskrError(error)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('the container of the tools', () => {
  const request = (messages: readonly Message[], providerOptions = {}): unknown =>
    encodeRequest({ model: 'm', messages, options: { model: 'm', providerOptions } })['container']
  const inside = messageWith([text('a')], { container: { id: 'container_1', expires_at: 'x' } })

  test('is named by the next request', () => {
    expect(request([user('a'), inside, user('b')])).toBe('container_1')
    expect(request([user('a'), JSON.parse(JSON.stringify(inside)) as Message])).toBe('container_1')
    expect(givenBack(inside)).toEqual([text('a')])
    expect(request([user('a')])).toBeUndefined()
  })

  test('the last one counts, and provider options most', () => {
    const other = messageWith([text('a')], { container: { id: 'container_2' } })
    expect(request([inside, user('b'), other, user('c')])).toBe('container_2')
    expect(request([inside], { container: 'container_3' })).toBe('container_3')
  })

  test('comes with the start or with the end', () => {
    const container = { id: 'container_1', expires_at: 'x' }
    const starts = [{ type: 'message_start', message: { container } }, { type: 'message_stop' }]
    const ends = [{ type: 'message_delta', delta: { container } }, { type: 'message_stop' }]
    for (const chunks of [starts, ends]) expect(request([messageOf(chunks)])).toBe('container_1')
  })
})
