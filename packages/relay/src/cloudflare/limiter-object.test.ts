import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeStorage } from '../../test/object-storage.ts'
import { LimiterObject } from './limiter-object.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const minute = 60_000
const ask = async (object: LimiterObject, verb: string, message: object): Promise<unknown> =>
  object.answer(verb, message).json()

describe('LimiterObject', () => {
  it('counts requests of any minute, also in another life', async () => {
    const storage = fakeStorage()
    const request = { requestsPerMinute: 2 }
    const begun = Date.now()
    expect(await ask(new LimiterObject(storage), 'request', request)).toEqual({ allowed: true })
    vi.setSystemTime(begun + 1000)
    expect(await ask(new LimiterObject(storage), 'request', request)).toEqual({ allowed: true })
    const refused = { allowed: false, retryAfter: minute - 1000 }
    expect(await ask(new LimiterObject(storage), 'request', request)).toEqual(refused)
    vi.setSystemTime(begun + minute)
    expect(await ask(new LimiterObject(storage), 'request', request)).toEqual({ allowed: true })
  })

  it('counts replies until they are over, or their lease is', async () => {
    const object = new LimiterObject(fakeStorage())
    const open = (stream: string): Promise<unknown> =>
      ask(object, 'open', { streams: 2, stream, leaseMs: 1000 })
    expect(await open('a')).toEqual({ allowed: true })
    expect(await open('b')).toEqual({ allowed: true })
    expect(await open('a')).toEqual({ allowed: true })
    expect(await open('c')).toEqual({ allowed: false })
    await ask(object, 'close', { stream: 'a' })
    expect(await open('c')).toEqual({ allowed: true })
    expect(await open('d')).toEqual({ allowed: false })
    vi.setSystemTime(Date.now() + 1000)
    expect(await open('d')).toEqual({ allowed: true })
  })

  it('forgets what no longer counts', async () => {
    const storage = fakeStorage()
    const object = new LimiterObject(storage)
    await ask(object, 'request', { requestsPerMinute: 9 })
    await ask(object, 'open', { streams: 1, stream: 'a', leaseMs: 3 * minute })
    for (let alarms = 0; storage.alarm > 0; alarms += 1) {
      expect(alarms).toBeLessThan(3)
      vi.setSystemTime(storage.alarm)
      await object.alarm()
    }
    expect(storage.rows.size).toBe(0)
  })
})
