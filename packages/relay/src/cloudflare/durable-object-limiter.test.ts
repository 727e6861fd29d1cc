import { expect, it } from 'vitest'
import { durableObjectContinuationStore } from './durable-object-continuation-store.ts'
import { durableObjectLimiter } from './durable-object-limiter.ts'
import type { ObjectNamespace } from './platform.ts'

const namespace: ObjectNamespace = {
  idFromName: () => ({}),
  get: () => ({ fetch: () => Promise.reject(new Error('nobody may be asked')) }),
}

it.each([0, -1, Number.NaN, Infinity])('refuses %d as a time', (time) => {
  const limiter = () => durableObjectLimiter(namespace, { leaseMs: time })
  expect(limiter).toThrow(/^leaseMs must be a number of milliseconds above 0\.$/)
  const store = () => durableObjectContinuationStore(namespace, { keptMs: time })
  expect(store).toThrow(/^keptMs must be a number of milliseconds above 0\.$/)
})

it('asks nobody where there is no limit', async () => {
  const limiter = durableObjectLimiter(namespace)
  expect(await limiter.request({ id: 'ann' })).toEqual({ allowed: true })
  expect(await limiter.open({ id: 'ann' }, 'a')).toEqual({ allowed: true })
  await limiter.close({ id: 'ann' }, 'a')
})
