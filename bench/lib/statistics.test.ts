import { expect, test } from 'vitest'
import { median, percentile, summary } from './statistics.mjs'

test('the middle, between two where they are even', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('what eight of ten lie between', () => {
  const values = Array.from({ length: 11 }, (_, at) => 10 - at)
  expect(summary(values)).toEqual({ median: 5, low: 1, high: 9 })
  expect(percentile(values, 0.99)).toBeCloseTo(9.9)
})
