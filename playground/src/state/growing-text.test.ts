import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GrowingText } from './growing-text.ts'

test('is the pieces in a row, from wherever it is read', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.integer({ min: 4000, max: 9000 }).map((length) => 'x'.repeat(length)),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.nat(100_000), (pieces, start) => {
      const text = new GrowingText()
      for (const one of pieces) text.append(one)
      const whole = pieces.join('')
      expect(text.length).toBe(whole.length)
      expect(text.toString() === whole).toBe(true)
      expect(text.since(start) === whole.slice(start)).toBe(true)
      const near = Math.max(whole.length - 5, 0)
      expect(text.since(near)).toBe(whole.slice(near))
    }),
  )
})
