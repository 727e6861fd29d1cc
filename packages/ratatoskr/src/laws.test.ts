import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fetchOf, observedBody, settle, type ObservedBody } from '../test/bodies.ts'
import { piecesOf } from '../test/chunkings.ts'
import { dialects, fixtureBytes } from '../test/dialects.ts'
import { loadRecordings } from '../test/recordings.ts'
import { runDecoder, type Run } from '../test/run-decoder.ts'
import type { ChatStream } from './chat-stream.ts'
import { isRatatoskrError } from './errors.ts'
import type { ChatEvent } from './event.ts'
import { createGateway } from './gateway.ts'
import { user } from './message.ts'
import type { ChatOptions } from './options.ts'

const rejections: unknown[] = []
const onRejection = (reason: unknown): void => {
  rejections.push(reason)
}
beforeEach(() => {
  rejections.length = 0
  process.on('unhandledRejection', onRejection)
})
afterEach(async () => {
  await settle()
  process.off('unhandledRejection', onRejection)
  expect(rejections).toEqual([])
})

for (const dialect of dialects) {
  const bytes = fixtureBytes(dialect)
  const whole = runDecoder(dialect.decoder(), [bytes])
  const ends = dialect.boundaries(bytes)
  /** The end of the event that gives the first of ours, and of those after it. */
  const begun = ends.slice(
    ends.findIndex((end) => runDecoder(dialect.decoder(), [bytes.subarray(0, end)]).output[0]),
  )

  const open = (body: ObservedBody, options: Partial<ChatOptions> = {}): Promise<ChatStream> => {
    const provider = dialect.provider(fetchOf(body.stream, dialect.contentType))
    const gateway = createGateway({ providers: [provider], retry: false })
    return gateway.chatStream([user('Hello')], { model: 'squirrel', ...options })
  }

  describe(`${dialect.name}: chunking does not matter`, () => {
    test('any cuts, empty pieces included, give the same events', () => {
      const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 40 })
      fc.assert(
        fc.property(cuts, (places) => {
          expect(runDecoder(dialect.decoder(), cutAt(bytes, places))).toEqual(whole)
        }),
      )
    })

    test('the fixture holds every kind of event that the law is about', () => {
      expect(whole.error).toBeUndefined()
      expect(new Set(whole.output.map((event) => event.type))).toEqual(
        new Set([
          'reasoning',
          'content',
          'tool_call_start',
          'tool_call_delta',
          'tool_call_end',
          'usage',
          'done',
        ]),
      )
    })

    test('the chain of streams gives the same events and the same failure', async () => {
      const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(cuts, fc.nat({ max: bytes.length }), async (places, length) => {
          const pieces = cutAt(bytes.subarray(0, length), places)
          const direct = runDecoder(dialect.decoder(), pieces)
          const chained = await readChain(dialect.chain(observedBody(pieces).stream))
          expect(chained.output).toEqual(direct.output)
          expect(chained.error?.code).toBe(direct.error?.code)
        }),
      )
    })

    test('the chain of streams agrees on every recording', async () => {
      for (const recording of loadRecordings(dialect.wire)) {
        const direct = runDecoder(dialect.decoder(), [recording.bytes])
        const body = observedBody(piecesOf(recording.bytes, 16_384)).stream
        const chained = await readChain(dialect.chain(body))
        expect(chained.output, recording.name).toEqual(direct.output)
        expect(chained.error?.code, recording.name).toBe(direct.error?.code)
      }
    }, 60_000)

    test('the gateway gives the same events as the decoder', async () => {
      const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(cuts, async (places) => {
          const stream = await open(observedBody(cutAt(bytes, places)))
          expect((await readEvents(stream)).output).toEqual(whole.output)
        }),
      )
    })
  })

  describe(`${dialect.name}: proof of completion`, () => {
    test('cut at any byte, the reply is done or it fails with truncated, and nothing is made up', () => {
      for (let length = 0; length <= bytes.length; length += 1) {
        const cut = runDecoder(dialect.decoder(), [bytes.subarray(0, length)])
        const types = cut.output.map((event) => event.type)
        if (cut.error === undefined) {
          expect(types.filter((type) => type === 'done')).toHaveLength(1)
          expect(types.at(-1)).toBe('done')
        } else {
          expect(cut.error.code).toBe('truncated')
          expect(types).not.toContain('done')
          // An event that is whole but for its blank line may count.
          const [before, after] = [
            ends.findLast((end) => end <= length) ?? 0,
            ends.find((end) => end >= length) ?? bytes.length,
          ].map((end) => dialect.closedCalls(bytes.subarray(0, end)))
          const closed = types.filter((type) => type === 'tool_call_end').length
          expect(closed).toBeGreaterThanOrEqual(before ?? 0)
          expect(closed).toBeLessThanOrEqual(after ?? 0)
          expect(cut.output).toEqual(whole.output.slice(0, cut.output.length))
        }
      }
    })

    test('through the gateway a cut reply delivers its events, then fails with the partial response', async () => {
      for (const end of begun.slice(2, -3)) {
        const cut = runDecoder(dialect.decoder(), [bytes.subarray(0, end)])
        const stream = await open(observedBody([bytes.subarray(0, end)]))
        const read = await readEvents(stream)
        expect(read.output).toEqual(cut.output)
        expect(read.error?.code).toBe('truncated')
        expect(read.error?.partial?.content).toBe(dialect.contentOf(bytes.subarray(0, end)))
        expect(read.error?.partial?.toolCalls).toHaveLength(
          dialect.closedCalls(bytes.subarray(0, end)),
        )
        await expect(stream.response()).rejects.toBe(read.error)
      }
    })

    test('a connection that breaks delivers its events, then fails with truncated', async () => {
      const body = observedBody([bytes.subarray(0, begun[3])], {
        thenError: new TypeError('reset'),
      })
      const read = await readEvents(await open(body))
      expect(read.output).toEqual(
        runDecoder(dialect.decoder(), [bytes.subarray(0, begun[3])]).output,
      )
      expect(read.error?.code).toBe('truncated')
    })

    test.skipIf(dialect.endsWithBody)('what follows the end is not read', async () => {
      const body = observedBody([bytes, bytes], { thenSilent: true })
      const stream = await open(body)
      expect((await readEvents(stream)).output).toEqual(whole.output)
      expect(body.pulls).toBe(1)
      expect(body.cancelled).toBe(true)
    })
  })

  describe(`${dialect.name}: demand-driven`, () => {
    test('nothing is read but for a waiting reader', async () => {
      const pieces = ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end))
      const body = observedBody(pieces)
      const stream = await open(body)
      const [first = 0, second = 0] = [0, 1].map((count) =>
        pieces.findIndex(
          (_, i) => runDecoder(dialect.decoder(), pieces.slice(0, i + 1)).output.length > count,
        ),
      )
      await settle()
      expect(body.pulls).toBe(first + 1)
      const reader = stream.getReader()
      await reader.read()
      await settle()
      expect(body.pulls).toBe(first + 1)
      await reader.read()
      await settle()
      expect(body.pulls).toBe(second + 1)
    })

    test('the chain of streams reads at most one event ahead for each stage', async () => {
      const pieces = ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1], end))
      const body = observedBody(pieces)
      const chain = dialect.chain(body.stream)
      await settle()
      const idle = body.pulls
      expect(idle).toBeLessThanOrEqual(3)
      await settle()
      expect(body.pulls).toBe(idle)
      await chain.cancel()
      await settle()
      expect(body.cancelled).toBe(true)
    })
  })

  describe(`${dialect.name}: stopping stops, while the model is silent`, () => {
    const silent = (): ObservedBody =>
      observedBody([bytes.subarray(0, begun[1])], { thenSilent: true })

    test('break', async () => {
      const body = silent()
      const stream = await open(body)
      for await (const event of stream) {
        expect(event.type).not.toBe('done')
        break
      }
      expect(body.cancelled).toBe(true)
      expect(stream.locked).toBe(false)
      await expect(stream.response()).rejects.toMatchObject({ code: 'cancelled' })
    })

    test('return() of the iterator, while its next() waits', async () => {
      const body = silent()
      const iterator = (await open(body))[Symbol.asyncIterator]()
      await iterator.next()
      const waiting = readOn(iterator)
      await settle()
      expect(await iterator.return()).toEqual({ done: true, value: undefined })
      expect(body.cancelled).toBe(true)
      expect(await waiting).toEqual({ done: true, value: undefined })
    })

    test('cancel()', async () => {
      const body = silent()
      const stream = await open(body)
      await stream.cancel('enough')
      expect(body.cancelled).toBe(true)
      for await (const event of stream) expect(event).toBe('never')
      await expect(stream.response()).rejects.toMatchObject({ code: 'cancelled' })
    })

    test('the signal, which rejects with its own reason', async () => {
      const body = silent()
      const controller = new AbortController()
      const stream = await open(body, { signal: controller.signal })
      const iterator = stream[Symbol.asyncIterator]()
      const waiting = readOn(iterator)
      await settle()
      const reason = new Error('my own')
      controller.abort(reason)
      await expect(waiting).rejects.toBe(reason)
      expect(body.cancelled).toBe(true)
      await expect(stream.response()).rejects.toBe(reason)
    })

    test('the signal, while nobody reads', async () => {
      const body = silent()
      const controller = new AbortController()
      const stream = await open(body, { signal: controller.signal })
      controller.abort()
      expect(body.cancelled).toBe(true)
      await expect(stream.getReader().read()).rejects.toBe(controller.signal.reason)
    })

    test('a signal that was aborted before', async () => {
      const body = silent()
      const reason = new Error('before')
      await expect(open(body, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
      expect(body.pulls).toBe(0)
    })

    test('a stream that is dropped unread leaves no rejection behind', async () => {
      const broken = observedBody([bytes.subarray(0, begun[1])], { thenError: new Error('reset') })
      const stream = await open(broken)
      void stream.response()
      void stream.text().catch(() => {})
      await settle()
      expect(rejections).toEqual([])
    })
  })
}

describe('memory', () => {
  test('96 MiB go through a heap of 64 MiB when nothing is collected', () => {
    const script = join(import.meta.dirname, '../test/memory.mjs')
    const run = spawnSync(process.execPath, ['--max-old-space-size=64', script], {
      encoding: 'utf8',
    })
    expect(run.stderr).toBe('')
    expect(run.status).toBe(0)
    expect(JSON.parse(run.stdout)).toEqual({ mebibytes: 96, finishReason: 'stop' })
  }, 120_000)
})

function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.filter((place) => place <= bytes.length).toSorted((a, b) => a - b)]
  return sorted.map((start, i) => bytes.subarray(start, sorted[i + 1] ?? bytes.length))
}

async function readEvents(stream: ChatStream): Promise<Run<ChatEvent>> {
  const output: ChatEvent[] = []
  try {
    for await (const event of stream) output.push(event)
  } catch (error) {
    if (!isRatatoskrError(error)) throw error
    return { output, error }
  }
  return { output }
}

async function readChain(stream: ReadableStream<ChatEvent>): Promise<Run<ChatEvent>> {
  const reader = stream.getReader()
  const output: ChatEvent[] = []
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { output }
      output.push(value)
    }
  } catch (error) {
    if (!isRatatoskrError(error)) throw error
    return { output, error }
  }
}

/** Reads until there is nothing to read but by waiting. */
async function readOn(
  iterator: AsyncIterator<ChatEvent, undefined>,
): Promise<IteratorResult<ChatEvent, undefined>> {
  let result = await iterator.next()
  while (result.done !== true) result = await iterator.next()
  return result
}
