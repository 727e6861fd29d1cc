import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryLimiter } from './memory-limiter.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('memoryLimiter', () => {
  it('counts the requests of any sixty seconds, for each caller by itself', async () => {
    const limiter = memoryLimiter()
    const ask = (id: string) => limiter.request({ id, requestsPerMinute: 2 })
    expect(await ask('ann')).toEqual({ allowed: true })
    vi.advanceTimersByTime(40_000)
    expect(await ask('ann')).toEqual({ allowed: true })
    expect(await ask('ann')).toEqual({ allowed: false, retryAfter: 20_000 })
    expect(await ask('bob')).toEqual({ allowed: true })
    vi.advanceTimersByTime(20_000)
    expect(await ask('ann')).toEqual({ allowed: true })
    // The second of before still counts.
    expect(await ask('ann')).toEqual({ allowed: false, retryAfter: 40_000 })
  })

  it('does not count what it refuses', async () => {
    const limiter = memoryLimiter()
    const ask = () => limiter.request({ id: 'ann', requestsPerMinute: 1 })
    await ask()
    for (let i = 0; i < 100; i += 1) expect((await ask()).allowed).toBe(false)
    vi.advanceTimersByTime(60_000)
    expect((await ask()).allowed).toBe(true)
  })

  it('counts the replies that run', async () => {
    const limiter = memoryLimiter()
    const who = { id: 'ann', streams: 2 }
    const open = async (stream: string) => (await limiter.open(who, stream)).allowed
    expect([await open('1'), await open('2'), await open('3')]).toEqual([true, true, false])
    // The same one is no other.
    expect(await open('2')).toBe(true)
    await limiter.close(who, '1')
    await limiter.close(who, '1')
    expect([await open('3'), await open('4')]).toEqual([true, false])
    expect((await limiter.open({ id: 'bob', streams: 2 }, '1')).allowed).toBe(true)
  })

  it('lets everything through where nothing is limited', async () => {
    const limiter = memoryLimiter()
    for (let i = 0; i < 1000; i += 1) {
      expect((await limiter.request({ id: 'ann' })).allowed).toBe(true)
      expect((await limiter.open({ id: 'ann' }, String(i))).allowed).toBe(true)
    }
  })

  it('remembers replies that run for longer than it remembers requests', async () => {
    const limiter = memoryLimiter()
    await limiter.open({ id: 'ann', streams: 1 }, '1')
    vi.advanceTimersByTime(600_000)
    await limiter.request({ id: 'bob', requestsPerMinute: 1 })
    expect((await limiter.open({ id: 'ann', streams: 1 }, '2')).allowed).toBe(false)
  })
})
