import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silenceTimer } from './silence-timer.ts'

describe('silenceTimer', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const late = vi.fn()
  const made = (): ReturnType<typeof silenceTimer> => {
    late.mockClear()
    return silenceTimer(late)
  }

  it('is late once a wait has taken its time, and not before', () => {
    const timer = made()
    timer.begin(1000)
    vi.advanceTimersByTime(998)
    expect(late).not.toHaveBeenCalled()
    vi.advanceTimersByTime(2)
    expect(late).toHaveBeenCalledOnce()
    expect(timer.end()).toBe(true)
  })

  it('measures each wait from its own beginning, with one timer for all', () => {
    const timer = made()
    for (let i = 0; i < 10; i += 1) {
      timer.begin(1000)
      vi.advanceTimersByTime(900)
      expect(timer.end()).toBe(false)
      expect(vi.getTimerCount()).toBeLessThan(2)
    }
    expect(late).not.toHaveBeenCalled()
    timer.begin(1000)
    vi.advanceTimersByTime(1000)
    expect(late).toHaveBeenCalledOnce()
  })

  it('does not count the time between two waits', () => {
    const timer = made()
    timer.begin(1000)
    timer.end()
    vi.advanceTimersByTime(60_000)
    expect(late).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('hears of a shorter wait', () => {
    const timer = made()
    timer.begin(60_000)
    timer.end()
    timer.begin(100)
    vi.advanceTimersByTime(100)
    expect(late).toHaveBeenCalledOnce()
  })

  it('waits for ever where it is told so, and keeps nothing alive once stopped', () => {
    const timer = made()
    timer.begin(1000)
    timer.end()
    timer.begin(false)
    vi.advanceTimersByTime(10_000)
    expect(late).not.toHaveBeenCalled()
    timer.begin(1000)
    timer.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
