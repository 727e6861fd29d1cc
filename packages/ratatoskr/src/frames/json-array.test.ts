import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf } from '../../test/chunkings.ts'
import { runDecoder } from '../../test/run-decoder.ts'
import { JsonArrayDecoder } from './json-array.ts'

const encoder = new TextEncoder()

function read(text: string, size = Infinity): unknown[] {
  const bytes = encoder.encode(text)
  const pieces = size === Infinity ? [bytes] : piecesOf(bytes, size)
  const { output, error } = runDecoder(new JsonArrayDecoder(), pieces)
  expect(error).toBeUndefined()
  return output.map(({ data }): unknown => JSON.parse(data))
}

describe('JsonArrayDecoder', () => {
  const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())

  test('gives the objects of an array, however it is split and written', () => {
    fc.assert(
      fc.property(
        fc.array(object, { maxLength: 5 }),
        fc.constantFrom(undefined, 2),
        fc.integer({ min: 1, max: 9 }),
        (items, indent, size) => {
          const text = JSON.stringify(items, null, indent)
          const plain: unknown = JSON.parse(text)
          expect(read(text)).toEqual(plain)
          expect(read(text, size)).toEqual(plain)
        },
      ),
    )
  })

  test('gives one object that stands alone', () => {
    expect(read('\uFEFF {"a":[{"b":"}]"}]} \n')).toEqual([{ a: [{ b: '}]' }] }])
  })

  test('drops an object that is cut, wherever', () => {
    const text = '[{"a":"\\"}"},\r\n{"b":[1,{}]}'
    const whole = [{ a: '"}' }, { b: [1, {}] }]
    for (let length = 0; length <= text.length; length += 1) {
      const items = read(text.slice(0, length))
      expect(items).toEqual(whole.slice(0, items.length))
      expect(items).toHaveLength(length === text.length ? 2 : length >= 12 ? 1 : 0)
    }
  })

  test('gives each object as soon as it is there', () => {
    const decoder = new JsonArrayDecoder()
    const seen: string[] = []
    decoder.push(encoder.encode('[{"a":1}'), ({ data }) => seen.push(data))
    expect(seen).toEqual(['{"a":1}'])
  })

  test('takes what is neither for nothing', () => {
    expect(read('"{" 7 true [] ]')).toEqual([])
  })

  test('refuses an object above the limit, in one piece or many', () => {
    const bytes = encoder.encode(`[{"a":"${'x'.repeat(100)}"}]`)
    for (const size of [1, 7, 1000]) {
      const decoder = new JsonArrayDecoder({ maxEventSize: 50 })
      expect(runDecoder(decoder, piecesOf(bytes, size)).error?.code).toBe('too_large')
    }
  })
})
