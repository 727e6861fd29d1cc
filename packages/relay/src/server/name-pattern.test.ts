import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namePattern } from './name-pattern.ts'

describe('namePattern', () => {
  it('takes every name where there is no list, and none where it is empty', () => {
    expect(namePattern(undefined)('any')).toBe(true)
    expect(namePattern([])('any')).toBe(false)
  })

  it.each([
    ['gpt-5', 'gpt-5', true],
    ['gpt-5', 'gpt-5-mini', false],
    ['gpt-*', 'gpt-', true],
    ['gpt-*', 'openrouter:gpt-5', false],
    ['*', '', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'a.b.example.com', true],
    ['a*a', 'a', false],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'aa', false],
    ['gpt.5', 'gpt-5', false],
    ['(a+)+$', '(a+)+$', true],
  ])('%s takes %s: %s', (pattern, name, expected) => {
    expect(namePattern([pattern])(name)).toBe(expected)
  })

  it('means what a regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 })
    const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
    fc.assert(
      fc.property(letters, names, (pattern, name) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name)
        expect(namePattern([pattern])(name)).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })
})
