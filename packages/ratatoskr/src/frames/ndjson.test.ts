import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRatatoskrError } from '../errors.ts'
import { NdjsonDecoder } from './ndjson.ts'
import type { FrameLimits, TextFrame } from './text-frame.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Outcome {
  frames: TextFrame[]
  /** The code of the error that ended it. */
  failure?: string
}

function decode(chunks: readonly Uint8Array[], options?: FrameLimits): Outcome {
  const decoder = new NdjsonDecoder(options)
  const frames: TextFrame[] = []
  const emit = (frame: TextFrame): void => {
    frames.push(frame)
  }
  try {
    for (const chunk of chunks) decoder.push(chunk, emit)
    decoder.end(emit)
  } catch (error) {
    if (!isRatatoskrError(error)) throw error
    return { frames, failure: error.code }
  }
  return { frames }
}

/** What JSON makes of the lines: a CR that belongs to a line's end is blank to it. */
const linesOf = (frames: readonly TextFrame[]): TextFrame[] =>
  frames.map((frame) => ({ ...frame, data: frame.data.replace(/\r$/, '') }))

/** Cuts at each position; where two are equal, the chunk between them is empty. */
function cut(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const sorted = positions.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i]))
}

const empty = new Uint8Array()

function* splitsOf(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes]
  yield Array.from(bytes, (byte) => Uint8Array.of(byte))
  yield [...Array.from(bytes, (byte) => [Uint8Array.of(byte), empty]).flat(), empty]
  for (let at = 0; at <= bytes.length; at += 1) yield cut(bytes, [at])
}

const whole = (...lines: string[]): TextFrame[] => lines.map((data) => ({ data }))
const unfinished = (data: string): TextFrame => ({ data, unfinished: true })

describe('NdjsonDecoder', () => {
  it.each<[string, string | Uint8Array, TextFrame[]]>([
    ['lines that end in LF', '{"a":1}\n{"b":2}\n', whole('{"a":1}', '{"b":2}')],
    ['lines that end in CRLF', '{"a":1}\r\n{"b":2}\r\n', whole('{"a":1}', '{"b":2}')],
    ['both, mixed', '{"a":1}\r\n{"b":2}\n[3]\r\n', whole('{"a":1}', '{"b":2}', '[3]')],
    [
      'a last line without its end',
      '{"a":1}\n{"b":2}',
      [...whole('{"a":1}'), unfinished('{"b":2}')],
    ],
    ['a last line cut after its CR', '{"a":1}\r', [unfinished('{"a":1}')]],
    ['a last line that is cut', '{"a":1}\n{"b', [...whole('{"a":1}'), unfinished('{"b')]],
    [
      'blank lines, which are left out',
      '\n\r\n{"a":1}\n\n \t\n{"b":2}\n\n',
      whole('{"a":1}', '{"b":2}'),
    ],
    ['a blank last line, which is left out', '{"a":1}\n \t ', whole('{"a":1}')],
    ['a byte order mark, dropped once', '\uFEFF{"a":1}\n', whole('{"a":1}')],
    ['spaces around a value, which stay', '  {"a":1} \n', whole('  {"a":1} ')],
    ['lone CR, which ends nothing', '{"a":1}\r{"b":2}\n', whole('{"a":1}\r{"b":2}')],
    [
      'no other character as an end',
      '"a\u2028b\u2029c\u0085d"\n',
      whole('"a\u2028b\u2029c\u0085d"'),
    ],
    ['UTF-8 of one to four bytes', '"z ø … 🐿"\n"🐿"', [...whole('"z ø … 🐿"'), unfinished('"🐿"')]],
    ['NUL', '"\0"\n', whole('"\0"')],
    [
      'bytes that are not UTF-8, as U+FFFD',
      Uint8Array.of(0x22, 0xff, 0xe2, 0x80, 0x22, 0x0a),
      whole('"\uFFFD\uFFFD"'),
    ],
    [
      'a character that the end cuts off, as U+FFFD',
      Uint8Array.of(0x22, 0xf0, 0x9f, 0x90),
      [unfinished('"\uFFFD')],
    ],
    ['nothing', '', []],
    ['only a byte order mark', '\uFEFF', []],
    ['only line ends', '\n\r\n\n', []],
  ])('decodes, whole, byte by byte and at every split in two: %s', (_, stream, frames) => {
    for (const chunks of splitsOf(typeof stream === 'string' ? bytesOf(stream) : stream)) {
      expect(linesOf(decode(chunks).frames)).toEqual(frames)
    }
  })

  it('emits a line at once when its LF is there', () => {
    const frames: TextFrame[] = []
    new NdjsonDecoder().push(bytesOf('{"a":1}\n{"b"'), (frame) => frames.push(frame))
    expect(frames).toEqual(whole('{"a":1}'))
  })

  it('leaves nothing behind after the end', () => {
    const decoder = new NdjsonDecoder()
    const frames: TextFrame[] = []
    decoder.push(bytesOf('{"a"'), () => {})
    decoder.end((frame) => frames.push(frame))
    decoder.end((frame) => frames.push(frame))
    expect(frames).toEqual([unfinished('{"a"')])
  })

  it('gives back any values, with any line ends, in any chunks', () => {
    const entries = fc.array(
      fc.tuple(fc.json(), fc.constantFrom('\n', '\r\n', '\n\n', '\r\n\r\n', '\n \n')),
    )
    fc.assert(
      fc.property(entries, fc.boolean(), fc.boolean(), positions, (lines, mark, isCut, cuts) => {
        const text = lines.flat().join('')
        const stream = (mark ? '\uFEFF' : '') + (isCut ? text.trimEnd() : text)
        const { frames } = decode(cut(bytesOf(stream), cuts))
        const parse = (json: string): unknown => JSON.parse(json)
        expect(frames.map(({ data }) => parse(data))).toEqual(lines.map(([json]) => parse(json)))
        const marked = frames.map((frame) => frame.unfinished === true)
        expect(marked).toEqual(lines.map((_, i) => isCut && i === lines.length - 1))
      }),
    )
  })

  it('gives the same frames for any bytes, however they are split', () => {
    const byte = fc.oneof(
      fc.constantFrom(0x0a, 0x0d, 0x20, 0x22, 0x61),
      fc.constantFrom(0xef, 0xbb, 0xbf, 0xe2, 0x80, 0xa6, 0xf0),
      fc.nat(255),
    )
    const stream = fc.array(byte, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes))
    fc.assert(
      fc.property(stream, positions, (bytes, cuts) => {
        const text = new TextDecoder().decode(bytes)
        const lines = text.split('\n')
        const expected = lines
          .map((data, i) => (i === lines.length - 1 ? unfinished(data) : { data }))
          .filter(({ data }) => data.trim() !== '')
        expect(decode(cut(bytes, cuts)).frames).toEqual(expected)
      }),
      { numRuns: 2000 },
    )
  })

  describe('refuses what passes maxEventSize', () => {
    it.each<[string, string, number]>([
      ['a line', '"acorn"\n', 7],
      ['a last line without its end', '"acorn"', 7],
      ['units of UTF-16, not bytes', '"ø…🐿"\n', 6],
      ['the longest of several', '1\n"acorn"\n22\n', 7],
      ['a blank line', '     \n', 5],
    ])('takes exactly its size, at any split: %s', (_, stream, size) => {
      for (const chunks of splitsOf(bytesOf(stream))) {
        expect(decode(chunks, { maxEventSize: size })).not.toHaveProperty('failure')
        expect(decode(chunks, { maxEventSize: size - 1 })).toHaveProperty('failure', 'too_large')
      }
    })

    it('fails with the same lines before it, however the bytes are split', () => {
      const text = fc.array(fc.constantFrom('1', '22', '"acorn"', '\n', '\r\n', '…'))
      fc.assert(
        fc.property(text, positions, fc.integer({ min: 1, max: 12 }), (parts, cuts, size) => {
          const bytes = bytesOf(parts.join(''))
          const options = { maxEventSize: size }
          expect(decode(cut(bytes, cuts), options)).toEqual(decode([bytes], options))
        }),
        { numRuns: 1000 },
      )
    })

    it('fails while the line still grows, not at its end', () => {
      const decoder = new NdjsonDecoder({ maxEventSize: 1024 })
      const push = (): void => {
        decoder.push(bytesOf('x'.repeat(256)), () => {})
      }
      for (let i = 0; i < 4; i += 1) push()
      expect(push).toThrow(expect.objectContaining({ code: 'too_large' }))
    })

    it('says the limit, and nothing of what it has read', () => {
      let thrown: unknown
      try {
        new NdjsonDecoder({ maxEventSize: 4 }).push(bytesOf('"confidential"\n'), () => {})
      } catch (error) {
        thrown = error
      }
      expect(isRatatoskrError(thrown)).toBe(true)
      expect(String(thrown)).toMatch(/\b4\b/)
      expect(String(thrown)).not.toContain('confidential')
    })

    it('counts each line alone, and takes one of 16 MiB in chunks of 1 KiB', () => {
      const small = decode([bytesOf('"acorn"\n'.repeat(1000))], { maxEventSize: 7 })
      expect(small.frames).toHaveLength(1000)

      const chunk = bytesOf('x'.repeat(1024))
      const chunks = Array.from({ length: 16 * 1024 }, () => chunk)
      const { frames } = decode([...chunks, bytesOf('\n')])
      expect(frames.map(({ data }) => data.length)).toEqual([16 * 1024 * 1024])
    })
  })
})

const positions = fc.array(fc.nat(300), { maxLength: 10 })
