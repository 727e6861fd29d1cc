import { describe, expect, test, vi } from 'vitest'
import { caught } from '../../test/caught.ts'
import { runDecoder } from '../../test/run-decoder.ts'
import { countWork } from '../../test/work.ts'
import type { Decoder } from '../decoder.ts'
import type { ChatEvent } from '../event.ts'
import * as anthropic from './anthropic/index.ts'
import { apiError } from './api-error.ts'
import * as bedrock from './bedrock/index.ts'
import * as cohere from './cohere/index.ts'
import * as gemini from './gemini/index.ts'
import * as openaiChat from './openai-chat/index.ts'
import * as openaiResponses from './openai-responses/index.ts'

/** No number, nor can one be made of it: `Number()` throws. */
const odd: unknown = JSON.parse('{"valueOf":1,"toString":1}')
/** Nor is there a text for it. */
const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))

function eventsOf<Chunk>(
  decoder: Decoder<Chunk, ChatEvent>,
  chunks: readonly NoInfer<Chunk>[],
): ChatEvent[] {
  const { output, error } = runDecoder(decoder, chunks)
  expect(error).toBeUndefined()
  return output
}

function citationsOf(events: readonly ChatEvent[]): unknown[] {
  return events.flatMap((event) => (event.type === 'citation' ? [event.citation] : []))
}

describe('places and numbers that are none', () => {
  const cases: readonly [string, () => ChatEvent[]][] = [
    [
      'openai-chat',
      () => {
        const annotation = { url_citation: { url: 'u', start_index: odd, end_index: odd } }
        const delta = { content: 'Hi', annotations: [annotation] }
        return eventsOf(openaiChat.decodeReply(), [{ choices: [{ delta }] }, '[DONE]'])
      },
    ],
    [
      'openai-responses',
      () =>
        eventsOf(openaiResponses.decodeReply(), [
          {
            type: 'response.output_text.annotation.added',
            annotation: { url: 'u', start_index: odd, end_index: odd },
          },
          { type: 'response.completed', response: { status: 'completed' } },
        ]),
    ],
    [
      'anthropic',
      () =>
        eventsOf(anthropic.decodeReply(), [
          {
            type: 'content_block_start',
            index: 0,
            content_block: { type: 'text', citations: [{ url: 'u', document_index: odd }] },
          },
          { type: 'message_stop' },
        ]),
    ],
    [
      'bedrock',
      () => {
        const citation = { location: { web: { url: 'u', documentIndex: odd } } }
        return eventsOf(bedrock.decodeReply(), [
          { contentBlockDelta: { contentBlockIndex: 0, delta: { citation } } },
          { messageStop: { stopReason: 'end_turn' } },
        ])
      },
    ],
    [
      'cohere',
      () => {
        const sources = [{ document: { url: 'u' } }]
        const citations = { start: odd, end: odd, sources }
        return eventsOf(cohere.decodeReply(), [
          { type: 'citation-start', delta: { message: { citations } } },
          { type: 'message-end', delta: { finish_reason: 'COMPLETE' } },
        ])
      },
    ],
    [
      'gemini',
      () =>
        eventsOf(gemini.decodeReply(), [
          {
            candidates: [
              {
                finishReason: 'STOP',
                groundingMetadata: {
                  groundingChunks: [{ web: { uri: 'u' } }],
                  groundingSupports: [
                    {
                      segment: { startIndex: odd, endIndex: odd },
                      groundingChunkIndices: [odd, 0],
                    },
                  ],
                },
              },
            ],
          },
        ]),
    ],
  ]
  test.each(cases)('%s: the source is told without its place', (_, events) => {
    expect(citationsOf(events())).toEqual([{ url: 'u' }])
  })

  test('openai-chat: counts are left out', () => {
    const usage = { prompt_tokens: 1, completion_tokens: odd, reasoning_tokens: odd, cost: odd }
    const events = eventsOf(openaiChat.decodeReply(), [{ usage }, '[DONE]'])
    expect(events).toContainEqual({
      type: 'usage',
      usage: { promptTokens: 1, completionTokens: 0, totalTokens: 1 },
    })
  })

  test('an error is told by what can be read of it', () => {
    const body = { error: { code: odd, status: odd, message: 'no' } }
    expect(apiError({ status: 400, body })).toMatchObject({
      code: 'invalid_request',
      providerMessage: 'no',
    })
  })
})

describe('arguments of which there is no text', () => {
  const calls: readonly [string, () => void][] = [
    [
      'openai-chat',
      () => {
        const tool_calls = [{ id: 'a', function: { name: 'f', arguments: { x: deep } } }]
        openaiChat.decodeReply().push({ choices: [{ delta: { tool_calls } }] }, () => {})
      },
    ],
    [
      'gemini',
      () => {
        const parts = [{ functionCall: { name: 'f', args: { x: deep } } }]
        gemini.decodeReply().push({ candidates: [{ content: { parts } }] }, () => {})
      },
    ],
  ]
  test.each(calls)('%s: the reply fails, and no call without any is made up', async (_, read) => {
    expect((await caught(read)).code).toBe('protocol')
  })

  test('openai-chat: what is passed through may be as deep as it likes', () => {
    const decoder = openaiChat.decodeReply({ includeProviderEvents: true })
    const sent = { choices: [{ delta: { content: 'Hi', x: deep } }] }
    expect(eventsOf(decoder, [sent, '[DONE]']).map(({ type }) => type)).toContain('content')
  })
})

describe('linear in what comes', () => {
  const pieces = 2000
  const piece = '123456789,'

  test('openai-chat: a host that repeats the name with each piece of the arguments', () => {
    const delta = (text: string): openaiChat.Chunk => ({
      choices: [
        { delta: { tool_calls: [{ index: 0, function: { name: 'f', arguments: text } }] } },
      ],
    })
    const chunks = Array.from({ length: pieces }, () => delta(piece))
    const last = { choices: [{ delta: {}, finish_reason: 'tool_calls' }] }
    const { result, parsed } = countWork(() =>
      eventsOf(openaiChat.decodeReply(), [
        delta('{"x":['),
        ...chunks,
        delta('0]}'),
        last,
        '[DONE]',
      ]),
    )
    expect(result.filter(({ type }) => type === 'tool_call_end')).toHaveLength(1)
    expect(parsed).toBeLessThan(3 * pieces * piece.length)
  })

  test('openai-responses: no piece of the arguments is made of all that came before', () => {
    const slice = vi.spyOn(String.prototype, 'slice')
    try {
      const decoder = openaiResponses.decodeReply()
      const item = { type: 'function_call', call_id: 'a', name: 'f' }
      decoder.push({ type: 'response.output_item.added', output_index: 0, item }, () => {})
      for (let i = 0; i < pieces; i += 1) {
        const type = 'response.function_call_arguments.delta'
        decoder.push({ type, output_index: 0, delta: piece }, () => {})
      }
      const sliced = slice.mock.contexts.reduce<number>((sum, text) => sum + String(text).length, 0)
      expect(sliced).toBeLessThan(3 * pieces * piece.length)
    } finally {
      slice.mockRestore()
    }
  })

  test('gemini: the text is gone through once for all places', () => {
    const look = vi.spyOn(String.prototype, 'charCodeAt')
    try {
      const text = 'ż'.repeat(pieces)
      const groundingSupports = Array.from({ length: pieces }, (_, i) => ({
        segment: { startIndex: 2 * i, endIndex: 2 * i + 2 },
        groundingChunkIndices: [0],
      }))
      const groundingMetadata = { groundingChunks: [{ web: { uri: 'u' } }], groundingSupports }
      const content = { parts: [{ text }] }
      const events = eventsOf(gemini.decodeReply(), [
        { candidates: [{ content, groundingMetadata, finishReason: 'STOP' }] },
      ])
      const looks = look.mock.calls.length
      expect(citationsOf(events).at(-1)).toEqual({ url: 'u', start: pieces - 1, end: pieces })
      expect(looks).toBeLessThan(2 * pieces)
    } finally {
      look.mockRestore()
    }
  })
})

test('openai-responses: a call stays what it began as', () => {
  const events = eventsOf(openaiResponses.decodeReply(), [
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { type: 'function_call', call_id: 'a', name: 'f' },
    },
    {
      type: 'response.output_item.done',
      output_index: 0,
      item: { type: 'custom_tool_call', call_id: 'a', name: 'f', input: 'no JSON' },
    },
    { type: 'response.completed', response: { status: 'completed' } },
  ])
  expect(events.map(({ type }) => type)).toEqual(['tool_call_start', 'tool_call_delta', 'done'])
})

test('gemini: a text stays one with a field beside it that nobody knows', () => {
  const part = { text: 'Hi', partMetadata: { a: 1 } }
  const chunk = { candidates: [{ content: { parts: [part] }, finishReason: 'STOP' }] }
  const decode = (includeProviderEvents: boolean): ChatEvent[] =>
    eventsOf(gemini.decodeReply({ includeProviderEvents }), [chunk])
  expect(decode(false)).toContainEqual({ type: 'content', text: 'Hi' })
  expect(decode(true)).toContainEqual({ type: 'provider', dialect: 'gemini', data: part })
})
