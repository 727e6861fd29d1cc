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
