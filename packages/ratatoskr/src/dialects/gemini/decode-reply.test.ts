import { describe, expect, test } from 'vitest'
import { canonical, runDecoder, type Run } from '../../../test/run-decoder.ts'
import { collect } from '../../collect.ts'
import type { ChatEvent } from '../../event.ts'
import { toolResult, user, type AssistantMessage } from '../../message.ts'
import type { Chunk, Part } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

const say = (...parts: (Part & Json)[]): Chunk => ({ candidates: [{ content: { parts } }] })
const end = (finishReason: unknown = 'STOP', more: Json = {}): Chunk => ({
  candidates: [{ finishReason, ...more }],
})

function run(
  chunks: readonly Chunk[],
  options?: Parameters<typeof decodeReply>[0],
): Run<ChatEvent> {
  return runDecoder(decodeReply(options), chunks)
}

/** The events of a reply that ends properly, without its end. */
function spoken(chunks: readonly Chunk[]): ChatEvent[] {
  const { output, error } = run([...chunks, end()])
  expect(error).toBeUndefined()
  return canonical(output.slice(0, -1))
}

async function messageOf(chunks: readonly Chunk[]): Promise<AssistantMessage> {
  return (await collect(run([...chunks, end()]).output)).message
}

/** What the next request gives back of the model's turn. */
function givenBack(message: AssistantMessage, model = 'gemini-3-pro'): unknown {
  const copy = JSON.parse(JSON.stringify(message)) as AssistantMessage
  const request = { model, messages: [user('Hi'), copy], options: { model } }
  return (encodeRequest(request)['contents'] as { parts: unknown }[])[1]?.parts
}

describe('parts', () => {
  test('text and thoughts', () => {
    expect(spoken([say({ text: 'Hm', thought: true }), say({ text: '' }, { text: 'Hi' })])).toEqual(
      [
        { type: 'reasoning', text: 'Hm' },
        { type: 'content', text: 'Hi' },
      ],
    )
  })

  test('text with members that are not known is text, and goes back with them', async () => {
    const parts = [
      { text: 'Hm', thought: true, partMetadata: { a: 1 } },
      { text: 'A' },
      { text: 'B', partMetadata: { a: 2 } },
      { text: 'C' },
    ]
    const { output } = run([say(...parts), end()], { includeProviderEvents: true })
    expect(canonical(output).slice(0, -1)).toEqual([
      { type: 'provider', dialect: 'gemini', data: parts[0] },
      { type: 'reasoning', text: 'Hm' },
      { type: 'content', text: 'A' },
      { type: 'provider', dialect: 'gemini', data: parts[2] },
      { type: 'content', text: 'BC' },
    ])
    expect(givenBack(await messageOf([say(...parts)]))).toEqual(parts)
  })

  test('images, but not the drafts among the thoughts', () => {
    const inlineData = { mimeType: 'image/png', data: 'aGk=' }
    const fileData = { mimeType: 'image/webp', fileUri: 'https://a.example/i' }
    expect(spoken([say({ inlineData, thought: true }, { inlineData }, { fileData })])).toEqual([
      { type: 'image', image: { mediaType: 'image/png', data: 'aGk=' } },
      { type: 'image', image: { mediaType: 'image/webp', url: 'https://a.example/i' } },
    ])
  })

  test('of other answers, and of Google’s own tools, are provider events', () => {
    const code = { executableCode: { language: 'PYTHON', code: '1' } }
    const other: Chunk = { candidates: [{ index: 1, content: { parts: [{ text: 'No' }] } }] }
    const { output } = run([say(code), other, end('STOP', { safetyRatings: [] })], {
      includeProviderEvents: true,
    })
    expect(output.map((event) => (event.type === 'provider' ? event.data : event.type))).toEqual([
      code,
      other,
      end('STOP', { safetyRatings: [] }),
      'done',
    ])
    expect(run([say(code), other, end()]).output).toHaveLength(1)
  })
})

describe('calls', () => {
  test('whole, with an id or without, with arguments or without', () => {
    expect(
      spoken([
        say(
          { functionCall: { name: 'a', args: { x: 1 }, id: 'i' } },
          { functionCall: { name: 'b' } },
        ),
        say({ functionCall: { name: 'c', args: {} } }),
      ]),
    ).toEqual([
      { type: 'tool_call_start', index: 0, id: 'i', name: 'a' },
      { type: 'tool_call_delta', index: 0, arguments: '{"x":1}' },
      { type: 'tool_call_end', index: 0 },
      { type: 'tool_call_start', index: 1, id: 'call_1', name: 'b' },
      { type: 'tool_call_end', index: 1 },
      { type: 'tool_call_start', index: 2, id: 'call_2', name: 'c' },
      { type: 'tool_call_end', index: 2 },
    ])
  })

  const piece = (jsonPath: string, value: Json, willContinue = true): Chunk =>
    say({ functionCall: { partialArgs: [{ jsonPath, ...value }], willContinue } })
  const opened = say({ functionCall: { name: 'cook', willContinue: true } })

  test('streamed, value by value', () => {
    const chunks = [
      opened,
      piece('$.name', { stringValue: 'Soup', willContinue: true }),
      piece('$.name', { stringValue: ' of 松', willContinue: true }),
      piece('$.name', { stringValue: '' }),
      piece('$.steps[0].text', { stringValue: 'Boil' }),
      piece('$.steps[0].minutes', { numberValue: 7.5 }),
      piece('$.steps[1].text', { stringValue: 'Eat' }),
      say({ functionCall: { willContinue: true } }),
      piece("$['odd name']", { boolValue: true }),
      piece('$.__proto__', { stringValue: 'x' }),
      piece('$.nothing', { nullValue: 'NULL_VALUE' }),
    ]
    const events = spoken([...chunks, say({ functionCall: {} })])
    expect(events.map(({ type }) => type)).toEqual([
      'tool_call_start',
      'tool_call_delta',
      'tool_call_end',
    ])
    const [, delta] = events
    expect(JSON.parse(delta?.type === 'tool_call_delta' ? delta.arguments : '')).toEqual(
      JSON.parse(
        '{"name":"Soup of 松","steps":[{"text":"Boil","minutes":7.5},{"text":"Eat"}],"odd name":true,"__proto__":"x","nothing":null}',
      ),
    )
    // The start comes at once, and one that is never closed has no end.
    expect(run(chunks.slice(0, 3)).output.map(({ type }) => type)).toEqual(['tool_call_start'])
    expect(spoken(chunks).map(({ type }) => type)).toEqual(['tool_call_start'])
  })

  test('streamed, with quoted names and their escapes', () => {
    const names = {
      "it's": String.raw`$['it\'s']`,
      'a.b"]': String.raw`$["a.b\"]"]`,
      'q[0]\\': String.raw`$['q[0]\\']`,
      'line\nł': String.raw`$['line\n\u0142']`,
    }
    const events = spoken([
      opened,
      ...Object.values(names).map((path) => piece(path, { numberValue: 0 })),
      piece('$.lists[0][0]', { boolValue: false }),
      piece('$.lists[0][1]', { stringValue: '' }),
      say({ functionCall: {} }),
    ])
    const [, delta] = events
    expect(JSON.parse(delta?.type === 'tool_call_delta' ? delta.arguments : '')).toEqual({
      ...Object.fromEntries(Object.keys(names).map((name) => [name, 0])),
      lists: [[false, '']],
    })
  })

  test('streamed, named again with each piece', () => {
    const again = (id?: string): ChatEvent[] =>
      spoken([
        say({ functionCall: { name: 'cook', id, willContinue: true } }),
        say({
          functionCall: {
            name: 'cook',
            id,
            partialArgs: [{ jsonPath: '$.a', numberValue: 1 }],
            willContinue: true,
          },
        }),
        say({ functionCall: id ? { name: 'cook', id } : {} }),
      ])
    const rest = [
      { type: 'tool_call_delta', index: 0, arguments: '{"a":1}' },
      { type: 'tool_call_end', index: 0 },
    ]
    expect(again('i').slice(1)).toEqual(rest)
    expect(again().slice(1)).toEqual(rest)
    // One of the same name and another id is another.
    const other = say({ functionCall: { name: 'cook', id: 'j', args: {} } })
    expect(spoken([opened, other]).map(({ type }) => type)).toEqual([
      'tool_call_start',
      'tool_call_start',
      'tool_call_end',
    ])
  })

  test('streamed, with the last piece as the end', () => {
    expect(spoken([opened, piece('$.a', { numberValue: 1 }, false)]).at(1)).toEqual({
      type: 'tool_call_delta',
      index: 0,
      arguments: '{"a":1}',
    })
  })

  test.each<[string, Chunk[]]>([
    ['no name', [say({ functionCall: { args: {} } })]],
    ['arguments that are no object', [say({ functionCall: { name: 'a', args: [1] } })]],
    ['a place far behind the end', [opened, piece('$.a[4294967294]', { numberValue: 1 })]],
    ['no path', [opened, piece('', { numberValue: 1 })]],
    ['a path that is none', [opened, piece('$.a[x]', { numberValue: 1 })]],
    [
      'a name in a list',
      [opened, piece('$.a[0]', { numberValue: 1 }), piece('$.a.b', { numberValue: 1 })],
    ],
  ])('with %s are an error', (_, chunks) => {
    expect(run(chunks).error?.code).toBe('protocol')
  })
})

describe('the end', () => {
  test.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['FUNCTION_CALL', 'tool_calls'],
    ['SAFETY', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['IMAGE_SAFETY', 'content_filter'],
    ['MALFORMED_FUNCTION_CALL', 'other'],
    ['FINISH_REASON_NEW', 'other'],
    [2, 'length'],
    [9, 'other'],
  ])('for %s', (reason, finishReason) => {
    expect(run([end(reason)]).output).toEqual([
      { type: 'done', finishReason, rawFinishReason: `${reason}` },
    ])
  })

  test('text may follow a finish reason, and the last one counts', () => {
    const { output } = run([say({ text: 'a' }), end('STOP'), say({ text: 'b' }), end('MAX_TOKENS')])
    expect(output).toMatchObject([{ text: 'a' }, { text: 'b' }, { finishReason: 'length' }])
  })

  test('STOP after a call says that tools are to be run', () => {
    const call = say({ functionCall: { name: 'a' } })
    expect(run([call, end()]).output.at(-1)).toMatchObject({ finishReason: 'tool_calls' })
    expect(run([call, end('MAX_TOKENS')]).output.at(-1)).toMatchObject({ finishReason: 'length' })
  })

  test('of a prompt that was blocked', () => {
    const blocked: Chunk = { promptFeedback: { blockReason: 'SAFETY', blockReasonMessage: 'No.' } }
    expect(run([blocked]).output).toEqual([
      { type: 'done', finishReason: 'content_filter', rawFinishReason: 'SAFETY' },
    ])
  })

  test('a reason that says nothing is none', () => {
    const silent = say({ text: 'Hi' })
    for (const chunk of [
      end('FINISH_REASON_UNSPECIFIED'),
      { promptFeedback: { blockReason: 'BLOCK_REASON_UNSPECIFIED' } },
    ]) {
      expect(run([silent, chunk]).error?.code).toBe('truncated')
      expect(run([silent, chunk, end()]).output.at(-1)).toMatchObject({ finishReason: 'stop' })
    }
  })

  test('without a finish reason the reply was cut', () => {
    expect(run([say({ text: 'a' })]).error).toMatchObject({ code: 'truncated', retryable: true })
    expect(run([]).error?.code).toBe('truncated')
  })

  test('an error fails it, also after a finish reason', () => {
    const error = { code: 503, message: 'Busy', status: 'UNAVAILABLE' }
    expect(run([say({ text: 'a' }), end(), { error }]).error?.code).toBe('overloaded')
  })

  test('counts: thoughts apart, the last that tells any', () => {
    const { output } = run([
      { usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 } },
      {
        usageMetadata: {
          promptTokenCount: 10,
          candidatesTokenCount: 5,
          thoughtsTokenCount: 7,
          cachedContentTokenCount: 4,
          totalTokenCount: 22,
        },
        modelVersion: 'm',
        responseId: 'r',
      },
      { ...end(), usageMetadata: { trafficType: 'ON_DEMAND' } },
    ])
    expect(output).toEqual([
      {
        type: 'usage',
        usage: {
          promptTokens: 10,
          completionTokens: 12,
          totalTokens: 22,
          reasoningTokens: 7,
          cachedTokens: 4,
        },
      },
      { type: 'done', finishReason: 'stop', rawFinishReason: 'STOP', model: 'm', id: 'r' },
    ])
  })
})

describe('sources', () => {
  const groundingMetadata = {
    groundingChunks: [
      { web: { uri: 'https://a.example', title: 'A' } },
      { retrievedContext: { title: 'B', documentName: 'docs/b', text: 'passage' } },
    ],
    groundingSupports: [
      { segment: { endIndex: 8, text: '松鼠 ' }, groundingChunkIndices: [0] },
      { segment: { startIndex: 8, endIndex: 12, text: '🐿️' }, groundingChunkIndices: [0, 1, 7] },
    ],
  }

  test('stand where their text stands: bytes in the format, UTF-16 units here', () => {
    // 松鼠 are 6 bytes and 2 units, 🐿 is 4 bytes and 2 units.
    const events = spoken([
      say({ text: '松鼠  ' }),
      say({ text: '🐿' }),
      end('STOP', { groundingMetadata }),
    ])
    expect(events.slice(1)).toEqual([
      {
        type: 'citation',
        citation: { url: 'https://a.example', title: 'A', text: '松鼠 ', start: 0, end: 4 },
      },
      {
        type: 'citation',
        citation: { url: 'https://a.example', title: 'A', text: '🐿️', start: 4, end: 6 },
      },
      {
        type: 'citation',
        citation: { title: 'B', documentId: 'docs/b', text: '🐿️', start: 4, end: 6 },
      },
    ])
  })

  test('that support no passage, and passages that repeat something', () => {
    const { groundingChunks } = groundingMetadata
    const citationMetadata = {
      citationSources: [{ startIndex: 0, endIndex: 2, uri: 'https://b.example' }],
    }
    const events = spoken([
      say({ text: 'Hi' }),
      end('STOP', { citationMetadata, groundingMetadata: { groundingChunks } }),
      end('STOP', { citationMetadata }),
    ])
    expect(events.slice(1).map((event) => event.type === 'citation' && event.citation)).toEqual([
      { url: 'https://a.example', title: 'A' },
      { title: 'B', documentId: 'docs/b', text: 'passage' },
      { url: 'https://b.example', start: 0, end: 2 },
    ])
  })

  test('with places that no text has, or in the middle of a character, have none', () => {
    const support = (startIndex: number, endIndex: number): Json => ({
      groundingChunks: groundingMetadata.groundingChunks.slice(0, 1),
      groundingSupports: [{ segment: { startIndex, endIndex }, groundingChunkIndices: [0] }],
    })
    for (const [from, to] of [
      [0, 99],
      [1, 6],
      [3, 3],
      [-1, 3],
    ] as const) {
      const events = spoken([
        say({ text: '松鼠' }),
        end('STOP', { groundingMetadata: support(from, to) }),
      ])
      expect(events.at(-1)).toEqual({
        type: 'citation',
        citation: { url: 'https://a.example', title: 'A' },
      })
    }
  })
})

describe('the continuation', () => {
  const sign = (n: number): Json => ({ thoughtSignature: `c2ln${n}` })

  test('gives each signature back on its own part, byte for byte', async () => {
    const code = { executableCode: { code: '1', language: 'PYTHON' }, ...sign(1) }
    const image = { inlineData: { mimeType: 'image/png', data: 'aGk=' }, ...sign(2) }
    const message = await messageOf([
      say({ text: 'Hm', thought: true }),
      say(code),
      say({ text: 'Hel' }),
      say({ text: 'lo' }),
      say({ text: '!', ...sign(3) }),
      say(image),
      say({ functionCall: { id: 'a', name: 'one', args: { x: 1 } }, ...sign(4) }),
      say({ functionCall: { name: 'two', args: {} } }),
      say({ text: '', ...sign(5) }),
    ])
    expect(givenBack(message)).toEqual([
      code,
      { text: 'Hello' },
      { text: '!', ...sign(3) },
      image,
      { functionCall: { id: 'a', name: 'one', args: { x: 1 } }, ...sign(4) },
      { functionCall: { name: 'two', args: {} } },
      { text: '', ...sign(5) },
    ])
    expect(JSON.stringify(message).match(/aGk=/g)).toHaveLength(1)
  })

  test('gives the signature of a streamed call back, whichever piece had it', async () => {
    const pieces: Json[] = [
      { functionCall: { name: 'one', willContinue: true } },
      { functionCall: { partialArgs: [{ jsonPath: '$.x', numberValue: 1 }], willContinue: true } },
      { functionCall: {} },
    ]
    for (const [i, signed] of pieces.entries()) {
      const sent = pieces.map((part) => (part === signed ? { ...part, ...sign(i) } : part))
      expect(givenBack(await messageOf(sent.map((part) => say(part))))).toEqual([
        { functionCall: { name: 'one', args: { x: 1 } }, ...sign(i) },
      ])
    }
  })

  test('a result goes to its call by the id that Gemini gave, or by the name alone', async () => {
    const message = await messageOf([
      say(
        { functionCall: { id: 'a', name: 'one' }, ...sign(1) },
        { functionCall: { name: 'two' } },
      ),
    ])
    const messages = [
      user('Hi'),
      message,
      toolResult('a', { ok: 1 }),
      toolResult('call_1', 'no', { isError: true }),
    ]
    const { contents } = encodeRequest({ model: 'm', messages, options: { model: 'm' } })
    expect((contents as unknown[])[2]).toEqual({
      role: 'user',
      parts: [
        { functionResponse: { id: 'a', name: 'one', response: { result: { ok: 1 } } } },
        { functionResponse: { name: 'two', response: { error: 'no' } } },
      ],
    })
  })

  test('is not there where the message tells it all', async () => {
    const message = await messageOf([
      say({ text: 'a' }),
      say({ functionCall: { name: 'b', id: 'i' } }),
    ])
    expect(message.continuation).toBeUndefined()
  })

  test('of another dialect is left out; new models get the signature for calls that are not theirs', () => {
    const message: AssistantMessage = {
      role: 'assistant',
      content: 'Hi',
      toolCalls: ['a', 'b'].map((name) => ({ id: name, name, arguments: '{}' })),
      continuation: { dialect: 'anthropic', data: { parts: [{ text: 'x' }] } },
    }
    const calls = ['a', 'b'].map((name) => ({ functionCall: { name, args: {} } }))
    expect(givenBack(message, 'gemini-2.5-flash')).toEqual([{ text: 'Hi' }, ...calls])
    expect(givenBack(message)).toEqual([
      { text: 'Hi' },
      { ...calls[0], thoughtSignature: 'skip_thought_signature_validator' },
      calls[1],
    ])
  })
})
