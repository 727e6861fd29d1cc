import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalReply, chatEvents } from '../test/chat-events.ts'
import { seededPlaces } from '../test/chunkings.ts'
import { dialects } from '../test/dialects.ts'
import { loadRecordings } from '../test/recordings.ts'
import { runDecoder } from '../test/run-decoder.ts'
import { collect } from './collect.ts'
import { RatatoskrError } from './errors.ts'
import type { ChatEvent } from './event.ts'
import type { ToolCall } from './message.ts'

for (const { name, wire, files, decoder, bothWays, failures } of dialects) {
  if (!bothWays) continue
  const { encoder, response, whole, toBytes, carried, options, rearranged } = bothWays
  const wanted = (events: readonly ChatEvent[]): ChatEvent[] =>
    canonicalReply(rearranged?.(events) ?? events, carried)

  const encode = (events: readonly ChatEvent[]): Uint8Array => {
    const frames = runDecoder(encoder(), events)
    expect(frames.error).toBeUndefined()
    return Buffer.concat(toBytes(frames.output))
  }
  const sequences = fc.boolean().chain((interleaved) => chatEvents({ ...options, interleaved }))

  describe(`${name}: both ways`, () => {
    test('what is encoded is read back the same, however it is split', () => {
      fc.assert(
        fc.property(sequences, fc.nat(), (events, seed) => {
          const bytes = encode(events)
          const cuts = seededPlaces(bytes.length, 5, seed).sort((a, b) => a - b)
          const pieces = [0, ...cuts].map((from, i) => bytes.subarray(from, cuts[i]))
          const { output, error } = runDecoder(decoder(), pieces)
          expect(error).toBeUndefined()
          expect(comparable(canonicalReply(output))).toEqual(comparable(wanted(events)))
        }),
      )
    })

    test.runIf(response)('a whole reply is read back the same', async () => {
      await fc.assert(
        fc.asyncProperty(sequences, async (events) => {
          const sent = JSON.stringify(response?.(await collect(events)))
          const { output, error } = runDecoder(whole?.() ?? decoder(), [
            new TextEncoder().encode(sent),
          ])
          expect(error).toBeUndefined()
          const again = await collect(output)
          const want = await collect(wanted(events))
          // Some formats order calls by their ends in a stream, and by their starts in the whole.
          const byId = (one: ToolCall, other: ToolCall): number => (one.id < other.id ? -1 : 1)
          expect(again.toolCalls.toSorted(byId)).toEqual(want.toolCalls.toSorted(byId))
          const { content, refusal = '' } = await collect(events)
          // A refusal that has no field stands behind the content.
          expect(again.content).toBe(carried.refusal ? content + refusal : content)
          for (const field of ['reasoning', 'refusal', 'usage'] as const) {
            expect(again[field], field).toEqual(want[field])
          }
          expect(again.images).toEqual(want.images)
          expect(again.finishReason).toBe(want.finishReason)
        }),
      )
    })

    test('a reply that fails, or is cut, is never whole', () => {
      fc.assert(
        fc.property(sequences, fc.nat(), (events, place) => {
          const said = events.slice(0, place % events.length)
          const failed = encoder()
          const frames = runDecoder({ push: failed.push.bind(failed), end() {} }, said).output
          failed.fail(new RatatoskrError('overloaded', 'No room.'), (frame) => frames.push(frame))
          const { output, error } = runDecoder(decoder(), toBytes(frames))
          expect(error?.code).toBe('overloaded')
          expect(output.some(({ type }) => type === 'done')).toBe(false)
          expect(runDecoder(encoder(), said).error?.code).toBe('truncated')
        }),
      )
    })

    const recordings = loadRecordings(wire, files).filter((recording) => !failures[recording.name])
    test.each(recordings)('recorded replies mean the same: $name', ({ bytes }) => {
      const { output } = runDecoder(decoder(), [bytes])
      const again = runDecoder(decoder(), [encode(output)])
      expect(again.error).toBeUndefined()
      expect(comparable(canonicalReply(again.output))).toEqual(comparable(wanted(output)))
    })
  })
}

/**
 * Sources are compared without where in the text they stand, since formats count within their parts;
 * the end without what its dialect alone understands.
 */
function comparable(events: readonly ChatEvent[]): ChatEvent[] {
  return events.map((event) => {
    if (event.type === 'done') {
      const { continuation: _, ...end } = event
      return end
    }
    if (event.type !== 'citation') return event
    const { start: __, end: ___, ...citation } = event.citation
    return { type: event.type, citation }
  })
}
