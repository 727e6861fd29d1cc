import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryContinuationStore } from './memory-continuation-store.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('memoryContinuationStore', () => {
  it('gives back under each key what was kept, to the same caller', async () => {
    const store = memoryContinuationStore()
    await store.put('ann', ['a', 'b'], '1')
    expect([await store.get('ann', 'a'), await store.get('ann', 'b')]).toEqual(['1', '1'])
    expect([await store.get('bob', 'a'), await store.get('ann', 'c')]).toEqual([
      undefined,
      undefined,
    ])
    await store.put('ann', ['b'], '2')
    expect([await store.get('ann', 'a'), await store.get('ann', 'b')]).toEqual(['1', '2'])
  })

  it('forgets after a time', async () => {
    const store = memoryContinuationStore({ keptMs: 1000 })
    await store.put('ann', ['a'], '1')
    vi.advanceTimersByTime(999)
    expect(await store.get('ann', 'a')).toBe('1')
    vi.advanceTimersByTime(1)
    expect(await store.get('ann', 'a')).toBeUndefined()
  })

  it('keeps no more values than it is told, the newest', async () => {
    const store = memoryContinuationStore({ maxEntries: 8 })
    for (let i = 0; i < 20; i += 1) await store.put(`caller ${i}`, [`${i}`], '1')
    const left = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => store.get(`caller ${i}`, `${i}`)),
    )
    expect(left.map((value) => value !== undefined)).toEqual([
      ...Array.from({ length: 12 }, () => false),
      ...Array.from({ length: 8 }, () => true),
    ])
  })

  it('keeps no more bytes than it is told', async () => {
    const store = memoryContinuationStore({ maxBytes: 1000 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) await store.put(name, [name], 'x'.repeat(120))
    expect(await store.get('a', 'a')).toBeUndefined()
    expect(await store.get('e', 'e')).toBeDefined()
    // What is larger than all the room of its caller is not kept.
    await store.put('f', ['f'], 'x'.repeat(200))
    expect(await store.get('f', 'f')).toBeUndefined()
  })

  it('lets no caller push out the others', async () => {
    const store = memoryContinuationStore({ maxEntries: 8, maxBytes: 1000 })
    await store.put('ann', ['a'], 'x'.repeat(20))
    for (let i = 0; i < 100; i += 1) await store.put('bob', [`${i}`], 'x'.repeat(20))
    expect(await store.get('ann', 'a')).toBeDefined()
    const last = await Promise.all([97, 98, 99].map(async (i) => store.get('bob', `${i}`)))
    expect(last.map((value) => value !== undefined)).toEqual([false, true, true])
  })

  it('is set up with numbers above 0', () => {
    expect(() => memoryContinuationStore({ keptMs: 0 })).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })
})
