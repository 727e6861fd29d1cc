import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { piecesOf } from '../../test/chunkings.ts'
import { runDecoder } from '../../test/run-decoder.ts'
import { AwsEventStreamDecoder } from './aws-event-stream.ts'
import { AwsEventStreamEncoder } from './aws-event-stream-encoder.ts'
import { crc32 } from './crc32.ts'

const utf8 = new TextEncoder()

function encode(messages: readonly object[]): Uint8Array {
  const frames = messages.map((each) => ({ data: JSON.stringify(each) }))
  return new Uint8Array(Buffer.concat(runDecoder(new AwsEventStreamEncoder(), frames).output))
}

function decode(pieces: Iterable<Uint8Array>): { output: unknown[]; code: string | undefined } {
  const { output, error } = runDecoder(new AwsEventStreamDecoder(), pieces)
  return { output: output.map(({ data }): unknown => JSON.parse(data)), code: error?.code }
}

/** A message made by hand: headers of any type. */
function message(headers: number[], payload = '{}'): Uint8Array {
  const body = utf8.encode(payload)
  const bytes = new Uint8Array(16 + headers.length + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, bytes.length)
  view.setUint32(4, headers.length)
  view.setUint32(8, crc32(bytes.subarray(0, 8)))
  bytes.set(headers, 12)
  bytes.set(body, 12 + headers.length)
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)))
  return bytes
}

/** A prelude alone, of lengths that cannot be, with its true checksum. */
function absurd({ length, headers }: { length: number; headers: number }): Uint8Array {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, length)
  view.setUint32(4, headers)
  view.setUint32(8, crc32(bytes.subarray(0, 8)))
  return bytes
}

const named = (name: string, type: number, ...value: number[]): number[] => [
  name.length,
  ...utf8.encode(name),
  type,
  ...value,
]
const text = (name: string, value: string): number[] =>
  named(name, 7, 0, value.length, ...utf8.encode(value))

test('crc32 gives the check value of its definition', () => {
  // The check value that every description of CRC-32 (IEEE 802.3) lists.
  expect(crc32(utf8.encode('123456789'))).toBe(0xcb_f4_39_26)
  expect(crc32(new Uint8Array())).toBe(0)
})

describe('AwsEventStreamDecoder', () => {
  const messages = fc.array(
    fc.tuple(
      fc.stringMatching(/^[a-z]\w{0,20}$/),
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
    ),
    { maxLength: 4 },
  )

  test('gives what was encoded, however it is split', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 50 }), (sent, size) => {
        const plain = sent
          .filter(([name]) => name !== 'chunk')
          .map(([name, payload]) => JSON.parse(JSON.stringify({ [name]: payload })) as object)
        const bytes = encode(plain)
        expect(decode([bytes])).toEqual({ output: plain, code: undefined })
        expect(decode(piecesOf(bytes, size))).toEqual({ output: plain, code: undefined })
      }),
    )
  })

  test('takes any damage for what it is', () => {
    const bytes = encode([
      { messageStart: { role: 'assistant' } },
      { messageStop: { stopReason: 'end_turn' } },
    ])
    const whole = decode([bytes]).output
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const damaged = bytes.slice()
        damaged[place] = (damaged[place] ?? 0) ^ change
        const { output, code } = decode([damaged])
        expect(code).toBe('protocol')
        expect(output).toEqual(whole.slice(0, output.length))
      }),
    )
  })

  test('drops what is cut', () => {
    const bytes = encode([{ a: {} }, { b: {} }])
    for (let length = 0; length < bytes.length; length += 1) {
      const { output, code } = decode([bytes.subarray(0, length)])
      expect(code).toBeUndefined()
      expect(output).toEqual(length < bytes.length / 2 ? [] : [{ a: {} }])
    }
  })

  test('reads a message of documented bytes', () => {
    // Made with the encoder of the service's own model in mind: written out, so that both of ours
    // cannot be wrong together.
    const header = [...text(':event-type', 'ping'), ...text(':message-type', 'event')]
    expect(decode([message(header, '{"a":1}')])).toEqual({
      output: [{ ping: { a: 1 } }],
      code: undefined,
    })
  })

  test('skips headers of every other type', () => {
    const others = [
      ...named('y', 0),
      ...named('n', 1),
      ...named('b', 2, 1),
      ...named('s', 3, 0, 1),
      ...named('i', 4, 0, 0, 0, 1),
      ...named('l', 5, 0, 0, 0, 0, 0, 0, 0, 1),
      ...named('a', 6, 0, 2, 7, 7),
      ...named('t', 8, 0, 0, 0, 0, 0, 0, 0, 1),
      ...named('u', 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    ]
    expect(decode([message([...others, ...text(':event-type', 'x')], '')]).output).toEqual([
      { x: {} },
    ])
  })

  test('errors and exceptions have the name of what went wrong', () => {
    const exception = [
      ...text(':message-type', 'exception'),
      ...text(':exception-type', 'throttlingException'),
    ]
    const error = [
      ...text(':message-type', 'error'),
      ...text(':error-code', 'InternalFailure'),
      ...text(':error-message', 'Oops'),
    ]
    const odd = [...text(':message-type', 'error'), ...text(':error-code', 'Throttled')]
    expect(
      decode([message(exception, '{"message":"Slow"}'), message(error), message(odd)]).output,
    ).toEqual([
      { throttlingException: { message: 'Slow' } },
      { InternalFailure: { message: 'Oops' } },
      { ThrottledError: { message: '' } },
    ])
  })

  test('a chunk is what its bytes hold', () => {
    const bytes = Buffer.from('{"text":"松"}').toString('base64')
    expect(decode([encode([{ chunk: { bytes } }])]).output).toEqual([{ text: '松' }])
    expect(decode([encode([{ chunk: { bytes: '%' } }])]).code).toBe('protocol')
  })

  test.each([
    ['a page', utf8.encode('<!doctype html><title>Hello</title>')],
    ['a header that is cut', message([200, 1])],
    ['a header of no type', message(named('x', 77))],
    ['a header of no type with a value', message([...named('x', 10, 0, 1, 0)])],
    ['a text that is longer than its message', message(named('x', 7, 0, 9, 1))],
    ['a number that is cut', message(named('x', 5, 0, 0))],
    ['more headers than there is room', absurd({ length: 100, headers: 85 })],
    ['a message that is shorter than its frame', absurd({ length: 15, headers: 0 })],
  ])('refuses %s', (_, bytes) => {
    expect(decode([bytes]).code).toBe('protocol')
  })

  test('refuses a message above the limit before it is there', () => {
    const decoder = new AwsEventStreamDecoder({ maxEventSize: 100 })
    const bytes = encode([{ a: { b: 'x'.repeat(200) } }])
    expect(runDecoder(decoder, [bytes.subarray(0, 20)]).error?.code).toBe('too_large')
  })

  test('refuses four gigabytes at the twelfth byte', () => {
    expect(decode([absurd({ length: 0xff_ff_ff_ff, headers: 0 })]).code).toBe('too_large')
  })

  test('is linear, however small the pieces are', () => {
    const bytes = encode([{ a: { b: 'x'.repeat(2_000_000) } }])
    expect(decode(piecesOf(bytes, 64)).output).toHaveLength(1)
  })
})
