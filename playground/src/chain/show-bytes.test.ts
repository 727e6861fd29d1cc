import fc from 'fast-check'
import { expect, test } from 'vitest'
import { showBytes } from './show-bytes.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('shows line ends and control characters', () => {
  expect(showBytes(bytes('a\r\n\n\u0000\u007f'))).toBe('a␍↵↵␀␡')
  expect(showBytes(bytes('a\n\nb'), true)).toBe('a↵\n↵\nb')
})

test('shows the halves of a character that is cut in two as numbers', () => {
  const emoji = bytes('🐿')
  expect(showBytes(emoji.subarray(0, 2))).toBe('⟨f0 9f⟩')
  expect(showBytes(emoji.subarray(2))).toBe('⟨90 bf⟩')
  expect(showBytes(emoji)).toBe('🐿')
})

test('whole characters come through, wherever chunks are cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, at) => {
      const all = bytes(text)
      const cut = at % (all.length + 1)
      const shown = showBytes(all.subarray(0, cut)) + showBytes(all.subarray(cut))
      expect(shown).not.toContain('\ufffd')
    }),
  )
})
