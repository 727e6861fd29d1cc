import { createGateway, user } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { simulatorFetch, type Script } from '@ratatoskr/testkit'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { fakeStorage } from '../../test/object-storage.ts'
import { createRelayCore } from '../server/relay-core.ts'
import { StreamObject } from './stream-object.ts'

// What it does with what SQLite keeps is tested in workerd: e2e/relay/cloudflare.

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const open = {
  after: 0,
  start: {
    key: 'k',
    fingerprint: 'a',
    asked: { caller: { id: 'ann' }, messages: [user('Hi')], options: { model: 'vendor/m' } },
  },
}

function createObject(script: Script, keptMs = 5000) {
  const storage = fakeStorage()
  const fetch = simulatorFetch({ script })
  const core = createRelayCore({
    gateway: createGateway({ providers: [openrouter({ apiKey: 'sk-0123456789abcdef', fetch })] }),
    authorize: () => undefined,
    streams: { keptMs },
  })
  return { storage, object: new StreamObject(storage, core) }
}

it('keeps itself alive while the reply runs, and has no timer when it is over', async () => {
  const { storage, object } = createObject([{ text: 'Well' }, { fault: { kind: 'stall' } }])
  const { signal } = new AbortController()
  const response = await object.answer('open', open, signal)
  for (let i = 0; i < 3; i += 1) {
    expect(storage.alarm).toBe(Date.now() + 30_000)
    vi.setSystemTime(storage.alarm)
    await object.alarm()
  }
  expect(await (await object.answer('stop', {}, signal)).json()).toBe(true)
  await response.body?.cancel()
  expect(storage.alarm).toBe(Date.now() + 5000)
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(0)
  vi.setSystemTime(storage.alarm)
  await object.alarm()
  // That there was a reply is remembered, so that none is begun a second time.
  expect(storage.alarm).toBe(Date.now() + 3_600_000)
  await expect(object.answer('open', open, signal)).rejects.toMatchObject({ status: 410 })
  expect(await (await object.answer('stop', {}, signal)).json()).toBe(false)
  vi.setSystemTime(storage.alarm)
  await object.alarm()
  expect(storage.alarm).toBe(0)
  expect(storage.rows.size).toBe(0)
})

it('keeps an ended reply as long as it is read', async () => {
  const { storage, object } = createObject([{ text: 'Well' }])
  const { signal } = new AbortController()
  await (await object.answer('open', open, signal)).text()
  const end = storage.alarm
  expect(end).toBe(Date.now() + 5000)
  vi.setSystemTime(end - 1000)
  await (await object.answer('open', { after: 0 }, signal)).text()
  vi.setSystemTime(end)
  await object.alarm()
  expect(storage.alarm).toBe(end + 4000)
  expect(storage.rows.size).toBeGreaterThan(0)
})

it('may keep a reply without an end, and looks again from time to time', async () => {
  const { storage, object } = createObject([{ text: 'Well' }], Infinity)
  const { signal } = new AbortController()
  await (await object.answer('open', open, signal)).text()
  for (let i = 0; i < 2; i += 1) {
    expect(storage.alarm).toBe(Date.now() + 2 ** 31)
    vi.setSystemTime(storage.alarm)
    await object.alarm()
  }
  expect(await (await object.answer('open', { after: 0 }, signal)).text()).toContain('Well')
})

it('detaches whose client has gone', async () => {
  const { object } = createObject([{ text: 'Well' }, { fault: { kind: 'stall' } }])
  const client = new AbortController()
  const response = await object.answer('open', open, client.signal)
  const reader = response.body?.getReader()
  await reader?.read()
  client.abort()
  // Nobody is waiting any more: it is given up after `detachedMs`.
  await vi.advanceTimersByTimeAsync(60_000)
  const again = await object.answer('open', { after: 0 }, new AbortController().signal)
  expect(await again.text()).toContain('"code":"timeout"')
})
