import type { ChatEvent, ChatStream } from 'ratatoskr'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { breathe, type Mock } from './mock.ts'

/** aimock waits so long before each chunk, in milliseconds that only pass when a test says so. */
export const latency = 1000

/**
 * In the tests of the file the timers of aimock and of the library, which run in this process, and the
 * clock by which it measures silence stand still; the sockets do not.
 */
export function useVirtualTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })
}

/** Lets the timers run for so long. */
export async function pass(milliseconds = latency): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
}

/** Lets time pass, a millisecond at a time, until something holds; says how many it took. */
export async function passUntil(holds: () => boolean): Promise<number> {
  let passed = 0
  const end = Date.now() + 20_000
  while (!holds()) {
    if (Date.now() > end) throw new Error('It has not come to hold')
    await pass(1)
    passed += 1
    await breathe()
  }
  return passed
}

/** A reply that stands still: what came is read, and the next chunk comes with the next latency. */
export interface Paused {
  readonly stream: ChatStream
  readonly iterator: AsyncIterator<ChatEvent, undefined>
  readonly events: readonly ChatEvent[]
}

/**
 * Lets aimock send chunk after chunk, each once the events of the one before have come, and stops
 * there. Each item of `chunks` holds the events of one chunk.
 */
export async function play(
  mock: Mock,
  opening: Promise<ChatStream>,
  chunks: readonly (readonly ChatEvent[])[],
): Promise<Paused> {
  // Its failure is told where it is waited for.
  opening.catch(() => {})
  const requests = mock.requests
  if (requests === 0) await mock.requested()
  const events: ChatEvent[] = []
  let iterator: AsyncIterator<ChatEvent, undefined> | undefined
  for (const chunk of chunks) {
    await pass()
    for (const event of chunk) {
      iterator ??= (await opening)[Symbol.asyncIterator]()
      expect(await iterator.next()).toEqual({ done: false, value: event })
      events.push(event)
    }
  }
  const stream = await opening
  return { stream, iterator: iterator ?? stream[Symbol.asyncIterator](), events }
}

/** Whether a promise has settled by now, when all that the sockets hold has been read. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = (): void => {
    settled = true
  }
  promise.then(settle, settle)
  for (let turn = 0; turn < 5; turn += 1) await breathe()
  return settled
}
