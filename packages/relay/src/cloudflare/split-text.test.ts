import fc from 'fast-check'
import { expect, it } from 'vitest'
import { splitText } from './split-text.ts'

it('cuts a text into pieces that UTF-8 can hold, and loses nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 9 }), (text, most) => {
      const pieces = splitText(text, most)
      expect(pieces.join('')).toBe(text)
      for (const piece of pieces) {
        expect(piece.length).toBeLessThanOrEqual(most)
        const bytes = new TextEncoder().encode(piece)
        expect(new TextDecoder().decode(bytes)).toBe(piece)
      }
    }),
  )
})
