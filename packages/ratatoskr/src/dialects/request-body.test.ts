import { literal, looseObject, nonEmpty, pipe, string, type GenericSchema } from 'valibot'
import { expect, test } from 'vitest'
import { caught } from '../../test/caught.ts'
import {
  amount,
  fields,
  kinds,
  name,
  object,
  readBody,
  record,
  refuse,
  textOr,
} from './request-body.ts'

const said = async (schema: GenericSchema, value: unknown, place?: string): Promise<string> => {
  const error = await caught(() => readBody(schema, value, place))
  expect(error.code).toBe('invalid_request')
  return error.message
}

test('what fits is given back', () => {
  expect(readBody(fields({ a: name }), { a: 'x', b: 1 })).toStrictEqual({ a: 'x', b: 1 })
  expect(readBody(textOr(name, 'a text or names'), ['x'])).toStrictEqual(['x'])
  const sent: unknown = JSON.parse('{"constructor":1,"__proto__":2}')
  expect(readBody(object, sent)).toBe(sent)
})

test.each<[string, GenericSchema, unknown, place: string | undefined, string]>([
  ['the body itself', fields({}), 'secret', undefined, 'The body must be an object.'],
  ['a list for an object', record({}), ['secret'], 'a.0', 'a.0 must be an object.'],
  ['a list for any object', object, ['secret'], 'a', 'a must be an object.'],
  ['a field that is missing', fields({ a: name }), {}, 'x', 'x.a must be a name.'],
  ['an object that is missing', fields({ a: fields({}) }), {}, '', 'a must be an object.'],
  ['the same, and no list', fields({ a: record({}) }), {}, '', 'a must be an object.'],
  ['a list that is missing', fields({ a: textOr(name, 'x') }), {}, '', 'a must be x.'],
  ['a number that is none', amount, NaN, 'n', 'n must be a number.'],
  ['an item', fields({ a: textOr(name, 'x') }), { a: ['a', ''] }, '', 'a.1 must be a name.'],
])('%s', async (_name, schema, value, place, expected) => {
  expect(await said(schema, value, place)).toBe(expected)
})

test('a choice among kinds says what is missing', () => {
  const message = kinds('a part', 'text or image')
  expect(message({ expected: 'Object' })).toBe('a part')
  expect(message({ expected: '"text"' })).toBe('text or image')
})

test('a schema without words quotes nothing of what was sent', async () => {
  expect(await said(literal('text'), 'secret', 'a')).toBe('a must be "text".')
  expect(await said(string(), ['secret'], 'a')).toBe('a must be string.')
  expect(await said(looseObject({ b: string() }), {}, 'a')).toBe('a.b must be "b".')
  expect(await said(pipe(string(), nonEmpty()), '', 'a')).toBe('a must be !0.')
  expect(await said(fields({ b: literal('x') }), {}, 'a')).toBe('a.b must be given.')
})

test('what is refused is named', async () => {
  const error = await caught(() => refuse('unsupported', 'a.0', 'is not supported'))
  expect([error.code, error.message]).toStrictEqual(['unsupported', 'a.0 is not supported.'])
})
