import * as fc from 'fast-check'
import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RatatoskrError, type ErrorDetails } from '../errors.ts'
import { readRetryAfter, retry, type RetryOptions } from './retry.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** No caller who could abort. */
const never: AbortSignal | undefined = undefined

function failure(details: ErrorDetails = {}): RatatoskrError {
  return new RatatoskrError('api', 'no', { retryable: true, ...details })
}

/** Fails each attempt with the next error; then succeeds. Notes when each was made. */
function attempts(...failures: readonly unknown[]): { run: () => Promise<string>; at: number[] } {
  const start = Date.now()
  const at: number[] = []
  return {
    at,
    async run() {
      at.push(Date.now() - start)
      const index = at.length - 1
      if (index < failures.length) throw failures[index]
      return 'done'
    },
  }
}

/** Runs to the end, however long it waits. */
async function settle<Value>(promise: Promise<Value>): Promise<PromiseSettledResult<Value>> {
  const [[result]] = await Promise.all([Promise.allSettled([promise]), vi.runAllTimersAsync()])
  return result
}

describe('trying again', () => {
  test('is not needed where the first attempt succeeds', async () => {
    const { run, at } = attempts()
    expect(await settle(retry(run, {}, never))).toMatchObject({ value: 'done' })
    expect(at).toHaveLength(1)
  })

  test('happens twice unless told otherwise, and ends with the last error', async () => {
    const errors = [failure(), failure(), failure(), failure()]
    const { run, at } = attempts(...errors)
    expect(await settle(retry(run, {}, never))).toMatchObject({ reason: errors[2] })
    expect(at).toHaveLength(3)
  })

  test('needs no signal, or one', async () => {
    for (const signal of [undefined, new AbortController().signal]) {
      const { run } = attempts(failure())
      expect(await settle(retry(run, {}, signal))).toMatchObject({ value: 'done' })
    }
  })

  test('ends with the first success', async () => {
    const { run, at } = attempts(failure())
    expect(await settle(retry(run, {}, never))).toMatchObject({ value: 'done' })
    expect(at).toHaveLength(2)
  })

  test.each([0, 1, 5])('happens as often as the limit of %i says', async (limit) => {
    const { run, at } = attempts(...Array.from({ length: 20 }, () => failure()))
    expect(await settle(retry(run, { limit }, never))).toMatchObject({ status: 'rejected' })
    expect(at).toHaveLength(limit + 1)
  })

  test.each([
    ['with retry: false', false, failure()],
    ['after an error that no repetition mends', {}, failure({ retryable: false })],
    ['after an error of somebody else', {}, new Error('no')],
    ['after something that is no error', {}, 'no'],
  ] as [string, RetryOptions | false, unknown][])(
    'never happens %s',
    async (_name, options, error) => {
      const { run, at } = attempts(error)
      expect(await settle(retry(run, options, never))).toMatchObject({ reason: error })
      expect(at).toHaveLength(1)
    },
  )
})

describe('the wait', () => {
  test('doubles each time, less a random part of up to a half, up to its longest', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          limit: fc.integer({ min: 1, max: 8 }),
          minDelay: fc.integer({ min: 2, max: 5000 }),
          maxDelay: fc.integer({ min: 2, max: 20_000 }),
        }),
        async (options) => {
          const { run, at } = attempts(...Array.from({ length: 9 }, () => failure()))
          await settle(retry(run, options, never))
          expect(at).toHaveLength(options.limit + 1)
          at.slice(1).forEach((time, i) => {
            const wait = time - (at[i] ?? 0)
            const most = Math.min(options.maxDelay, options.minDelay * 2 ** i)
            expect(wait).toBeLessThanOrEqual(Math.ceil(most))
            expect(wait).toBeGreaterThanOrEqual(Math.floor(most / 2))
          })
        },
      ),
    )
  })

  test('is 500 ms, then 1 s, at most, unless told otherwise', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0)
    const { run, at } = attempts(failure(), failure())
    await settle(retry(run, {}, never))
    expect(at).toEqual([0, 500, 1500])
  })

  test('is not the same each time', async () => {
    const waits = new Set<number>()
    for (let i = 0; i < 20; i += 1) {
      const { run, at } = attempts(failure())
      await settle(retry(run, { minDelay: 8000 }, never))
      waits.add(at[1] ?? 0)
    }
    expect(waits.size).toBeGreaterThan(1)
  })

  test('is as long as the provider asks for', async () => {
    const { run, at } = attempts(failure({ retryAfter: 12_345 }), failure({ retryAfter: 0 }))
    expect(await settle(retry(run, {}, never))).toMatchObject({ value: 'done' })
    expect(at[1]).toBe(12_345)
    // Timers take no time of 0.
    expect((at[2] ?? 0) - 12_345).toBeLessThanOrEqual(1)
  })

  test('is not taken where the provider asks for too long a one', async () => {
    const error = failure({ retryAfter: 60_001 })
    const { run, at } = attempts(error)
    await expect(retry(run, {}, never)).rejects.toBe(error)
    expect(at).toEqual([0])
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([
    [60_000, {}, true],
    [5001, { maxRetryAfter: 5000 }, false],
    [100_000, { maxRetryAfter: 100_000 }, true],
    [1, { maxRetryAfter: 0 }, false],
  ] as const)('of %i ms with %j is taken: %s', async (retryAfter, options, taken) => {
    const { run, at } = attempts(failure({ retryAfter }))
    await settle(retry(run, options, never))
    expect(at).toHaveLength(taken ? 2 : 1)
  })
})

describe('an abort', () => {
  const reason = new Error('The user pressed Stop')

  test('during the wait ends it at once, and leaves no timer', async () => {
    const controller = new AbortController()
    const { run, at } = attempts(failure(), failure())
    const running = retry(run, { minDelay: 10_000 }, controller.signal)
    running.catch(() => {})
    await vi.advanceTimersByTimeAsync(1000)
    expect(vi.getTimerCount()).toBe(1)
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
    expect(at).toHaveLength(1)
  })

  test('during an attempt is the error, whatever the attempt failed with', async () => {
    const controller = new AbortController()
    const running = retry(
      async () => {
        controller.abort(reason)
        throw failure()
      },
      {},
      controller.signal,
    )
    await expect(running).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('that never comes leaves no listener either', async () => {
    const { signal } = new AbortController()
    const { run } = attempts(failure(), failure())
    await settle(retry(run, {}, signal))
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('what a response asks to wait', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5)
  const date = (ms: number): string => new Date(now + ms).toUTCString()

  test.each([
    ['nothing', {}, undefined],
    ['seconds', { 'retry-after': '7' }, 7000],
    ['no seconds', { 'retry-after': '0' }, 0],
    ['a part of a second', { 'retry-after': '0.25' }, 250],
    ['blanks around seconds', { 'retry-after': ' 3 ' }, 3000],
    ['a date to come', { 'retry-after': date(90_000) }, 90_000],
    ['a date that has passed', { 'retry-after': date(-90_000) }, 0],
    ['milliseconds', { 'retry-after-ms': '1500' }, 1500],
    ['milliseconds before seconds', { 'retry-after-ms': '1500', 'retry-after': '7' }, 1500],
    [
      'milliseconds that are none, then seconds',
      { 'retry-after-ms': 'x', 'retry-after': '7' },
      7000,
    ],
    ['neither seconds nor a date', { 'retry-after': 'soon' }, undefined],
    ['nothing in it', { 'retry-after': '' }, undefined],
  ])('%s', (_name, headers, expected) => {
    vi.setSystemTime(now)
    expect(readRetryAfter(new Headers(headers as { [name: string]: string }))).toBe(expected)
  })

  test('is never negative and never not a number', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,30}$/), (value) => {
        const wait = readRetryAfter(new Headers({ 'retry-after': value }))
        if (wait !== undefined) expect(wait).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
