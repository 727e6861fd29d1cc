import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chatEvents } from '../../../test/chat-events.ts'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { runDecoder } from '../../../test/run-decoder.ts'
import { collect } from '../../collect.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import type { ChatResponse } from '../../response.ts'
import { pipe } from '../../decoder.ts'
import { frame } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeResponse } from './encode-response.ts'

const options = { id: 'chatcmpl-1', model: 'm', created: 7 }
const plain: ChatResponse = deepFreeze({
  content: 'Hello',
  toolCalls: [],
  finishReason: 'stop',
  message: { role: 'assistant', content: 'Hello' },
})

/** The message and the reason of the one choice. */
function choice(response: Partial<ChatResponse>, given: object = options): object {
  const body = encodeResponse(deepFreeze({ ...plain, ...response }), given)
  return (body['choices'] as object[])[0] ?? {}
}

test('a reply of text', () => {
  expect(encodeResponse(plain, options)).toStrictEqual({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 7,
    model: 'm',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: 'Hello', refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
  })
})

test('id and model are the reply’s own where none are given', () => {
  const own = { ...plain, id: 'r1', model: 'squirrel' }
  expect(encodeResponse(own)).toMatchObject({ id: 'r1', model: 'squirrel' })
  expect(encodeResponse(own, { id: undefined })).toMatchObject({ id: 'r1' })
  expect(encodeResponse(own, options)).toMatchObject({ id: 'chatcmpl-1', model: 'm' })
  expect(encodeResponse(plain)['id']).toMatch(/^chatcmpl-[A-Za-z0-9]{29}$/)
  expect(encodeResponse(plain)).toMatchObject({ model: '' })
  expect(encodeResponse(plain)['created']).toBeGreaterThan(1_700_000_000)
})

const call = { id: 'a', name: 'f', arguments: '{"x":1}' }

describe('the message', () => {
  test.each<[string, Partial<ChatResponse>, unknown]>([
    ['is empty', { content: '' }, ''],
    ['is null beside calls', { content: '', toolCalls: [call] }, null],
    ['is null beside a refusal', { content: '', refusal: 'no' }, null],
    ['stays beside calls', { content: 'a', toolCalls: [call] }, 'a'],
    ['is not null for calls that were cut', { content: '', incompleteToolCalls: [call] }, ''],
  ])('content %s', (_name, response, content) => {
    expect(choice(response)).toMatchObject({ message: { content } })
  })

  test('has what the reply has', () => {
    const details = [{ type: 'reasoning.text', text: 'Hm', signature: 'x' }]
    const given: Partial<ChatResponse> = {
      content: '',
      reasoning: 'Hm',
      refusal: 'no',
      toolCalls: [
        call,
        { id: 'b', name: 'g', arguments: ' ' },
        { id: 'c', name: 'h', arguments: 'x = 1', kind: 'custom' },
      ],
      incompleteToolCalls: [{ id: 'd', name: 'cut', arguments: '{' }],
      citations: [{ url: 'https://a.example/', title: 'A', start: 0, end: 2 }, { documentId: 'd' }],
      images: [{ mediaType: 'image/png', data: 'AAAA' }],
      finishReason: 'other',
      rawFinishReason: 'pause_turn',
      message: {
        role: 'assistant',
        content: '',
        continuation: { dialect: 'openai-chat', data: { reasoning_details: details } },
      },
    }
    expect(choice(given)).toStrictEqual({
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        refusal: 'no',
        reasoning_content: 'Hm',
        reasoning_details: details,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
          { id: 'c', type: 'custom', custom: { name: 'h', input: 'x = 1' } },
        ],
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://a.example/', title: 'A', start_index: 0, end_index: 2 },
          },
        ],
        images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }],
      },
      logprobs: null,
      finish_reason: 'pause_turn',
    })
    expect(choice(given, { reasoningField: 'reasoning' })).toMatchObject({
      message: { reasoning: 'Hm' },
    })
  })

  test('has nothing of a continuation of another dialect', () => {
    const continuation = { dialect: 'anthropic', data: { reasoning_details: [{}] } }
    expect(choice({ message: { ...plain.message, continuation } })).toStrictEqual(choice({}))
  })
})

test('usage stands there always when it is known', () => {
  const usage = { promptTokens: 3, completionTokens: 5, totalTokens: 8, cachedTokens: 2 }
  expect(encodeResponse({ ...plain, usage }, { includeUsage: false })['usage']).toStrictEqual({
    prompt_tokens: 3,
    completion_tokens: 5,
    total_tokens: 8,
    prompt_tokens_details: { cached_tokens: 2 },
  })
})

test('read as a whole body, it is the same reply', async () => {
  const read = (body: unknown) =>
    runDecoder(pipe(new JsonDecoder(frame), decodeReply()), [{ data: JSON.stringify(body) }])
  await fc.assert(
    fc.asyncProperty(chatEvents(), fc.boolean(), async (events, hasDetails) => {
      const response = await collect(events)
      const continuation = {
        dialect: 'openai-chat',
        data: { reasoning_details: [{ type: 'reasoning.encrypted', data: 'AAAA' }] },
      }
      if (hasDetails) response.message.continuation = continuation
      const body = encodeResponse(deepFreeze(response), { id: 'r1' })
      const { output, error } = read(body)
      expect(error).toBeUndefined()

      // What the format has no room for; of an image's address nothing tells the type.
      const { incompleteToolCalls: _, rawFinishReason: __, ...given } = response
      const images = given.images?.map((image) =>
        image.url === undefined ? image : { mediaType: 'image/*', url: image.url },
      )
      const rest = { ...given, ...(images && { images }) }
      const message = { ...response.message, ...(images && { images }) }
      const { rawFinishReason, citations, ...got } = await collect(output)
      const { citations: sources = [], ...expected } = rest
      expect(got).toStrictEqual({ ...expected, id: 'r1', message })
      const carried = sources
        .filter(({ url }) => url)
        .map(({ documentId: ___, ...citation }) => citation)
      expect(citations ?? []).toStrictEqual(carried)
      expect(rawFinishReason).toBe(
        (body['choices'] as { finish_reason: string }[])[0]?.finish_reason,
      )
    }),
    { numRuns: 500 },
  )
})
