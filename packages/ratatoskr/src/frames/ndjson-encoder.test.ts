import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { caught } from '../../test/caught.ts'
import { texts } from '../../test/chat-events.ts'
import { piecesOf, seededPlaces } from '../../test/chunkings.ts'
import { runDecoder } from '../../test/run-decoder.ts'
import { NdjsonDecoder } from './ndjson.ts'
import { NdjsonEncoder } from './ndjson-encoder.ts'

const joined = (pieces: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(pieces.flatMap((piece) => [...piece]))

test('each text is a line', () => {
  const { output } = runDecoder(new NdjsonEncoder(), [{ data: '{"a":1}' }, { data: '"ł"' }])
  expect(new TextDecoder().decode(joined(output))).toBe('{"a":1}\n"ł"\n')
})

test.each(['{\n}', '{}\n', '\r', '{"a":\r\n1}'])('%j is no line', async (data) => {
  const lines: Uint8Array[] = []
  const error = await caught(() =>
    new NdjsonEncoder().push({ data }, (bytes) => void lines.push(bytes)),
  )
  expect(error.code).toBe('invalid_request')
  expect(error.message).toBe('JSON for a line must be one line.')
  expect(lines).toStrictEqual([])
})

test('what is written is read back the same, however it is split', () => {
  const value = fc.oneof(fc.jsonValue(), texts, fc.dictionary(texts, texts))
  fc.assert(
    fc.property(fc.array(value), fc.nat(), (values, seed) => {
      const lines = values.map((each) => ({ data: JSON.stringify(each) }))
      const bytes = joined(runDecoder(new NdjsonEncoder(), lines).output)
      const cuts = seededPlaces(bytes.length, 5, seed).sort((a, b) => a - b)
      const split = [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i]))
      for (const pieces of [[bytes], piecesOf(bytes, 1), split]) {
        expect(runDecoder(new NdjsonDecoder(), pieces)).toStrictEqual({ output: lines })
      }
    }),
    { numRuns: 300 },
  )
})
