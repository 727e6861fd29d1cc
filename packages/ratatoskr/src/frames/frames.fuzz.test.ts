import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf } from '../../test/chunkings.ts'
import { dialects, fixtureBytes } from '../../test/dialects.ts'
import { anyPieceSize, fuzzed, fuzzTimeout } from '../../test/fuzz.ts'
import { anyMutation, mutate } from '../../test/mutations.ts'
import { framingOf, type Framing } from '../../test/reply-parts.ts'
import { runDecoder } from '../../test/run-decoder.ts'
import { countWork } from '../../test/work.ts'
import type { Decoder } from '../decoder.ts'
import { AwsEventStreamDecoder } from './aws-event-stream.ts'
import { JsonArrayDecoder } from './json-array.ts'
import { NdjsonDecoder } from './ndjson.ts'
import { SseDecoder } from './sse.ts'
import type { TextFrame } from './text-frame.ts'
import { wholeBody } from './whole-body.ts'

interface Frames {
  name: string
  framing: Framing
  decoder: (maxEventSize?: number) => Decoder<Uint8Array, TextFrame>
}

const limit = (maxEventSize: number | undefined): { maxEventSize?: number } =>
  maxEventSize === undefined ? {} : { maxEventSize }

const all: readonly Frames[] = [
  { name: 'events', framing: 'events', decoder: (size) => new SseDecoder(limit(size)) },
  {
    name: 'events, with what the standard discards',
    framing: 'events',
    decoder: (size) => new SseDecoder({ keepDiscarded: true, ...limit(size) }),
  },
  { name: 'lines', framing: 'lines', decoder: (size) => new NdjsonDecoder(limit(size)) },
  { name: 'an array', framing: 'array', decoder: (size) => new JsonArrayDecoder(limit(size)) },
  {
    name: 'Amazon’s messages',
    framing: 'binary',
    decoder: (size) => new AwsEventStreamDecoder(limit(size)),
  },
  { name: 'a whole body', framing: 'lines', decoder: wholeBody },
]

const tokens = ['\r', '\n', '\0', ':', '{', '}', '[', ']', '"', '\\', ' ', ',', 'a']
tokens.push('data:', 'event:', 'id:', '\uFEFF', '🐿️')
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  // Of what means something in one format or another.
  fc
    .array(fc.constantFrom(...tokens), {
      maxLength: 200,
    })
    .map((parts) => new TextEncoder().encode(parts.join(''))),
)

describe.each(all)('frames of $name', ({ framing, decoder }) => {
  const bodies = dialects
    .filter((dialect) => framingOf(dialect) === framing)
    .map((dialect) => fixtureBytes(dialect))
  const changed = fc
    .tuple(fc.nat(), fc.array(anyMutation, { minLength: 1, maxLength: 5 }))
    .map(([which, changes]) =>
      mutate(framing, bodies, bodies[which % bodies.length] ?? new Uint8Array(), changes),
    )

  test(
    'any bytes give the same frames however they are cut, in linear work',
    () => {
      fc.assert(
        fc.property(fc.oneof(bytes, changed), anyPieceSize, (body, size) => {
          const pieces = piecesOf(body, Math.max(size, Math.ceil(body.length / 20_000)))
          const whole = runDecoder(decoder(), [body])
          const { result, decoded } = countWork(() => runDecoder(decoder(), pieces))
          expect(result.output).toEqual(whole.output)
          expect(result.error?.message).toBe(whole.error?.message)
          for (const { data } of whole.output) expect(typeof data).toBe('string')
          // Nothing is kept that was told, nor told twice.
          const told = whole.output.reduce((sum, { data }) => sum + data.length, 0)
          expect(told).toBeLessThanOrEqual(body.length * 2 + 64)
          expect(decoded).toBeLessThanOrEqual(body.length * 2 + 64)
        }),
        fuzzed(400),
      )
    },
    fuzzTimeout,
  )

  // A whole body has its own.
  if (decoder === wholeBody) return
  test(
    'no frame is larger than the limit, and what is larger fails with too_large',
    () => {
      fc.assert(
        fc.property(fc.oneof(bytes, changed), anyPieceSize, (body, size) => {
          const pieces = piecesOf(body, Math.max(size, Math.ceil(body.length / 20_000)))
          const free = runDecoder(decoder(), pieces)
          const { output, error } = runDecoder(decoder(100), pieces)
          for (const { data } of output) expect(data.length).toBeLessThanOrEqual(100)
          expect(output).toEqual(free.output.slice(0, output.length))
          if (error?.message !== free.error?.message) expect(error?.code).toBe('too_large')
        }),
        fuzzed(200),
      )
    },
    fuzzTimeout,
  )
})
