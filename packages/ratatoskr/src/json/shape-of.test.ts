import * as fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import {
  anthropic,
  bedrock,
  cohere,
  gemini,
  ollama,
  openaiChat,
  openaiResponses,
} from '../dialects/index.ts'
import { misfitOf } from './shape.ts'
import { shapeOf, type PlainSchema } from './shape-of.ts'

type Schema = PlainSchema & v.GenericSchema

/** Names that a careless look-up finds on every object, beside plain ones. */
const keys = ['a', 'b', 'length', '0', '__proto__', 'constructor', 'toString', 'hasOwnProperty']
const key = fc.constantFrom(...keys)
const word = fc.constantFrom('', 'a', 'acorn', '0')
const figure = fc.constantFrom(0, 1, -1, 0.5, 1e21)

/** JSON text, so that `__proto__` becomes a key like any other, as on the wire. */
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.constantFrom('null', 'true', 'false'), figure.map(String), word.map(quote)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(key, tie('value')), { maxLength: 5 })
      .map((entries) => `{${entries.map(([name, value]) => `${quote(name)}:${value}`).join()}}`),
  ),
})).value

const primitive = fc
  .constantFrom<() => Schema>(
    () => v.string(),
    () => v.number(),
    () => v.boolean(),
  )
  .map((make) => make())

const schema = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    primitive,
    fc.option(tie('schema')).map((item): Schema => v.array(item ?? v.unknown())),
    fc
      .array(fc.tuple(key, fc.option(tie('schema'))), { maxLength: 4 })
      .map((entries): Schema =>
        v.object(
          Object.fromEntries(
            entries.map(([name, inner]) => [name, v.nullish(inner ?? v.unknown())]),
          ),
        ),
      ),
  ),
})).schema

/** Values that a schema takes, so that agreement is not only about what both refuse. */
function valuesOf(plain: PlainSchema | { type: 'unknown' }): fc.Arbitrary<string> {
  switch (plain.type) {
    case 'string':
      return word.map(quote)
    case 'number':
      return figure.map(String)
    case 'boolean':
      return fc.boolean().map(String)
    case 'unknown':
      return json
    case 'array':
      return fc.array(valuesOf(plain.item), { maxLength: 3 }).map((items) => `[${items.join()}]`)
    case 'object': {
      const entries = Object.entries(plain.entries).map(([name, { wrapped }]) =>
        fc
          .oneof(fc.constantFrom('', 'null'), valuesOf(wrapped), valuesOf(wrapped))
          .map((value) => (value === '' ? '' : `${quote(name)}:${value}`)),
      )
      return fc.tuple(...entries).map((fields) => `{${fields.filter((field) => field).join()}}`)
    }
  }
}

function quote(text: string): string {
  return JSON.stringify(text)
}

const fits = (each: PlainSchema, value: unknown): boolean =>
  misfitOf(shapeOf(each))(value) === undefined

// The hot path goes by the shape, everything else by the schema: they must not drift apart.
it.each([
  ['openai-chat', openaiChat],
  ['anthropic', anthropic],
  ['gemini', gemini],
  ['cohere', cohere],
  ['bedrock', bedrock],
  ['ollama', ollama],
  ['openai-responses', openaiResponses],
])('the shape of the frames of %s is that of its schema', (_, { schema: own, frame }) => {
  expect(frame.shape).toStrictEqual(shapeOf(own))
})

describe('shapeOf', () => {
  it.each<[PlainSchema, unknown]>([
    [v.string(), 'string'],
    [v.number(), 'number'],
    [v.boolean(), 'boolean'],
    [v.array(v.number()), ['number']],
    [v.array(v.unknown()), []],
    [v.object({}), {}],
    [v.object({ a: v.nullish(v.string()), b: v.nullish(v.unknown()) }), { a: 'string' }],
    [
      v.object({ a: v.nullish(v.array(v.object({ b: v.nullish(v.array(v.unknown())) }))) }),
      { a: [{ b: [] }] },
    ],
  ])('is of %#', (each, expected) => {
    expect(shapeOf(each)).toEqual(expected)
  })

  it('makes a shape that fits exactly where valibot accepts, for any schema and any JSON', () => {
    let accepted = 0
    let refused = 0
    fc.assert(
      fc.property(
        schema.chain((each) => fc.tuple(fc.constant(each), fc.oneof(json, valuesOf(each)))),
        ([each, text]) => {
          const value: unknown = JSON.parse(text)
          const expected = v.is(each, value)
          if (expected) accepted += 1
          else refused += 1
          expect(fits(each, value)).toBe(expected)
        },
      ),
      { numRuns: 5000 },
    )
    // Otherwise it says little.
    expect(accepted).toBeGreaterThan(1000)
    expect(refused).toBeGreaterThan(1000)
  })

  it('makes a shape that names the field which valibot names first', () => {
    fc.assert(
      fc.property(
        schema.chain((each) => fc.tuple(fc.constant(each), json)),
        ([each, text]) => {
          const value: unknown = JSON.parse(text)
          const [issue] = v.safeParse(each, value).issues ?? []
          if (issue === undefined) return
          const path = v.getDotPath(issue)
          const [, found] = /^(.*) is no \w+$/.exec(misfitOf(shapeOf(each))(value) ?? '') ?? []
          expect(found).toBe(path === null ? '' : `.${path}`)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it.each<[string, Schema, string, boolean]>([
    ['a missing field', v.object({ a: v.nullish(v.string()) }), '{}', true],
    ['null for a field', v.object({ a: v.nullish(v.string()) }), '{"a":null}', true],
    ['another kind for a field', v.object({ a: v.nullish(v.string()) }), '{"a":1}', false],
    ['anything where anything may be', v.object({ a: v.nullish(v.unknown()) }), '{"a":[{}]}', true],
    ['fields that nobody asked for', v.object({ a: v.nullish(v.string()) }), '{"b":[1]}', true],
    ['an array as an object without fields', v.object({}), '[]', true],
    ['an array as an object with length', v.object({ length: v.nullish(v.number()) }), '[1]', true],
    ['an array as an object of strings', v.object({ '0': v.nullish(v.string()) }), '[1]', false],
    ['an object as an array', v.array(v.unknown()), '{"0":1,"length":1}', false],
    ['null as an object', v.object({}), 'null', false],
    ['a string as an object', v.object({ length: v.nullish(v.number()) }), '"x"', false],
    ['one wrong item of an array', v.array(v.number()), '[1,2,"3"]', false],
    ['null as an item', v.array(v.number()), '[1,null]', false],
    ['a wrong item deep inside', v.array(v.array(v.number())), '[[1],[2,null]]', false],
    ['an empty array', v.array(v.number()), '[]', true],
    ['an array of anything', v.array(v.unknown()), '[null,1,"x",{}]', true],
    [
      'a key __proto__ of the wire',
      v.object({ a: v.nullish(v.string()) }),
      '{"__proto__":1}',
      true,
    ],
    ['a name that every object has', v.object({ toString: v.nullish(v.string()) }), '{}', false],
  ])('agrees with valibot case by case: %s', (_, each, text, expected) => {
    const value: unknown = JSON.parse(text)
    expect(fits(each, value)).toBe(expected)
    expect(v.is(each, value)).toBe(expected)
  })

  it('makes a shape of a field __proto__ like of any other', () => {
    const each = v.object(Object.fromEntries([['__proto__', v.nullish(v.string())]]))
    for (const text of ['{"__proto__":"x"}', '{"__proto__":{}}', '{}', '[]']) {
      const value: unknown = JSON.parse(text)
      expect([text, fits(each, value)]).toEqual([text, v.is(each, value)])
    }
  })
})
