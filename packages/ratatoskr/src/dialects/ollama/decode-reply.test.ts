import { describe, expect, test } from 'vitest'
import { runDecoder } from '../../../test/run-decoder.ts'
import type { ReplyDecoderOptions } from '../reply-decoder.ts'
import { composeReply } from '../reply-decoder.ts'
import { NdjsonDecoder } from '../../frames/ndjson.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import { frame } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'

const encoder = new TextEncoder()

/** Decodes lines; what is no text is written as JSON. */
function decode(lines: readonly unknown[], options: ReplyDecoderOptions = {}) {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  const decoder = composeReply(new NdjsonDecoder(), new JsonDecoder(frame), decodeReply(options))
  return runDecoder(decoder, [encoder.encode(text.join('\n'))])
}
const done = { done: true, done_reason: 'stop' }

test('a last line without its LF counts', () => {
  expect(decode([{ message: { content: 'Hi' } }, done])).toEqual({
    output: [
      { type: 'content', text: 'Hi' },
      { type: 'done', finishReason: 'stop', rawFinishReason: 'stop' },
    ],
  })
})

test('a whole reply is one line', () => {
  const { output } = decode([
    { model: 'm', message: { thinking: 'Hm', content: 'Hi' }, ...done, eval_count: 2 },
  ])
  expect(output).toEqual([
    { type: 'reasoning', text: 'Hm' },
    { type: 'content', text: 'Hi' },
    { type: 'usage', usage: { promptTokens: 0, completionTokens: 2, totalTokens: 2 } },
    { type: 'done', finishReason: 'stop', rawFinishReason: 'stop', model: 'm' },
  ])
})

describe('calls', () => {
  const call = (name: string, given?: unknown) => ({
    message: { tool_calls: [{ function: { name, arguments: given } }] },
  })

  test('come whole, with ids of their own', () => {
    const { output } = decode([call('one', { x: 1 }), call('two'), call('one', '{"x":2}'), done])
    expect(output.filter(({ type }) => type === 'tool_call_start')).toEqual([
      { type: 'tool_call_start', index: 0, id: 'call_0', name: 'one' },
      { type: 'tool_call_start', index: 1, id: 'call_1', name: 'two' },
      { type: 'tool_call_start', index: 2, id: 'call_2', name: 'one' },
    ])
    expect(
      output.flatMap((event) => (event.type === 'tool_call_delta' ? event.arguments : [])),
    ).toEqual(['{"x":1}', '{"x":2}'])
    expect(output.at(-1)).toMatchObject({ finishReason: 'tool_calls', rawFinishReason: 'stop' })
  })

  test('keep the thinking before them for the next request', () => {
    const thought = { message: { thinking: 'I look.' } }
    expect(decode([thought, call('one'), done]).output.at(-1)).toMatchObject({
      continuation: { dialect: 'ollama', data: { thinking: 'I look.' } },
    })
    expect(decode([thought, done]).output.at(-1)).not.toHaveProperty('continuation')
  })

  test('stay cut where the model reached its limit', () => {
    const { output } = decode([call('one'), { done: true, done_reason: 'length' }])
    expect(output.at(-1)).toMatchObject({ finishReason: 'length' })
  })

  test.each([
    ['without a name', call('', {})],
    ['with a list', call('one', [1])],
    ['with text that is no JSON', call('one', '{"x":')],
    ['with a number', call('one', 7)],
  ])('%s are an error', (_, line) => {
    const { output, error } = decode([line, done])
    expect([output, error?.code]).toEqual([[], 'protocol'])
  })
})

test.each([
  ['an unexpected error', 'api'],
  ["model 'squirrel' not found", 'model_not_found'],
  ['the input length exceeds the context length', 'context_length'],
])('a line with an error fails the reply: %s', (error, code) => {
  const failed = decode([{ message: { content: 'Hi' } }, { error }, done])
  expect(failed.output).toEqual([{ type: 'content', text: 'Hi' }])
  expect(failed.error).toMatchObject({ code, providerMessage: error })
})

test.each([
  ['nothing', []],
  ['no last line', [{ message: { content: 'Hi' } }]],
  ['done: false', [{ done: false, done_reason: 'stop' }]],
  ['half a line', [{ message: { content: 'Hi' } }, '{"done":tr']],
])('%s is a cut reply', (_, lines) => {
  expect(decode(lines).error?.code).toBe('truncated')
})

test('figures of the last line are a provider event, where they are asked for', () => {
  const last = { ...done, message: { content: '' }, total_duration: 7 }
  const { output } = decode([last], { includeProviderEvents: true })
  expect(output[0]).toEqual({
    type: 'provider',
    dialect: 'ollama',
    data: { ...done, total_duration: 7 },
  })
  expect(decode([last]).output).toHaveLength(1)
})

test('a shape that is none of its own is an error', () => {
  expect(decode([{ message: 'Hi' }]).error?.code).toBe('protocol')
  expect(decode([{ done: 'yes' }]).error?.code).toBe('protocol')
})
