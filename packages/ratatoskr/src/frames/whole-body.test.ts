import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TextFrame } from './text-frame.ts'
import { wholeBody } from './whole-body.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function decode(chunks: readonly Uint8Array[]): TextFrame[] {
  const decoder = wholeBody()
  const frames: TextFrame[] = []
  const emit = (frame: TextFrame): void => {
    frames.push(frame)
  }
  for (const chunk of chunks) decoder.push(chunk, emit)
  expect(frames).toEqual([])
  decoder.end(emit)
  return frames
}

describe('wholeBody', () => {
  it.each<[string, string, string]>([
    ['a value', '{"a":1}', '{"a":1}'],
    ['a value over several lines, as it is', '{\r\n "a": 1\n}\n', '{\r\n "a": 1\n}\n'],
    ['what is not JSON', 'data: {}\n\n<html>', 'data: {}\n\n<html>'],
    ['UTF-8 of one to four bytes', '"z ø … 🐿"', '"z ø … 🐿"'],
    ['a byte order mark, dropped once', '\uFEFF\uFEFF1', '\uFEFF1'],
    ['nothing, as one empty frame', '', ''],
  ])('gives one frame, whole, byte by byte and at every split in two: %s', (_, body, data) => {
    const bytes = bytesOf(body)
    expect(decode([bytes])).toEqual([{ data }])
    expect(decode(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual([{ data }])
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(decode([bytes.subarray(0, at), bytes.subarray(at)])).toEqual([{ data }])
    }
  })

  it('gives one empty frame where no chunk comes at all', () => {
    expect(decode([])).toEqual([{ data: '' }])
  })

  it('decodes any text, and any bytes between, however they are split', () => {
    const bytes = fc.uint8Array({ maxLength: 60 })
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(60)), (middle, cuts) => {
        const body = Uint8Array.of(0x22, ...middle, 0x22)
        const at = cuts.map((n) => n % (body.length + 1)).sort((a, b) => a - b)
        const chunks = [0, ...at].map((from, i) => body.subarray(from, at[i]))
        expect(decode(chunks)).toEqual([{ data: new TextDecoder().decode(body) }])
      }),
    )
  })

  it('takes 64 Mi characters, and fails at the next, before the end, without a word of it', () => {
    const decoder = wholeBody()
    const push = (text: string): void => {
      decoder.push(bytesOf(text), () => {})
    }
    const mebi = 'x'.repeat(1024 * 1024)
    for (let i = 0; i < 64; i += 1) push(mebi)
    expect(() => {
      push('confidential')
    }).toThrow(expect.objectContaining({ code: 'too_large' }))
    expect(() => {
      push('confidential')
    }).toThrow(/^(?!.*confidential)/)
  })
})
