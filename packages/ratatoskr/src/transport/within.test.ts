import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { within } from './within.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const reason = new Error('The user pressed Stop')
const tooLate = new Error('Too late')
const late = (): Promise<never> => Promise.reject(tooLate)
const never = new Promise<number>(() => {})

describe('a wait with an end', () => {
  test('gives what the promise gives, and leaves no timer and no listener', async () => {
    const { signal } = new AbortController()
    expect(await within(Promise.resolve(1), 1000, late, signal)).toBe(1)
    await expect(within(Promise.reject(reason), 1000, late, signal)).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('rejects when the time has run out, not before', async () => {
    const settled = vi.fn()
    within(never, 1000, late).catch(settled)
    await vi.advanceTimersByTimeAsync(999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledExactlyOnceWith(tooLate)
  })

  test('takes for ever with false', async () => {
    let answer: (value: number) => void = () => {}
    const slow = new Promise<number>((resolve) => {
      answer = resolve
    })
    const waiting = within(slow, false, late)
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(1_000_000_000)
    answer(2)
    expect(await waiting).toBe(2)
  })

  test('rejects with the signal’s reason, aborted before or meanwhile', async () => {
    await expect(within(never, false, late, AbortSignal.abort(reason))).rejects.toBe(reason)
    const controller = new AbortController()
    const waiting = within(never, false, late, controller.signal)
    waiting.catch(() => {})
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })

  test('leaves no timer after an abort, whatever the promise does', async () => {
    const controller = new AbortController()
    const waiting = within(never, 60_000, late, controller.signal)
    waiting.catch(() => {})
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('leaves no listener when the time has run out, whatever the promise does', async () => {
    const { signal } = new AbortController()
    const waiting = within(never, 1000, late, signal)
    waiting.catch(() => {})
    await vi.advanceTimersByTimeAsync(1000)
    await expect(waiting).rejects.toBe(tooLate)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })

  test('does not mind what becomes of the promise later', async () => {
    let fail: (error: Error) => void = () => {}
    const slow = new Promise<number>((_resolve, reject) => {
      fail = reject
    })
    const waiting = within(slow, 1000, late)
    waiting.catch(() => {})
    await vi.advanceTimersByTimeAsync(1000)
    // An unhandled rejection would fail the run.
    fail(reason)
    await expect(waiting).rejects.toBe(tooLate)
  })
})
