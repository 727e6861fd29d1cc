import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caught } from '../../test/caught.ts'
import { texts } from '../../test/chat-events.ts'
import { piecesOf, seededPlaces } from '../../test/chunkings.ts'
import { runDecoder } from '../../test/run-decoder.ts'
import { SseDecoder } from './sse.ts'
import { SseEncoder, type SseFrame } from './sse-encoder.ts'

/** The text of an event stream. */
function written(frames: readonly (SseFrame | string)[]): string {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
  const { output, error } = runDecoder(new SseEncoder(), frames)
  if (error) throw error
  return output.map((bytes) => utf8.decode(bytes)).join('')
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('an event', () => {
  test.each<[string, SseFrame, string]>([
    ['data alone', { data: '{"a":1}' }, 'data: {"a":1}\n\n'],
    ['no data', { data: '' }, 'data: \n\n'],
    ['a type', { event: 'ping', data: '{}' }, 'event: ping\ndata: {}\n\n'],
    [
      'all fields',
      { event: 'a', id: '7', retry: 100, data: 'x' },
      'event: a\nid: 7\nretry: 100\ndata: x\n\n',
    ],
    ['an empty id, which takes back the last', { id: '', data: 'x' }, 'id: \ndata: x\n\n'],
    ['lines', { data: 'a\nb\r\nc\rd' }, 'data: a\ndata: b\ndata: c\ndata: d\n\n'],
    ['blank lines', { data: '\n\n' }, 'data: \ndata: \ndata: \n\n'],
    ['a space that belongs to the data', { data: ' a' }, 'data:  a\n\n'],
    ['what breaks lines in JavaScript alone', { data: '\u2028\u2029' }, 'data: \u2028\u2029\n\n'],
  ])('%s', (_name, frame, expected) => {
    expect(written([frame])).toBe(expected)
  })

  test.each([
    { event: 'a\nb', data: '' },
    { event: 'a\rdata: b', data: '' },
    { event: '\0', data: '' },
    { id: 'a\nb', data: '' },
    { id: '\r', data: '' },
    { id: 'a\0', data: '' },
  ])('%j would be another event', async (frame) => {
    const frames: Uint8Array[] = []
    const error = await caught(() =>
      new SseEncoder().push(frame, (bytes) => void frames.push(bytes)),
    )
    expect(error.code).toBe('invalid_request')
    expect(error.message).toBe('event and id must be one line each.')
    expect(frames).toStrictEqual([])
  })

  test('may come after one that was refused', () => {
    const encoder = new SseEncoder()
    expect(() => encoder.push({ id: '\n', data: '' }, () => {})).toThrow()
    let text = ''
    encoder.push({ data: 'x' }, (bytes) => (text += new TextDecoder().decode(bytes)))
    expect(text).toBe('data: x\n\n')
  })
})

describe('a comment', () => {
  test.each([
    ['keep-alive', ': keep-alive\n\n'],
    ['', ': \n\n'],
    ['a\nb', ': a\n: b\n\n'],
  ])('%j', (comment, expected) => {
    expect(written([comment])).toBe(expected)
  })

  test('is nothing to a reader, whatever it holds', () => {
    fc.assert(
      fc.property(texts, (comment) => {
        const { output } = runDecoder(new SseDecoder(), [
          bytesOf(written([comment, { data: 'a' }, comment])),
        ])
        expect(output).toStrictEqual([{ event: 'message', data: 'a', id: '' }])
      }),
    )
  })
})

test('what is written is read back the same, however it is split', () => {
  const line = texts.map((text) => text.replaceAll(/[\r\n\0]/g, ''))
  const frame = fc.record(
    {
      event: line,
      data: fc.array(texts).map((parts) => parts.join('')),
      id: line,
      retry: fc.nat(),
    },
    { requiredKeys: ['data'], noNullPrototype: true },
  ) as fc.Arbitrary<SseFrame>
  fc.assert(
    fc.property(fc.array(fc.oneof(frame, frame, texts)), fc.nat(), (frames, seed) => {
      const bytes = bytesOf(written(frames))
      let lastId = ''
      const expected = frames.flatMap((sent) => {
        if (typeof sent === 'string') return []
        const { event, data, id } = sent
        lastId = id ?? lastId
        return [{ event: event || 'message', data: data.replaceAll(/\r\n?/g, '\n'), id: lastId }]
      })
      const cuts = seededPlaces(bytes.length, 5, seed).sort((a, b) => a - b)
      const split = [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i]))
      for (const pieces of [[bytes], piecesOf(bytes, 1), split]) {
        expect(runDecoder(new SseDecoder(), pieces)).toStrictEqual({ output: expected })
      }
    }),
    { numRuns: 300 },
  )
})
