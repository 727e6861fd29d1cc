import { describe, expect, test, vi } from 'vitest'
import { readText } from './read-text.ts'

const encoder = new TextEncoder()

/** A body of these pieces, which counts how many were asked for. */
function body(
  pieces: Iterable<Uint8Array>,
  end: 'closes' | 'breaks' = 'closes',
): { stream: ReadableStream<Uint8Array>; read: () => number; cancelled: () => boolean } {
  const iterator: Iterator<Uint8Array, undefined> = iterate(pieces)
  let count = 0
  let cancelled = false
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value } = iterator.next()
        if (done !== true && value !== undefined) {
          count += 1
          controller.enqueue(value)
        } else if (end === 'closes') controller.close()
        else controller.error(new Error('The connection broke'))
      },
      cancel() {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, read: () => count, cancelled: () => cancelled }
}

function* iterate(pieces: Iterable<Uint8Array>): Generator<Uint8Array, undefined> {
  yield* pieces
}

function* endless(piece: Uint8Array): Generator<Uint8Array> {
  for (;;) yield piece
}

describe('the beginning of a body as text', () => {
  test('is empty where there is no body', async () => {
    expect(await readText(null, 100, false)).toBe('')
    expect(await readText(body([]).stream, 100, false)).toBe('')
  })

  test('is all of a short one', async () => {
    const { stream, cancelled } = body([encoder.encode('Hello, '), encoder.encode('world')])
    expect(await readText(stream, 100, false)).toBe('Hello, world')
    expect(cancelled()).toBe(false)
  })

  test('keeps characters together that are split across pieces', async () => {
    const bytes = encoder.encode('Yggdrasil ᛦ 🐿️ ä')
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte))
    expect(await readText(body(single).stream, 100, false)).toBe('Yggdrasil ᛦ 🐿️ ä')
  })

  test('ends at its limit, gives up the rest and reads no more', async () => {
    const { stream, read, cancelled } = body(endless(encoder.encode('0123456789')))
    expect(await readText(stream, 25, false)).toHaveLength(25)
    expect(read()).toBe(3)
    expect(cancelled()).toBe(true)
  })

  test('ends at its limit in the middle of a large piece', async () => {
    const { stream } = body(endless(new Uint8Array(65_536).fill(97)))
    expect(await readText(stream, 1000, false)).toHaveLength(1000)
  })

  test('is what had come of one that breaks off', async () => {
    const { stream } = body([encoder.encode('Not fou')], 'breaks')
    expect(await readText(stream, 100, false)).toBe('Not fou')
  })

  test('is what had come of one that falls silent, which is then given up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const cancelled = vi.fn()
      let pieces = 0
      const stream = new ReadableStream<Uint8Array>({
        async pull(controller) {
          pieces += 1
          if (pieces === 1) controller.enqueue(encoder.encode('Not fou'))
          else await new Promise(() => {})
        },
        cancel: cancelled,
      })
      const reading = readText(stream, 100, 1000)
      await vi.advanceTimersByTimeAsync(999)
      expect(cancelled).not.toHaveBeenCalled()
      await vi.advanceTimersByTimeAsync(1)
      expect(await reading).toBe('Not fou')
      expect(cancelled).toHaveBeenCalledOnce()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('does not care what the body says to being given up', async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(encoder.encode('ab'))
      },
      cancel: vi.fn(() => Promise.reject(new Error('no'))),
    })
    expect(await readText(stream, 2, false)).toBe('ab')
  })
})
