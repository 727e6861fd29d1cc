import { expect, it, vi } from 'vitest'
import { memoryLimiter } from '../server/memory-limiter.ts'
import { rateLimitBinding } from './rate-limit-binding.ts'

it('asks the binding for each request, by the caller', async () => {
  const limit = vi.fn<(asked: { key: string }) => Promise<{ success: boolean }>>(
    async ({ key }) => ({ success: key === 'ann' }),
  )
  const limiter = rateLimitBinding({ limit })
  expect(await limiter.request({ id: 'ann', requestsPerMinute: 1 })).toEqual({ allowed: true })
  expect(await limiter.request({ id: 'bob' })).toEqual({ allowed: false })
  expect(limit.mock.calls).toEqual([[{ key: 'ann' }], [{ key: 'bob' }]])
  expect(await limiter.open({ id: 'ann', streams: 0 }, 'a')).toEqual({ allowed: true })
})

it('leaves the replies that run to another', async () => {
  const limiter = rateLimitBinding({ limit: async () => ({ success: true }) }, memoryLimiter())
  const who = { id: 'ann', streams: 1 }
  expect(await limiter.open(who, 'a')).toEqual({ allowed: true })
  expect(await limiter.open(who, 'b')).toEqual({ allowed: false })
  await limiter.close(who, 'a')
  expect(await limiter.open(who, 'b')).toEqual({ allowed: true })
})
