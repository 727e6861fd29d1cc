import { expect, test } from 'vitest'
import { valueOf } from './from-schema.ts'

const node = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
  },
  required: ['name', 'next'],
}

test.each([
  [{ type: 'string' }, 'text'],
  [{ type: 'integer' }, 1],
  [{ type: 'integer', minimum: 3 }, 3],
  [{ type: 'integer', exclusiveMinimum: 3 }, 4],
  [{ type: 'number', maximum: -2 }, -2],
  [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
  [{ type: 'integer', minimum: 7, multipleOf: 5 }, 10],
  [{ type: 'number', maximum: 0.5, minimum: 0.25 }, 0.25],
  [{ type: 'boolean' }, true],
  [{ type: 'null' }, null],
  [{ type: ['null', 'integer'] }, 1],
  [{ enum: ['a', 'b'] }, 'a'],
  [{ const: { x: 1 } }, { x: 1 }],
  [{ default: 4, type: 'integer' }, 4],
  [{ examples: ['ex'], type: 'string' }, 'ex'],
  [{ type: 'string', format: 'date' }, '2026-01-01'],
  [{ type: 'string', minLength: 6, maxLength: 8 }, 'text..'],
  [{ type: 'string', maxLength: 2 }, 'te'],
  [{ type: 'array', items: { type: 'integer' } }, [1]],
  [{ type: 'array', items: { type: 'integer' }, minItems: 3, uniqueItems: true }, [1, 2, 3]],
  [{ type: 'array', items: { type: 'string' }, maxItems: 0 }, []],
  [{ prefixItems: [{ type: 'string' }, { type: 'boolean' }] }, ['text', true]],
  [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, 1],
  [{ oneOf: [{ type: 'boolean' }] }, true],
  [
    { type: 'object', properties: { cityName: { type: 'string' }, zip_code: { type: 'string' } } },
    { cityName: 'city name', zip_code: 'zip code' },
  ],
  [{ required: ['x'] }, { x: 'x' }],
  [
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
        { $ref: '#/$defs/b' },
      ],
      $defs: { b: { properties: { b: { type: 'boolean' } }, required: ['b'] } },
    },
    { a: 1, b: true },
  ],
  [
    { $ref: '#/$defs/node', $defs: { node } },
    { name: 'name', next: null },
  ],
  [{ $ref: '#/definitions/a~1b', definitions: { 'a/b': { type: 'integer' } } }, 1],
  [{}, 'text'],
])('%j', (schema, value) => {
  expect(valueOf(schema)).toEqual(value)
})

test('a schema that leads only to itself ends all the same', () => {
  expect(() => JSON.stringify(valueOf({ $ref: '#' }))).not.toThrow()
  const tree = {
    type: 'object',
    properties: { children: { type: 'array', items: { $ref: '#' } }, parent: { $ref: '#' } },
    required: ['children'],
  }
  expect(JSON.stringify(valueOf(tree)).length).toBeLessThan(2000)
})
