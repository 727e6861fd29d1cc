import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { settle } from '../../test/bodies.ts'
import { canonicalReply, chatEvents } from '../../test/chat-events.ts'
import { runDecoder } from '../../test/run-decoder.ts'
import { frame } from '../dialects/openai-chat/chunk.ts'
import { decodeReply } from '../dialects/openai-chat/decode-reply.ts'
import { encodeReply } from '../dialects/openai-chat/encode-reply.ts'
import { isRatatoskrError, RatatoskrError } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import { NdjsonEncoder } from '../frames/ndjson-encoder.ts'
import { SseEncoder, type SseFrame } from '../frames/sse-encoder.ts'
import { ChatEventDecoderStream } from './chat-event-decoder-stream.ts'
import { ChatEventEncoderStream } from './chat-event-encoder-stream.ts'
import { JsonDecoderStream } from './json-decoder-stream.ts'
import { NdjsonEncoderStream } from './ndjson-encoder-stream.ts'
import { SseDecoderStream } from './sse-decoder-stream.ts'
import { SseEncoderStream } from './sse-encoder-stream.ts'

interface Source<Item> {
  stream: ReadableStream<Item>
  pulls: number
  /** The reasons with which it was cancelled. */
  cancelled: unknown[]
}

/** A stream of these; then it ends, fails, or stays silent. With high-water mark 0: a pull is a read. */
function sourceOf<Item>(
  items: readonly Item[],
  end: { thenError?: unknown; thenSilent?: boolean } = {},
): Source<Item> {
  const queue = [...items]
  const source: Source<Item> = {
    pulls: 0,
    cancelled: [],
    stream: new ReadableStream<Item>(
      {
        pull(controller) {
          source.pulls += 1
          const [item] = queue.splice(0, 1)
          if (item !== undefined) controller.enqueue(item)
          else if (end.thenError !== undefined) controller.error(end.thenError)
          else if (end.thenSilent) return new Promise(() => {})
          else controller.close()
          return undefined
        },
        cancel(reason) {
          source.cancelled.push(reason)
        },
      },
      { highWaterMark: 0 },
    ),
  }
  return source
}

async function readAll<Item>(
  stream: ReadableStream<Item>,
): Promise<{ items: Item[]; error?: unknown }> {
  const items: Item[] = []
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { items }
      items.push(value)
    }
  } catch (error) {
    return { items, error }
  }
}

const done: ChatEvent = { type: 'done', finishReason: 'stop' }
const content = (text: string): ChatEvent => ({ type: 'content', text })
const options = { id: 'r1', model: 'm', created: 7, includeUsage: true }
const encoded = (): ChatEventEncoderStream => new ChatEventEncoderStream(encodeReply(options))

const rejections: unknown[] = []
const onRejection = (reason: unknown): void => void rejections.push(reason)
beforeEach(() => {
  process.on('unhandledRejection', onRejection)
})
afterEach(async () => {
  await settle()
  process.off('unhandledRejection', onRejection)
  expect(rejections.splice(0)).toStrictEqual([])
})

describe('bytes', () => {
  test('of events, and comments', async () => {
    const frames: (SseFrame | string)[] = ['hello', { event: 'a', data: 'ż\n' }, { data: '{}' }]
    const { items } = await readAll(sourceOf(frames).stream.pipeThrough(new SseEncoderStream()))
    expect(items).toStrictEqual(runDecoder(new SseEncoder(), frames).output)
  })

  test('of lines', async () => {
    const lines = [{ data: '{"a":1}' }, { data: '[]' }]
    const { items } = await readAll(sourceOf(lines).stream.pipeThrough(new NdjsonEncoderStream()))
    expect(items).toStrictEqual(runDecoder(new NdjsonEncoder(), lines).output)
  })

  test('none of what breaks a line: the stream fails, after what was good', async () => {
    const sse = sourceOf([{ data: 'a' }, { id: '\n', data: 'b' }, { data: 'c' }])
    const failed = await readAll(sse.stream.pipeThrough(new SseEncoderStream()))
    expect(failed.items).toHaveLength(1)
    expect(failed.error).toMatchObject({ code: 'invalid_request' })
    await settle()
    expect(sse.cancelled).toHaveLength(1)
    const { items, error } = await readAll(
      sourceOf([{ data: '1' }, { data: '\n' }]).stream.pipeThrough(new NdjsonEncoderStream()),
    )
    expect(items).toHaveLength(1)
    expect(error).toMatchObject({ code: 'invalid_request' })
  })

  test('an error of the source is the stream’s own', async () => {
    const thenError = new Error('broken')
    const { stream } = sourceOf([{ data: '1' }], { thenError })
    expect(await readAll(stream.pipeThrough(new SseEncoderStream()))).toMatchObject({
      items: [expect.any(Uint8Array)],
      error: thenError,
    })
  })
})

describe('a reply', () => {
  test('through streams is what the encoder alone makes of it, and a reader reads it', async () => {
    await fc.assert(
      fc.asyncProperty(chatEvents(), async (events) => {
        const alone = runDecoder(encodeReply(options), events).output
        const { items } = await readAll(sourceOf(events).stream.pipeThrough(encoded()))
        expect(items).toStrictEqual(alone)
        const { items: read, error } = await readAll(
          sourceOf(events)
            .stream.pipeThrough(encoded())
            .pipeThrough(new SseEncoderStream())
            .pipeThrough(new SseDecoderStream())
            .pipeThrough(new JsonDecoderStream(frame))
            .pipeThrough(new ChatEventDecoderStream(decodeReply())),
        )
        expect(error).toBeUndefined()
        const texts = (all: readonly ChatEvent[]): ChatEvent[] =>
          canonicalReply(all.filter(({ type }) => /^(content|reasoning|tool_)/.test(type)))
        expect(texts(read)).toStrictEqual(texts(events))
      }),
      { numRuns: 50 },
    )
  })

  test('is read on demand', async () => {
    const source = sourceOf(
      Array.from({ length: 50 }, () => content('a')),
      { thenSilent: true },
    )
    const reader = source.stream
      .pipeThrough(encoded())
      .pipeThrough(new SseEncoderStream())
      .getReader()
    await settle()
    const ahead = source.pulls
    expect(ahead).toBeLessThanOrEqual(2)
    for (let i = 0; i < 5; i += 1) await reader.read()
    await settle()
    expect(source.pulls).toBeLessThanOrEqual(ahead + 5)
    await reader.cancel()
  })

  const failure = (code: string): object => ({
    error: expect.objectContaining({ code }) as unknown,
  })
  const parsed = (frames: readonly SseFrame[]): unknown[] =>
    frames.map(({ data }) => (data === '[DONE]' ? data : (JSON.parse(data) as unknown)))

  test('that fails ends with an error in the format, after what came before', async () => {
    const thenError = new RatatoskrError('rate_limited', 'Wait.')
    const { stream } = sourceOf([content('a'), content('b')], { thenError })
    const { items, error } = await readAll(stream.pipeThrough(encoded()))
    expect(error).toBeUndefined()
    expect(parsed(items)).toMatchObject([
      { choices: [{ delta: { content: 'a' } }] },
      { choices: [{ delta: { content: 'b' } }] },
      failure('rate_limit_exceeded'),
    ])
  })

  test('that ends without done is a failure for its reader', async () => {
    for (const events of [[], [content('a')]]) {
      const { items, error } = await readAll(sourceOf(events).stream.pipeThrough(encoded()))
      expect(error).toBeUndefined()
      expect(parsed(items).at(-1)).toStrictEqual({
        error: {
          message: 'The reply was cut off: its events end without done.',
          type: 'server_error',
          param: null,
          code: null,
        },
      })
      expect(items).toHaveLength(events.length + 1)
    }
  })

  test('tells nothing of an error that is not the library’s', async () => {
    const { stream } = sourceOf<ChatEvent>([], { thenError: new Error('sk-secret') })
    const { items } = await readAll(stream.pipeThrough(encoded()))
    expect(items).toHaveLength(1)
    expect(JSON.stringify(items)).not.toContain('secret')
  })

  test('that is done stays so, though its source fails then', async () => {
    const { stream } = sourceOf([done], { thenError: new Error('late') })
    const { items, error } = await readAll(stream.pipeThrough(encoded()))
    expect(error).toBeUndefined()
    expect(items.at(-1)).toStrictEqual({ data: '[DONE]' })
  })

  test('that nobody reads any more stops its source, while it is silent too', async () => {
    const source = sourceOf([content('a')], { thenSilent: true })
    const reader = source.stream
      .pipeThrough(encoded())
      .pipeThrough(new SseEncoderStream())
      .getReader()
    await reader.read()
    const pending = reader.read()
    await reader.cancel('enough')
    await pending
    await settle()
    expect(source.cancelled).toStrictEqual(['enough'])
  })

  test('through streams, a failed one fails its reader with the same code', async () => {
    const thenError = new RatatoskrError('overloaded', 'Busy.')
    const { items, error } = await readAll(
      sourceOf([content('a')], { thenError })
        .stream.pipeThrough(encoded())
        .pipeThrough(new SseEncoderStream())
        .pipeThrough(new SseDecoderStream())
        .pipeThrough(new JsonDecoderStream(frame))
        .pipeThrough(new ChatEventDecoderStream(decodeReply())),
    )
    expect(items).toStrictEqual([content('a')])
    expect(isRatatoskrError(error) && error.code).toBe('overloaded')
  })
})
