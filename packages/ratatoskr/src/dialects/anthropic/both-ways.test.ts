import { describe, expect, test } from 'vitest'
import { hasRecordings, loadRecordings } from '../../../test/recordings.ts'
import { canonical, runDecoder, type Run } from '../../../test/run-decoder.ts'
import type { ChatEvent } from '../../event.ts'
import { SseDecoder } from '../../frames/sse.ts'
import { SseEncoder, type SseFrame } from '../../frames/sse-encoder.ts'
import { JsonDecoder } from '../../json/json-decoder.ts'
import { composeReply } from '../reply-decoder.ts'
import { decodeReply, encodeReply, frame } from './index.ts'

type Json = { [field: string]: unknown }

function decode(bytes: Iterable<Uint8Array>, includeProviderEvents: boolean): Run<ChatEvent> {
  const decoder = composeReply(
    new SseDecoder({ keepDiscarded: true }),
    new JsonDecoder(frame),
    decodeReply({ includeProviderEvents }),
  )
  return runDecoder(decoder, bytes)
}

function encode(events: readonly ChatEvent[]): Uint8Array {
  const end = events.find((event) => event.type === 'done')
  const frames = runDecoder(encodeReply({ id: end?.id, model: end?.model }), events)
  expect(frames.error).toBeUndefined()
  return Buffer.concat(runDecoder<SseFrame, Uint8Array>(new SseEncoder(), frames.output).output)
}

const told = (events: readonly ChatEvent[]): ChatEvent[] =>
  canonical(events.filter((event) => event.type !== 'provider'))

/** The message that a stream makes, put together as the official client does, without a decoder. */
function messageOf(bytes: Uint8Array): Json {
  const blocks: Json[] = []
  const inputs = new Map<number, string>()
  let message: Json = {}
  for (const [, data] of new TextDecoder().decode(bytes).matchAll(/^data: ?(\{.*)$/gm)) {
    const chunk = JSON.parse(data ?? '') as Json & { index: number; delta: Json }
    const block = blocks[chunk.index] ?? {}
    const { type: _, ...delta } = chunk.delta ?? {}
    switch (chunk['type']) {
      case 'message_start': {
        if (message['id'] !== undefined) break
        message = chunk['message'] as Json
        blocks.push(...(message['content'] as Json[]))
        break
      }
      case 'content_block_start':
        blocks[chunk.index] = { ...(chunk['content_block'] as Json) }
        break
      case 'content_block_delta':
        for (const [field, value] of Object.entries(delta)) {
          if (field === 'partial_json') {
            inputs.set(chunk.index, (inputs.get(chunk.index) ?? '') + String(value))
          } else if (field === 'citation') {
            block['citations'] = [...((block['citations'] as Json[]) ?? []), value]
          } else if (field === 'text' || field === 'thinking') {
            block[field] = String(block[field]) + String(value)
          } else block[field] = value
        }
        break
      case 'message_delta': {
        const { type: __, delta: ___, usage, ...rest } = chunk
        const counts = Object.entries({ ...(usage as Json) }).filter(([, count]) => count !== null)
        message = {
          ...message,
          ...delta,
          ...rest,
          usage: { ...(message['usage'] as Json), ...Object.fromEntries(counts) },
        }
      }
    }
  }
  for (const [at, json] of inputs) {
    const block = blocks[at]
    if (json && block) block['input'] = json
  }
  return { ...message, content: joined(blocks) }
}

/** Neighbours of plain text read as one, and JSON by what it means. */
function joined(blocks: readonly Json[]): Json[] {
  const isPlain = (block?: Json): boolean => block?.['type'] === 'text' && !('citations' in block)
  const made: Json[] = []
  for (const block of blocks) {
    const before = made.at(-1)
    const { input } = block
    if (isPlain(before) && isPlain(block)) {
      made[made.length - 1] = {
        ...before,
        text: `${String(before?.['text'])}${String(block['text'])}`,
      }
    } else if (typeof input === 'string') made.push({ ...block, input: parse(input) })
    else made.push(block)
  }
  return made.filter((block) => !isPlain(block) || block['text'] !== '')
}

/** A value, or the text where it was cut. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}

describe.runIf(hasRecordings)('recorded replies, decoded, encoded and decoded again', () => {
  const recordings = loadRecordings('anthropic').filter(
    ({ expected }) => expected.error === null || expected.error === undefined,
  )

  test('there are some', () => {
    expect(recordings.length).toBeGreaterThan(20)
  })

  test.each(recordings)('say the same with all that was passed on: $name', ({ bytes }) => {
    const first = decode([bytes], true)
    expect(first.error).toBeUndefined()
    const second = decode([encode(first.output)], true)
    expect(second.error).toBeUndefined()
    expect(told(second.output)).toEqual(told(first.output))
    // And a third time, word for word.
    expect(new TextDecoder().decode(encode(second.output))).toBe(
      new TextDecoder().decode(encode(decode([encode(second.output)], true).output)),
    )
  })

  test.each(recordings)('are the same message to a client: $name', ({ bytes }) => {
    const sent = messageOf(bytes)
    const written = messageOf(encode(decode([bytes], true).output))
    const { usage, ...rest } = written
    expect(rest).toMatchObject(said(sent))
    expect(written['content']).toEqual(sent['content'])
    // Zeros may be written where nothing stood.
    expect(usage).toMatchObject({ ...(sent['usage'] as Json) })
  })

  test.each(recordings)('without it, text, calls, and counts are the same: $name', ({ bytes }) => {
    const first = decode([bytes], false).output
    const second = decode([encode(first)], false)
    expect(second.error).toBeUndefined()
    expect(shared(second.output)).toEqual(shared(first))
  })
})

/** What a message says of itself; null says nothing. */
function said(message: Json): Json {
  const says = ([name, value]: [string, unknown]): boolean => name !== 'usage' && value !== null
  return Object.fromEntries(Object.entries(message).filter(says))
}

/** What needs nothing of the format itself. */
function shared(events: readonly ChatEvent[]): ChatEvent[] {
  const kept = events.flatMap((event): ChatEvent[] => {
    if (event.type === 'citation') {
      const { start: _, end: __, ...citation } = event.citation
      return [{ type: 'citation', citation }]
    }
    if (event.type !== 'done') return [event]
    const { continuation: ___, ...end } = event
    return [end]
  })
  return canonical(kept)
}
