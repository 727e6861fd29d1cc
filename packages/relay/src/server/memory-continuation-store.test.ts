import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryContinuationStore } from './memory-continuation-store.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('memoryContinuationStore', () => {
  it('gives back under each key what was kept, to the same caller', () => {
    const store = memoryContinuationStore()
    store.put('ann', ['a', 'b'], '1')
    expect([store.get('ann', 'a'), store.get('ann', 'b')]).toEqual(['1', '1'])
    expect([store.get('bob', 'a'), store.get('ann', 'c')]).toEqual([undefined, undefined])
    store.put('ann', ['b'], '2')
    expect([store.get('ann', 'a'), store.get('ann', 'b')]).toEqual(['1', '2'])
  })

  it('forgets after a time', () => {
    const store = memoryContinuationStore({ keptMs: 1000 })
    store.put('ann', ['a'], '1')
    vi.advanceTimersByTime(999)
    expect(store.get('ann', 'a')).toBe('1')
    vi.advanceTimersByTime(1)
    expect(store.get('ann', 'a')).toBeUndefined()
  })

  it('keeps no more values than it is told, the newest', () => {
    const store = memoryContinuationStore({ maxEntries: 8 })
    for (let i = 0; i < 20; i += 1) store.put(`caller ${i}`, [`${i}`], '1')
    const left = Array.from({ length: 20 }, (_, i) => store.get(`caller ${i}`, `${i}`))
    expect(left.map((value) => value !== undefined)).toEqual([
      ...Array.from({ length: 12 }, () => false),
      ...Array.from({ length: 8 }, () => true),
    ])
  })

  it('keeps no more bytes than it is told', () => {
    const store = memoryContinuationStore({ maxBytes: 1000 })
    for (const name of ['a', 'b', 'c', 'd', 'e']) store.put(name, [name], 'x'.repeat(120))
    expect(store.get('a', 'a')).toBeUndefined()
    expect(store.get('e', 'e')).toBeDefined()
    // What is larger than all the room of its caller is not kept.
    store.put('f', ['f'], 'x'.repeat(200))
    expect(store.get('f', 'f')).toBeUndefined()
  })

  it('lets no caller push out the others', () => {
    const store = memoryContinuationStore({ maxEntries: 8, maxBytes: 1000 })
    store.put('ann', ['a'], 'x'.repeat(20))
    for (let i = 0; i < 100; i += 1) store.put('bob', [`${i}`], 'x'.repeat(20))
    expect(store.get('ann', 'a')).toBeDefined()
    expect([97, 98, 99].map((i) => store.get('bob', `${i}`) !== undefined)).toEqual([
      false,
      true,
      true,
    ])
  })

  it('is set up with numbers above 0', () => {
    expect(() => memoryContinuationStore({ keptMs: 0 })).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })
})
