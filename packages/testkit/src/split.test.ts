import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytesOf, observed } from '../test/ask.ts'
import { joinBytes } from './byte-stream.ts'
import { cutText } from './cut-text.ts'
import { eventCutter, hasData } from './event-cutter.ts'
import { splits, splitStream, type Split } from './split.ts'

const events = ['data: {"a":"Żółw"}\n\n', ': life\n\n', 'data: 2\r\n\r\n', 'data: 🐢\n\n']
const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const whole = encode(events.join(''))

async function chunks(pieces: readonly string[], split: Split, type?: string): Promise<string[]> {
  const cut = await bytesOf(splitStream(observed(pieces).stream, split, type))
  return cut.map((bytes) => Buffer.from(bytes).toString('latin1'))
}
const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

describe('splitStream', () => {
  test('any split keeps the bytes', async () => {
    const split = fc.oneof(
      fc.constantFrom<Split>('event', 'byte', (bytes) => [bytes.slice(0, 1), bytes.slice(1)]),
      fc.integer({ min: 1, max: 100 }),
      fc.record({ seed: fc.nat(), max: fc.integer({ min: 1, max: 50 }) }),
    )
    await fc.assert(
      fc.asyncProperty(split, fc.array(fc.string()), async (one, pieces) => {
        expect((await chunks(pieces, one)).join('')).toBe(latin1(pieces.join('')))
      }),
    )
  })

  test('each way cuts as it says', async () => {
    for (const pieces of [events, [events.join('')]]) {
      expect(await chunks(pieces, 'event')).toEqual(events.map(latin1))
      expect((await chunks(pieces, 'byte')).map(({ length }) => length)).toEqual(
        Array.from({ length: whole.length }, () => 1),
      )
      const sevens = (await chunks(pieces, 7)).map(({ length }) => length)
      expect(new Set(sevens.slice(0, -1))).toEqual(new Set([7]))
      expect(await chunks(pieces, 10_000)).toHaveLength(1)
      expect(await chunks(pieces, { seed: 1 })).toEqual(await chunks(pieces, { seed: 1 }))
      expect(await chunks(pieces, { seed: 1 })).not.toEqual(await chunks(pieces, { seed: 2 }))
      const halves = await chunks(pieces, (bytes) => [bytes.slice(0, 3), bytes.slice(3)])
      expect(halves).toEqual(
        events.map(latin1).flatMap((event) => [event.slice(0, 3), event.slice(3)]),
      )
    }
    expect(await chunks(['{"a":1}\n{"b"', ':2}\n{}'], 'event', 'application/x-ndjson')).toEqual([
      '{"a":1}\n',
      '{"b":2}\n',
      '{}',
    ])
    expect(await chunks(['{"a"', ':1}'], 'event', 'application/json')).toEqual(['{"a":1}'])
  })

  test('bytes do not wait for others that are not sent yet', async () => {
    const source = observed(['abc'], 'silence')
    const reader = splitStream(source.stream, 100).getReader()
    expect(decode((await reader.read()).value ?? new Uint8Array())).toBe('abc')
    const waiting = reader.read()
    await reader.cancel()
    expect((await waiting).done).toBe(true)
    expect(source.cancelled).toBe(true)
  })

  test('it reads only for a waiting reader, and passes a failure on', async () => {
    const source = observed(['abc'], 'error')
    const reader = splitStream(source.stream, 'byte').getReader()
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(source.pulls).toBe(0)
    for (let i = 0; i < 3; i += 1) await reader.read()
    await expect(reader.read()).rejects.toThrow('broken')
    const unread = observed(['abc'])
    await splitStream(unread.stream, 'byte').cancel()
    expect(unread.cancelled).toBe(true)
  })

  test('chunks of no bytes are refused', () => {
    expect(() => splitStream(observed([]).stream, 0)).toThrow('chunks of 0 bytes')
  })
})

test('splits keep the bytes, are what their names say, and the same each time', () => {
  const all = [...splits(whole, { places: 20 })]
  for (const { pieces } of all) expect(decode(joinBytes(pieces))).toBe(events.join(''))
  expect(all.map(({ name }) => name)).toEqual(
    [...splits(whole, { places: 20 })].map(({ name }) => name),
  )
  expect(all[0]).toMatchObject({ name: '1 byte' })
  expect(all[0]?.pieces).toHaveLength(whole.length)
  for (const { name, pieces } of all.slice(6)) {
    expect(name).toBe(`in two at ${pieces[0]?.length}`)
    expect(pieces.every(({ length }) => length > 0)).toBe(true)
  }
  expect(all.length).toBeGreaterThan(15)
  expect([...splits(new Uint8Array())].every(({ pieces }) => pieces.length === 0)).toBe(true)
})

test('events are found wherever the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('data: 1', 'event: x', ':', '', 'data:{}'), { maxLength: 12 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat({ max: 200 }), { maxLength: 5 }),
      (lines, lineEnd, places) => {
        const bytes = encode(lines.map((line) => line + lineEnd).join(''))
        const cutter = eventCutter('text/event-stream')
        const cuts = [
          0,
          ...places.filter((place) => place <= bytes.length).toSorted((a, b) => a - b),
        ]
        const found = cuts.flatMap((start, i) => cutter.push(bytes.slice(start, cuts[i + 1])))
        const rest = cutter.rest()
        expect(decode(joinBytes([...found, rest]))).toBe(decode(bytes))
        // By the standard: an event ends with an empty line.
        const count = lines.filter((line) => line === '').length
        expect(found).toHaveLength(count)
      },
    ),
  )
  expect(hasData(encode(': life\n\n'))).toBe(false)
  expect(hasData(encode('event: x\rdata: 1\r\r'))).toBe(true)
})

test('texts are cut without loss, and never within a character', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.oneof(fc.constant('word' as const), fc.integer({ min: 1, max: 5 })),
      (text, perDelta) => {
        const pieces = cutText(text, perDelta)
        expect(pieces.join('')).toBe(text)
        for (const piece of pieces) {
          expect(piece).not.toBe('')
          expect(decode(encode(piece))).toBe(piece)
        }
      },
    ),
  )
  expect(cutText('one two\n three ', 'word')).toEqual(['one', ' two', '\n three', ' '])
})
