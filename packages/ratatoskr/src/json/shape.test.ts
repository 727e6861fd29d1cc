import { describe, expect, it } from 'vitest'
import { fieldsOf, isRecord, misfitOf, textOf, type Shape } from './shape.ts'

describe('misfitOf', () => {
  it.each<[unknown, Shape]>([
    ['x', 'string'],
    [0, 'number'],
    [false, 'boolean'],
    [[], ['string']],
    [['x', ''], ['string']],
    [[1, null, {}], []],
    [{}, { a: 'string' }],
    [{ a: null }, { a: 'string' }],
    [{ a: undefined }, { a: 'string' }],
    [{ a: 'x', b: 5 }, { a: 'string' }],
    [[], {}],
    [{ a: [{ b: [] }] }, { a: [{ b: [] }] }],
  ])('is none for %j with %j', (value, shape) => {
    expect(misfitOf(shape)(value)).toBeUndefined()
  })

  it.each<[unknown, Shape, string]>([
    [5, 'string', ' is no string'],
    [null, 'string', ' is no string'],
    [undefined, 'number', ' is no number'],
    ['true', 'boolean', ' is no boolean'],
    [{}, [], ' is no array'],
    ['ab', ['string'], ' is no array'],
    [[''], ['number'], '.0 is no number'],
    [[1, 2, null], ['number'], '.2 is no number'],
    [null, {}, ' is no object'],
    ['x', {}, ' is no object'],
    [{ a: 1 }, { a: 'string' }, '.a is no string'],
    [{ a: { b: [{}, { c: 1 }] } }, { a: { b: [{ c: 'string' }] } }, '.a.b.1.c is no string'],
    [{ b: 1, a: 1 }, { a: 'string', b: 'string' }, '.a is no string'],
    [{ a: { b: 1 } }, { a: [] }, '.a is no array'],
  ])('tells for %j with %j the field and what it is not', (value, shape, expected) => {
    expect(misfitOf(shape)(value)).toBe(expected)
  })

  it('neither copies nor changes what it looks at', () => {
    const value = Object.freeze({ a: Object.freeze(['x']), b: 1 })
    expect(misfitOf({ a: ['string'] })(value)).toBeUndefined()
  })

  it('looks at no field but those of the shape, and at each only as deep as it goes', () => {
    const hidden = {
      get secret(): never {
        throw new Error('looked at')
      },
    }
    const value = { a: [hidden], b: hidden, c: [hidden] }
    expect(misfitOf({ a: [], c: [{}] })(value)).toBeUndefined()
  })
})

describe('isRecord', () => {
  it.each([
    [{}, true],
    [[], true],
    [null, false],
    ['x', false],
    [undefined, false],
    [() => {}, false],
  ])('%j: %j', (value, expected) => {
    expect(isRecord(value)).toBe(expected)
  })
})

describe('fieldsOf and textOf', () => {
  it('give what is there, and otherwise nothing', () => {
    const value = { a: 1 }
    expect(fieldsOf(value)).toBe(value)
    for (const other of [null, undefined, 'x', 5]) expect(fieldsOf(other)).toEqual({})
    expect(textOf('x')).toBe('x')
    for (const other of [null, undefined, {}, 5, ['x']]) expect(textOf(other)).toBe('')
  })
})
