import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chatEvents } from '../../../test/chat-events.ts'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { hasRecordings, loadRecordings } from '../../../test/recordings.ts'
import { runDecoder } from '../../../test/run-decoder.ts'
import { collect } from '../../collect.ts'
import { createCollector } from '../../collector.ts'
import { pipe } from '../../decoder.ts'
import type { ChatEvent, FinishReason } from '../../event.ts'
import { SseDecoder } from '../../frames/sse.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import type { ToolCall } from '../../message.ts'
import type { ChatResponse } from '../../response.ts'
import { composeReply } from '../reply-decoder.ts'
import { frame } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeResponse } from './encode-response.ts'

type Json = { [field: string]: unknown }

const options = { id: 'msg_1', model: 'm' }
const plain: ChatResponse = {
  content: 'Hello',
  toolCalls: [],
  finishReason: 'stop',
  message: { role: 'assistant', content: 'Hello' },
}

const encode = (response: Partial<ChatResponse>): Json => {
  const whole = { ...plain, ...response }
  const { content, toolCalls } = whole
  const message = { ...whole.message, content, ...(toolCalls[0] && { toolCalls }) }
  const body = encodeResponse(deepFreeze(structuredClone({ ...whole, message })), options)
  return JSON.parse(JSON.stringify(body)) as Json
}

/** The reply that a reader makes of a whole message. */
function decode(body: Json): ChatResponse {
  const decoder = pipe(new JsonDecoder(frame), decodeReply())
  const { output, error } = runDecoder(decoder, [{ data: JSON.stringify(body) }])
  expect(error).toBeUndefined()
  return collected(output)
}

function collected(events: readonly ChatEvent[]): ChatResponse {
  const collector = createCollector()
  for (const event of events) collector.add(event)
  return { finishReason: 'other', ...collector.partial() }
}

/** With the calls' arguments as values: white space in JSON is not kept. */
function withValues({ toolCalls, message, ...rest }: ChatResponse): Json {
  const parse = (calls: readonly ToolCall[] = []): unknown[] =>
    calls.map((call) => ({ ...call, arguments: JSON.parse(call.arguments) as unknown }))
  const answered = { ...message, toolCalls: parse(message.toolCalls) }
  return { ...rest, toolCalls: parse(toolCalls), message: answered }
}

test('a reply of text', () => {
  expect(encode({})).toStrictEqual({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Hello' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 0, output_tokens: 0 },
  })
})

test('id and model are the reply’s own where none are given', () => {
  const own = { ...plain, id: 'r1', model: 'squirrel' }
  expect(encodeResponse(own)).toMatchObject({ id: 'r1', model: 'squirrel' })
  expect(encodeResponse(own, options)).toMatchObject({ id: 'msg_1', model: 'm' })
  expect(encodeResponse(plain)['id']).toMatch(/^msg_[A-Za-z0-9]{24}$/)
  expect(encodeResponse(plain)).toMatchObject({ model: '' })
})

describe('the message', () => {
  const call = { id: 'functions.f:0', name: 'f', arguments: '{"x":1}' }
  const block = { type: 'tool_use', id: 'functions.f:0', name: 'f', input: { x: 1 } }

  test('has what the reply has', () => {
    const body = encode({
      content: 'Hello',
      reasoning: 'Hm',
      refusal: 'I may not.',
      toolCalls: [call, { id: 'b', name: 'sql', arguments: 'SELECT 1', kind: 'custom' }],
      incompleteToolCalls: [{ id: 'c', name: 'cut', arguments: '{' }],
      citations: [
        { url: 'https://a.example', title: 'A', text: 'x', start: 0, end: 5 },
        { documentId: '2', text: 'y' },
      ],
      images: [{ mediaType: 'image/png', data: 'AAAA' }],
      usage: {
        promptTokens: 9,
        completionTokens: 5,
        totalTokens: 14,
        reasoningTokens: 2,
        cachedTokens: 3,
        cost: 1,
      },
      finishReason: 'tool_calls',
      rawFinishReason: 'STOP',
    })
    expect(body).toStrictEqual({
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: 'Hm', signature: '' },
        {
          type: 'text',
          text: 'Hello',
          citations: [
            {
              type: 'web_search_result_location',
              url: 'https://a.example',
              title: 'A',
              cited_text: 'x',
              encrypted_index: '',
            },
            {
              type: 'char_location',
              document_index: 2,
              document_title: null,
              cited_text: 'y',
              start_char_index: 0,
              end_char_index: 0,
            },
          ],
        },
        // It is the server's own id: its client gives it back as it is.
        block,
        { type: 'tool_use', id: 'b', name: 'sql', input: { input: 'SELECT 1' } },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      stop_details: { type: 'refusal', category: null, explanation: 'I may not.' },
      usage: {
        input_tokens: 6,
        cache_read_input_tokens: 3,
        output_tokens: 5,
        output_tokens_details: { thinking_tokens: 2 },
      },
    })
  })

  test('citations without any text', () => {
    const { content } = encode({ content: '', citations: [{ url: 'x' }] })
    expect(content).toMatchObject([{ type: 'text', text: '', citations: [{ url: 'x' }] }])
  })

  test('has nothing of a continuation of another dialect', () => {
    const continuation = { dialect: 'openai-chat', data: { blocks: [{ type: 'secret' }] } }
    expect(encode({ message: { ...plain.message, continuation } })).toEqual(encode({}))
  })

  test('thinking of its own stands once, with the reply’s reasoning only where there is none', () => {
    const signed = { type: 'thinking', thinking: 'Hm', signature: 'c2ln' }
    const kept = (blocks: unknown[]): ChatResponse['message'] => ({
      ...plain.message,
      continuation: { dialect: 'anthropic', data: { blocks } },
    })
    const text = { type: 'text', text: 'Hello' }
    const search = { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }
    expect(
      encode({ reasoning: 'Hm', message: kept([signed, { type: 'text', length: 5 }]) })['content'],
    ).toEqual([signed, text])
    expect(
      encode({ reasoning: 'Hm', message: kept([search, { type: 'text', length: 5 }]) })['content'],
    ).toEqual([{ type: 'thinking', thinking: 'Hm', signature: '' }, search, text])
  })
})

test.runIf(hasRecordings).each(loadRecordings('anthropic'))(
  'a recorded reply, as a whole message, is the same reply: $name',
  ({ bytes }) => {
    const decoder = composeReply(new SseDecoder(), new JsonDecoder(frame), decodeReply())
    const { output, error } = runDecoder(decoder, [bytes])
    if (error) return
    const { incompleteToolCalls: _, ...response } = collected(output)
    expect(withValues(decode(encodeResponse(response)))).toEqual(withValues(response))
  },
)

test('read as a whole message, any reply is the same', async () => {
  const words: { readonly [reason in FinishReason]?: string } = {
    stop: 'end_turn',
    length: 'max_tokens',
    tool_calls: 'tool_use',
    content_filter: 'refusal',
  }
  await fc.assert(
    fc.asyncProperty(chatEvents(), async (events) => {
      const response = await collect(events)
      const second = decode(encodeResponse(deepFreeze(response), options))

      const { incompleteToolCalls: _, images: __, citations = [], ...rest } = response
      const { images: ___, ...message } = response.message
      const { cost: ____, ...usage } = rest.usage ?? {
        promptTokens: 0,
        completionTokens: 0,
        totalTokens: 0,
      }
      const { citations: sources = [], rawFinishReason, ...found } = second
      // It holds citations alone.
      const { continuation: _____, ...answered } = found.message
      const { rawFinishReason: raw = 'other', ...expected } = {
        ...rest,
        ...options,
        usage,
        message,
      }
      // No client would see a refusal that is not the reason.
      if (rest.refusal && expected.finishReason === 'stop') expected.finishReason = 'content_filter'
      expect(withValues({ ...found, message: answered })).toEqual(withValues(expected))
      const other = /^(end_turn|max_tokens)$/.test(raw) ? 'other' : raw
      expect(rawFinishReason).toBe(words[expected.finishReason] ?? other)
      expect(sources).toHaveLength(citations.length)
      expect(sources.map(({ text }) => text)).toEqual(citations.map(({ text }) => text))
    }),
    { numRuns: 300 },
  )
})
