import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dialects, fixtureBytes } from '../../../test/dialects.ts'
import { loadRecordings } from '../../../test/recordings.ts'
import { runDecoder } from '../../../test/run-decoder.ts'
import { collect } from '../../collect.ts'
import { RatatoskrError } from '../../errors.ts'
import type { ChatEvent } from '../../event.ts'
import { NdjsonEncoder } from '../../frames/ndjson-encoder.ts'
import { NdjsonDecoder } from '../../frames/ndjson.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import { composeReply, type ReplyDecoder } from '../reply-decoder.ts'
import { frame } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeError } from './encode-error.ts'
import { encodeReply } from './encode-reply.ts'
import { encodeResponse } from './encode-response.ts'

const options = { model: 'm:1', createdAt: '2026-01-31T12:00:00Z' }
const head = { model: 'm:1', created_at: '2026-01-31T12:00:00Z' }
const done: ChatEvent = { type: 'done', finishReason: 'stop' }

/** The lines of a reply. */
function encode(events: readonly ChatEvent[]): unknown[] {
  const { output, error } = runDecoder(encodeReply(options), events)
  expect(error).toBeUndefined()
  return output.map(({ data }): unknown => JSON.parse(data))
}

const fields = ['content', 'reasoning', 'toolCalls', 'usage', 'finishReason'] as const

function decoder(): ReplyDecoder<Uint8Array> {
  return composeReply(new NdjsonDecoder(), new JsonDecoder(frame), decodeReply())
}

/** By bytes there and back. */
function thereAndBack(events: readonly ChatEvent[]): ChatEvent[] {
  const lines = runDecoder(encodeReply(), events)
  const bytes = runDecoder(new NdjsonEncoder(), lines.output)
  const { output, error } = runDecoder(decoder(), bytes.output)
  expect([lines.error, bytes.error, error]).toEqual([undefined, undefined, undefined])
  return output
}

const call = (index: number, id: string, text: string): ChatEvent[] => [
  { type: 'tool_call_start', index, id, name: 'one' },
  ...Array.from(text, (piece): ChatEvent => ({ type: 'tool_call_delta', index, arguments: piece })),
  { type: 'tool_call_end', index },
]

describe('the lines', () => {
  test('a reply', () => {
    expect(
      encode([
        { type: 'reasoning', text: 'Hm' },
        { type: 'content', text: 'Hi' },
        { type: 'usage', usage: { promptTokens: 3, completionTokens: 5, totalTokens: 8 } },
        done,
      ]),
    ).toEqual([
      { ...head, message: { role: 'assistant', content: '', thinking: 'Hm' }, done: false },
      { ...head, message: { role: 'assistant', content: 'Hi' }, done: false },
      {
        ...head,
        message: { role: 'assistant', content: '' },
        done_reason: 'stop',
        done: true,
        prompt_eval_count: 3,
        eval_count: 5,
      },
    ])
  })

  test('a call goes out when it is whole, and one that is cut never', () => {
    const cut = call(2, 'c', '{"x":').slice(0, -1)
    const lines = encode([...call(0, 'a', '{"x":1}'), ...call(1, 'b', ''), ...cut, done])
    expect(lines).toHaveLength(3)
    expect(lines.slice(0, 2)).toMatchObject([
      {
        message: {
          tool_calls: [{ id: 'a', function: { index: 0, name: 'one', arguments: { x: 1 } } }],
        },
      },
      { message: { tool_calls: [{ id: 'b', function: { index: 1, arguments: {} } }] } },
    ])
  })

  test('a refusal is content; what has no form is left out', () => {
    const lines = encode([
      { type: 'refusal', text: 'No.' },
      { type: 'citation', citation: { url: 'https://example.com' } },
      { type: 'image', image: { mediaType: 'image/png', data: 'AAAA' } },
      { type: 'provider', dialect: 'anthropic', data: {} },
      { type: 'tool_call_start', index: 0, id: 'a', name: 'one', kind: 'custom' },
      { type: 'tool_call_delta', index: 0, arguments: 'free text' },
      { type: 'tool_call_end', index: 0 },
      done,
    ])
    expect(lines).toMatchObject([{ message: { content: 'No.' } }, { done: true }])
  })

  test.each([
    ['stop', undefined, 'stop'],
    ['tool_calls', 'tool_use', 'stop'],
    ['length', 'max_tokens', 'length'],
    ['content_filter', undefined, 'content_filter'],
    ['other', 'pause', 'pause'],
    // A reader would take it for the end.
    ['other', 'stop', 'other'],
  ] as const)('the end %s, %s is %s', (finishReason, rawFinishReason, word) => {
    const end = { type: 'done', finishReason, ...(rawFinishReason && { rawFinishReason }) } as const
    expect(encode([end])).toMatchObject([{ done_reason: word, done: true }])
  })
})

describe('what is read again', () => {
  test('is the reply, whatever its pieces', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    const event: fc.Arbitrary<ChatEvent> = fc.oneof(
      fc.record({ type: fc.constant('content' as const), text }),
      fc.record({ type: fc.constant('reasoning' as const), text }),
    )
    const calls = fc.array(fc.dictionary(text, fc.jsonValue()), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 8 }), calls, async (said, inputs) => {
        const events: ChatEvent[] = [
          ...said,
          ...inputs.flatMap((input, i) => call(i, `id_${i}`, JSON.stringify(input))),
          { type: 'usage', usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3 } },
          { type: 'done', finishReason: inputs[0] ? 'tool_calls' : 'stop' },
        ]
        const before = await collect(events)
        const after = await collect(thereAndBack(events))
        const sent = JSON.stringify(encodeResponse(before, options))
        const whole = await collect(runDecoder(decoder(), [new TextEncoder().encode(sent)]).output)
        for (const field of fields) {
          expect(after[field]).toEqual(before[field])
          expect(whole[field]).toEqual(before[field])
        }
      }),
    )
  })

  test('are the recordings’ events, and the fixture’s', () => {
    const own = dialects.find(({ name }) => name === 'ollama')
    if (!own) throw new Error('The dialect is not in the list.')
    const bodies = [fixtureBytes(own), ...loadRecordings('ollama').map(({ bytes }) => bytes)]
    for (const body of bodies) {
      const { output } = runDecoder(own.decoder(), [body])
      const back = thereAndBack(output)
      expect(back.slice(0, -1)).toEqual(output.slice(0, -1))
      expect(back.at(-1)).toMatchObject({ type: 'done' })
    }
  })
})

describe('a reply that fails', () => {
  test('ends in a line with the error, and nothing more', () => {
    const encoder = encodeReply(options)
    const lines: string[] = []
    const write = ({ data }: { data: string }): void => {
      lines.push(data)
    }
    encoder.push({ type: 'content', text: 'Hi' }, write)
    encoder.fail(new RatatoskrError('overloaded', 'Too busy.'), write)
    encoder.push(done, write)
    encoder.fail(new Error('again'), write)
    encoder.end(write)
    expect(lines.slice(1)).toEqual(['{"error":"Too busy."}'])
  })

  test('without done it is cut off', () => {
    expect(() => encodeReply().end(() => {})).toThrow(
      expect.objectContaining({ code: 'truncated' }),
    )
  })

  test('tells nothing of what is not its own', () => {
    expect(encodeError(new Error('secret'))).toMatchObject({
      status: 500,
      body: { error: 'The server failed to answer; try again later.' },
    })
    expect(encodeError(new RatatoskrError('model_not_found', 'No such model.'))).toMatchObject({
      status: 404,
      body: { error: 'No such model.' },
    })
  })
})
