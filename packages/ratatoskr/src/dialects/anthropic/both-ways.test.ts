import { describe, expect, test } from 'vitest'
import { hasRecordings, loadRecordings } from '../../../test/recordings.ts'
import { canonical, runDecoder, type Run } from '../../../test/run-decoder.ts'
import type { ChatEvent } from '../../event.ts'
import { SseDecoder } from '../../frames/sse.ts'
import { SseEncoder, type SseFrame } from '../../frames/sse-encoder.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import { composeReply } from '../reply-decoder.ts'
import { decodeReply, encodeReply, frame } from './index.ts'

function decode(bytes: Iterable<Uint8Array>, includeProviderEvents = true): Run<ChatEvent> {
  const decoder = composeReply(
    new SseDecoder({ keepDiscarded: true }),
    new JsonDecoder(frame),
    decodeReply({ includeProviderEvents }),
  )
  return runDecoder(decoder, bytes)
}

function encode(events: readonly ChatEvent[]): Uint8Array[] {
  const id = events.find((event) => event.type === 'done')
  const frames = runDecoder(encodeReply({ id: id?.id, model: id?.model }), events)
  expect(frames.error).toBeUndefined()
  return runDecoder<SseFrame, Uint8Array>(new SseEncoder(), frames.output).output
}

const ends = (events: readonly ChatEvent[]): ChatEvent[] =>
  canonical(events.filter((event) => event.type !== 'provider'))

describe.runIf(hasRecordings)('recorded replies, decoded, encoded and decoded again', () => {
  test.each(loadRecordings('anthropic'))('$name', ({ bytes }) => {
    const first = decode([bytes])
    if (first.error) return
    const second = decode(encode(first.output))
    expect(second.error).toBeUndefined()
    expect(ends(second.output)).toEqual(ends(first.output))
  })
})
