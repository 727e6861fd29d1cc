import { isRatatoskrError, RatatoskrError } from 'ratatoskr'
import type { ReplyPhase } from 'ratatoskr/dialects'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bodyUntilSettled } from './body-until-settled.ts'

const details = { provider: 'simulated', model: 'squirrel-1' }
const encoder = new TextEncoder()

/** A body that is led by hand, and what the page makes of it. */
function setUp(options: { idle?: number | false } = {}) {
  const ends: string[] = []
  const stop = new AbortController()
  const state: { phase: ReplyPhase; cancelled: unknown[] } = { phase: 'open', cancelled: [] }
  let source: ReadableStreamDefaultController<Uint8Array> | undefined
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      source = controller
    },
    cancel: (reason) => {
      state.cancelled.push(reason)
    },
  })
  const settled = bodyUntilSettled(body, {
    details,
    idle: options.idle ?? 1000,
    phase: () => state.phase,
    signal: stop.signal,
    onEnd: (how) => ends.push(how),
  })
  const reader = settled.getReader()
  const failure = async (): Promise<unknown> => {
    try {
      return (await reader.read()).done ? 'closed' : 'a chunk'
    } catch (error) {
      return error
    }
  }
  return {
    ends,
    stop,
    state,
    reader,
    failure,
    push: (text: string) => source?.enqueue(encoder.encode(text)),
    close: () => source?.close(),
    error: (error: unknown) => source?.error(error),
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('bytes pass as they are, and the end is told once', async () => {
  const { ends, reader, push, close } = setUp()
  push('one')
  expect((await reader.read()).value).toEqual(encoder.encode('one'))
  close()
  expect((await reader.read()).done).toBe(true)
  await reader.cancel()
  expect(ends).toEqual(['closed'])
})

test('silence that is too long is a timeout, and closes the connection', async () => {
  const { ends, failure, state } = setUp({ idle: 1000 })
  const failed = failure()
  await vi.advanceTimersByTimeAsync(999)
  expect(ends).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  const error = await failed
  expect(isRatatoskrError(error) && [error.code, error.retryable, error.provider]).toEqual([
    'timeout',
    true,
    'simulated',
  ])
  expect(ends).toEqual(['broke'])
  expect(state.cancelled).toHaveLength(1)
})

test('each chunk begins the wait anew', async () => {
  const { failure, push, ends } = setUp({ idle: 1000 })
  for (let i = 0; i < 5; i += 1) {
    const read = failure()
    await vi.advanceTimersByTimeAsync(900)
    push('more')
    expect(await read).toBe('a chunk')
  }
  expect(ends).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('without a limit it waits', async () => {
  const { failure, push } = setUp({ idle: false })
  const read = failure()
  await vi.advanceTimersByTimeAsync(3_600_000)
  push('at last')
  expect(await read).toBe('a chunk')
})

test('a connection that breaks is a cut reply; an error of the library stays what it is', async () => {
  const broken = setUp()
  const cause = new TypeError('network error')
  broken.error(cause)
  const error = await broken.failure()
  expect(isRatatoskrError(error) && [error.code, error.cause]).toEqual(['truncated', cause])
  expect(broken.ends).toEqual(['broke'])
  const own = setUp()
  const known = new RatatoskrError('too_large', 'Too large.', details)
  own.error(known)
  expect(await own.failure()).toBe(known)
})

test('after the finish reason a body that hangs or breaks is complete', async () => {
  const hanging = setUp({ idle: 60_000 })
  hanging.state.phase = 'complete'
  const read = hanging.failure()
  await vi.advanceTimersByTimeAsync(5000)
  expect(await read).toBe('closed')
  expect(hanging.ends).toEqual(['settled'])
  expect(hanging.state.cancelled).toHaveLength(1)
  const broken = setUp()
  broken.state.phase = 'complete'
  broken.error(new TypeError('network error'))
  expect(await broken.failure()).toBe('closed')
  expect(broken.ends).toEqual(['settled'])
})

test('what somebody stops fails with the reason of the stop', async () => {
  const { stop, error, failure, ends } = setUp()
  const reason = new DOMException('stopped', 'AbortError')
  stop.abort(reason)
  error(new TypeError('network error'))
  expect(await failure()).toBe(reason)
  expect(ends).toEqual(['stopped'])
})

test.each([
  ['given up', 'open', false],
  ['stopped', 'open', true],
  // Nothing of it is lost.
  ['complete', 'done', false],
  ['complete', 'done', true],
] as const)('cancelled it is %s (%s)', async (how, phase, isStopped) => {
  const { reader, state, stop, ends } = setUp()
  state.phase = phase
  if (isStopped) stop.abort()
  await reader.cancel('enough')
  expect(ends).toEqual([how])
  expect(state.cancelled).toEqual(['enough'])
})
