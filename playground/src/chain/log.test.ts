import fc from 'fast-check'
import { expect, test } from 'vitest'
import { settled } from '../../test/mount.ts'
import { Log } from './log.ts'

test('holds the latest entries, by number, within its limits', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(30), { maxLength: 200 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 100 }),
      (weights, entries, weight) => {
        const log = new Log<number>({ entries, weight })
        weights.forEach((one, i) => log.push(i, one))
        expect(log.total).toBe(weights.length)
        const kept = weights.slice(log.first)
        expect(kept.length).toBeLessThanOrEqual(entries)
        const sum = kept.reduce((all, one) => all + one, 0)
        expect(sum <= weight || kept.length === 1).toBe(true)
        // No more than needed is dropped.
        if (log.first > 0) {
          const before = weights[log.first - 1] ?? 0
          expect(kept.length === entries || sum + before > weight).toBe(true)
        }
        for (let i = -1; i <= weights.length; i += 1) {
          const isKept = i >= log.first && i < weights.length
          expect(log.at(i)).toBe(isKept ? i : undefined)
        }
      },
    ),
  )
})

test('stays the same over the blocks in which it is cut', () => {
  const log = new Log<number>({ entries: 10 })
  for (let i = 0; i < 5000; i += 1) {
    log.push(i, 1)
    expect([log.at(log.first), log.at(i)]).toEqual([log.first, i])
  }
  expect([log.total, log.first]).toEqual([5000, 4990])
})

test('begins anew when it is cleared', () => {
  const log = new Log<string>({ entries: 2 })
  for (const entry of ['a', 'b', 'c']) log.push(entry, 1)
  log.clear()
  expect([log.total, log.first, log.at(0)]).toEqual([0, 0, undefined])
  log.push('d', 1)
  expect([log.total, log.at(0)]).toEqual([1, 'd'])
})

test('tells of many changes once a frame', async () => {
  const log = new Log<number>()
  let told = 0
  const end = log.subscribe(() => {
    told += 1
  })
  for (let i = 0; i < 100; i += 1) log.push(i, 1)
  expect(told).toBe(0)
  await settled()
  expect(told).toBe(1)
  end()
  log.clear()
  await settled()
  expect(told).toBe(1)
})
