import { describe, expect, test } from 'vitest'
import { canonical, runDecoder } from '../../../test/run-decoder.ts'
import { pipe } from '../../decoder.ts'
import type { ChatEvent } from '../../event.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import { frame } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'

/** The events of a reply's deltas, and of its end. */
function decode(deltas: readonly object[], finish_reason = 'stop'): ChatEvent[] {
  const chunks = [
    ...deltas.map((delta) => ({ choices: [{ delta }] })),
    { choices: [{ finish_reason }] },
  ]
  const decoder = pipe(new JsonDecoder(frame), decodeReply())
  const { output, error } = runDecoder(
    decoder,
    chunks.map((chunk) => ({ data: JSON.stringify(chunk) })),
  )
  expect(error).toBeUndefined()
  return canonical(output.filter(({ type }) => type !== 'done'))
}

test('images that a model made, as OpenRouter sends them', () => {
  const image = (url: unknown): object => ({ type: 'image_url', image_url: { url } })
  const images = [image('data:image/webp;base64,aGk='), image('https://a.example/i'), image(7), {}]
  expect(decode([{ images }])).toEqual([
    { type: 'image', image: { mediaType: 'image/webp', data: 'aGk=' } },
    { type: 'image', image: { mediaType: 'image/*', url: 'https://a.example/i' } },
  ])
})

test('references of Mistral’s are citations of documents', () => {
  const content = [
    { type: 'text', text: 'Hi' },
    { type: 'reference', reference_ids: [1, 'b'] },
  ]
  expect(decode([{ content }])).toEqual([
    { type: 'content', text: 'Hi' },
    { type: 'citation', citation: { documentId: '1' } },
    { type: 'citation', citation: { documentId: 'b' } },
  ])
})

describe('custom calls', () => {
  const open = {
    tool_calls: [{ index: 0, id: 'a', type: 'custom', custom: { name: 'sql', input: '' } }],
  }
  const piece = (input: string): object => ({ tool_calls: [{ index: 0, custom: { input } }] })
  const start = { type: 'tool_call_start', index: 0, id: 'a', name: 'sql', kind: 'custom' }

  test('have free text', () => {
    expect(decode([open, piece('SELECT '), piece('1')], 'tool_calls')).toEqual([
      start,
      { type: 'tool_call_delta', index: 0, arguments: 'SELECT 1' },
      { type: 'tool_call_end', index: 0 },
    ])
  })

  test('that the limit of the reply cut have no end', () => {
    expect(decode([open, piece('SELECT ')], 'length')).toEqual([
      start,
      { type: 'tool_call_delta', index: 0, arguments: 'SELECT ' },
    ])
  })
})

test('thoughts of Mistral’s, in lists of parts, and calls that come whole without index or type', () => {
  const thinking = [
    { type: 'text', text: 'H' },
    { type: 'text', text: 'm' },
  ]
  const calls = [
    { id: 'abcdefghi', function: { name: 'f', arguments: '{"x": 1}' } },
    { id: 'abcdefghj', function: { name: 'f', arguments: '{}' } },
  ]
  expect(
    decode(
      [
        { role: 'assistant', content: [{ type: 'thinking', thinking }] },
        {
          content: [
            { type: 'thinking', thinking: [], closed: true },
            { type: 'text', text: 'Hi' },
          ],
        },
        { content: '', tool_calls: calls },
      ],
      'tool_calls',
    ),
  ).toEqual([
    { type: 'reasoning', text: 'Hm' },
    { type: 'content', text: 'Hi' },
    { type: 'tool_call_start', index: 0, id: 'abcdefghi', name: 'f' },
    { type: 'tool_call_delta', index: 0, arguments: '{"x": 1}' },
    { type: 'tool_call_start', index: 1, id: 'abcdefghj', name: 'f' },
    { type: 'tool_call_delta', index: 1, arguments: '{}' },
    { type: 'tool_call_end', index: 0 },
    { type: 'tool_call_end', index: 1 },
  ])
})

test('Mistral’s own words for the end', () => {
  const { output } = runDecoder(decodeReply(), [{ choices: [{ finish_reason: 'model_length' }] }])
  expect(output).toEqual([
    { type: 'done', finishReason: 'length', rawFinishReason: 'model_length' },
  ])
  const { error } = runDecoder(decodeReply(), [{ choices: [{ finish_reason: 'error' }] }])
  expect(error).toMatchObject({ code: 'api', retryable: true })
})

test.each<[string, object]>([
  ['OpenRouter', { cost: 0.0125, cost_details: { upstream_inference_cost: null } }],
  ['xAI', { cost_in_usd_ticks: 125_000_000 }],
  ['Perplexity', { cost: { input_tokens_cost: 0.01, request_cost: 0.0025, total_cost: 0.0125 } }],
])('%s says what a reply cost, in US dollars', (_, cost) => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, ...cost }
  const chunk = { choices: [{ finish_reason: 'stop' }], usage }
  const { output } = runDecoder(decodeReply(), [chunk])
  expect(output[0]).toEqual({
    type: 'usage',
    usage: { promptTokens: 1, completionTokens: 2, totalTokens: 3, cost: 0.0125 },
  })
})
