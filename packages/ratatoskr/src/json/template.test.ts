import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fill, templateOf } from './template.ts'

/** The value of the third text by the template of the first two; undefined where it fits none. */
function third(one: string, two: string, three: string): unknown {
  const template = templateOf(one, two)
  return template && fill(template, three)
}

const chunk = (content: string, more = ''): string =>
  `{"id":"a","n":1, "choices":[{"index":0,"delta":{"content":"${content}"},"end":null}]${more}}`

describe('a text like the two before', () => {
  it.each<[string, string, string, string]>([
    ['one string', chunk('a'), chunk('b'), chunk(' squirrel')],
    ['an empty string first', chunk(''), chunk('b'), chunk('c')],
    ['an empty string second', chunk('a'), chunk(''), chunk('c')],
    ['an empty string third', chunk('a'), chunk('b'), chunk('')],
    ['one that begins alike', chunk('ab'), chunk('abc'), chunk('abcd')],
    ['one that ends alike', chunk('x"y'.replace('"', '')), chunk('ay'), chunk('y')],
    ['escapes', chunk('a'), chunk('b'), chunk(String.raw`\"\\\n\u00e9\\`)],
    ['escapes from the beginning', chunk(String.raw`\"a\"`), chunk(String.raw`b\\`), chunk('c')],
    ['a long string', chunk('a'), chunk('b'), chunk('x'.repeat(500))],
    ['characters of all lengths', chunk('a'), chunk('é'), chunk('世🐿️')],
    ['digits in a string', chunk('1'), chunk('2'), chunk('34')],
    ['a number', '{"n":1,"s":""}', '{"n":2,"s":""}', '{"n":30,"s":""}'],
    ['a number that grows longer', '{"n":9}', '{"n":10}', '{"n":11}'],
    ['a number in a list', '[[1,7]]', '[[2,7]]', '[[0,7]]'],
    [
      'several',
      '{"n":1,"a":["x"],"o":{"p":"q"}}',
      '{"n":2,"a":["y"],"o":{"p":""}}',
      '{"n":12345,"a":["z"],"o":{"p":"!"}}',
    ],
    ['spaces and line ends', '{ "a" :\n "x" }\n', '{ "a" :\n "y" }\n', '{ "a" :\n "z" }\n'],
  ])('is filled in: %s', (_, one, two, three) => {
    expect(third(one, two, three)).toEqual(JSON.parse(three))
  })

  it.each<[string, string, string, string]>([
    ['another key', '{"a":"x"}', '{"a":"y"}', '{"b":"z"}'],
    ['another field', '{"a":"x"}', '{"a":"y"}', '{"a":"z","b":1}'],
    ['a field that a string only seems to have', '{"a":"x"}', '{"a":"y"}', '{"a":"z","a":"w"}'],
    ['another type', '{"a":"x"}', '{"a":"y"}', '{"a":1}'],
    ['a number that is not whole', '{"a":1}', '{"a":2}', '{"a":2.5}'],
    ['a number below zero', '{"a":1}', '{"a":2}', '{"a":-2}'],
    ['a power', '{"a":1}', '{"a":2}', '{"a":2e3}'],
    ['a null', '{"a":"x"}', '{"a":"y"}', '{"a":null}'],
    ['more behind', '{"a":"x"}', '{"a":"y"}', '{"a":"z"} '],
    ['what is not JSON: a leading zero', '{"a":1}', '{"a":2}', '{"a":02}'],
    ['what is not JSON: a line end', '{"a":"x"}', '{"a":"y"}', '{"a":"z\n"}'],
    ['what is not JSON: a NUL', '{"a":"x"}', '{"a":"y"}', '{"a":"z\0"}'],
    ['what is not JSON: an escape', '{"a":"x"}', '{"a":"y"}', String.raw`{"a":"\q"}`],
    ['what is cut', '{"a":"x"}', '{"a":"y"}', '{"a":"z'],
    ['what is cut behind a backslash', '{"a":"x"}', '{"a":"y"}', '{"a":"z\\'],
    ['nothing', '{"a":"x"}', '{"a":"y"}', ''],
  ])('is none where it has %s', (_, one, two, three) => {
    expect(templateOf(one, two)).toBeDefined()
    expect(third(one, two, three)).toBeUndefined()
  })

  it.each<[string, string, string]>([
    ['are equal', '{"a":"x"}', '{"a":"x"}'],
    ['differ in a key', '{"a":"x"}', '{"b":"x"}'],
    ['differ in the number of fields', '{"a":"x"}', '{"a":"x","b":"y"}'],
    ['differ in a word', '{"a":null}', '{"a":true}'],
    [
      'differ in a value that a later one of the same key replaces',
      '{"a":"x","a":"z"}',
      '{"a":"y","a":"z"}',
    ],
    ['differ in what stands under __proto__', '{"__proto__":"x"}', '{"__proto__":"y"}'],
    ['differ below __proto__', '{"__proto__":{"a":"x"}}', '{"__proto__":{"a":"y"}}'],
    ['are no objects', '"x"', '"y"'],
    ['are empty', '', ''],
    ['begin with an empty one', '', '{"a":"x"}'],
    ['differ in too much', '[1,1,1,1,1,1,1]', '[2,2,2,2,2,2,2]'],
  ])('there is no template of two that %s', (_, one, two) => {
    expect(templateOf(one, two)).toBeUndefined()
  })

  it('does not change a value that was given out before', () => {
    const template = templateOf(chunk('a'), chunk('b'))
    const first = template && fill(template, chunk('first'))
    const second = template && fill(template, chunk('second'))
    expect(first).toEqual(JSON.parse(chunk('first')))
    expect(second).toEqual(JSON.parse(chunk('second')))
  })
})

const key = fc.constantFrom('a', 'b', '__proto__', 'toString', '0', 'é"')
const leaf = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('"', '\\', '\\"', ',"a":"', '1', '{"a":1}'),
  fc.nat(200),
  fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e21),
)
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    // Pairs, so that a key may come twice, and `__proto__` as one like others.
    fc.array(fc.tuple(key, tie('value')), { maxLength: 4 }).map((fields) => new Pairs(fields)),
  ),
})).value

class Pairs {
  readonly fields: readonly (readonly [string, unknown])[]
  constructor(fields: readonly (readonly [string, unknown])[]) {
    this.fields = fields
  }
}

/** JSON text in which each string and whole number may become another. */
function textOf(value: unknown, other: (literal: string | number) => unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, other)).join(',')}]`
  if (value instanceof Pairs) {
    const fields = value.fields.map(
      ([name, item]) => `${JSON.stringify(name)}:${textOf(item, other)}`,
    )
    return `{${fields.join(', ')}}`
  }
  const changes = typeof value === 'string' || (typeof value === 'number' && value >= 0)
  return JSON.stringify(changes ? other(value) : value)
}

it('the value is that of JSON.parse, for whatever texts', () => {
  let filled = 0
  const words = fc.infiniteStream(fc.tuple(fc.nat(2), leaf))
  const object = fc.array(fc.tuple(key, json), { minLength: 1, maxLength: 4 })
  const damages = fc.constantFrom('', '', '', '', '"', '\\', ',', '1', '}')
  fc.assert(
    fc.property(
      object.map((fields) => new Pairs(fields)),
      words,
      fc.nat(),
      damages,
      (value, stream, at, damage) => {
        const text = (): string =>
          textOf(value, (literal) => {
            const [[change, word] = [1, '']] = stream.take(1)
            return change === 0 && typeof word === typeof literal ? word : literal
          })
        const [one, two, whole] = [text(), text(), text()]
        const place = at % (whole.length + 1)
        const three = damage ? whole.slice(0, place) + damage + whole.slice(place) : whole
        const result = third(one, two, three)
        if (result === undefined) return
        filled += 1
        // As text, which also tells the order of keys.
        expect(JSON.stringify(result)).toBe(JSON.stringify(JSON.parse(three)))
      },
    ),
    { numRuns: 5000 },
  )
  expect(filled).toBeGreaterThan(200)
})
