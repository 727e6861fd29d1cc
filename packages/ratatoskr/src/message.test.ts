import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assistant, system, toolResult, user } from './message.ts'

/** Plain JSON: nothing is lost or changed when it is stored, posted or sent. */
function expectPlain(value: unknown): void {
  expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value)
}

describe('system', () => {
  it('is the text', () => {
    expect(system('Be brief.')).toStrictEqual({ role: 'system', content: 'Be brief.' })
  })
})

describe('user', () => {
  it('is the text as it is', () => {
    expect(user('Hello')).toStrictEqual({ role: 'user', content: 'Hello' })
    expect(user('')).toStrictEqual({ role: 'user', content: '' })
  })

  it('makes parts of strings, and leaves parts as they are', () => {
    const image = { type: 'image', url: 'https://example.com/a.png', detail: 'low' } as const
    const file = {
      type: 'file',
      data: 'AA==',
      mediaType: 'application/pdf',
      filename: 'a',
    } as const
    const message = user(['What is this?', { type: 'text', text: 'And this?' }, image, file])
    expect(message).toStrictEqual({
      role: 'user',
      content: [
        { type: 'text', text: 'What is this?' },
        { type: 'text', text: 'And this?' },
        image,
        file,
      ],
    })
    expectPlain(message)
  })

  it('makes base64 of bytes, and keeps what else the part says', () => {
    const data = Uint8Array.of(1, 2, 3, 250)
    const message = user([
      { type: 'image', data, mediaType: 'image/png', detail: 'high' },
      { type: 'file', data, mediaType: 'application/pdf', filename: 'a.pdf' },
    ])
    expect(message.content).toStrictEqual([
      { type: 'image', data: 'AQID+g==', mediaType: 'image/png', detail: 'high' },
      { type: 'file', data: 'AQID+g==', mediaType: 'application/pdf', filename: 'a.pdf' },
    ])
    expectPlain(message)
  })

  it('takes the bytes of a view, not of the buffer under it', () => {
    const data = Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4)
    const { content } = user([{ type: 'image', data, mediaType: 'image/png' }])
    expect(content).toStrictEqual([{ type: 'image', data: 'AQID', mediaType: 'image/png' }])
  })

  it('makes the base64 of any bytes that others read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ size: 'large' }), (data) => {
        const { content } = user([{ type: 'file', data, mediaType: 'a/b' }])
        const [part] = typeof content === 'string' ? [] : content
        if (part?.type !== 'file') throw new Error('no file')
        expect(Buffer.from(part.data ?? '', 'base64')).toEqual(Buffer.from(data))
      }),
    )
  })

  it('makes base64 of more bytes than a call takes arguments', () => {
    for (const size of [0x7fff, 0x8000, 0x8001, 3 * 0x8000 + 1, 2_000_000]) {
      const data = Uint8Array.from({ length: size }, (_, i) => i * 7)
      const { content } = user([{ type: 'file', data, mediaType: 'a/b' }])
      const encoded = Buffer.from(data).toString('base64')
      expect(content).toStrictEqual([{ type: 'file', data: encoded, mediaType: 'a/b' }])
    }
  })

  it('leaves what it was given as it was', () => {
    const data = Uint8Array.of(1)
    const parts = Object.freeze([Object.freeze({ type: 'file', data, mediaType: 'a/b' } as const)])
    user(parts)
    expect(parts[0]?.data).toBe(data)
  })
})

describe('assistant', () => {
  it('is the text, with its calls where there are any', () => {
    const call = { id: 'call_1', name: 'weather', arguments: '{}' }
    expect(assistant('Hello')).toStrictEqual({ role: 'assistant', content: 'Hello' })
    expect(assistant('Hello', [])).toStrictEqual({ role: 'assistant', content: 'Hello' })
    const message = assistant('', [call])
    expect(message).toStrictEqual({ role: 'assistant', content: '', toolCalls: [call] })
    expectPlain(message)
  })
})

describe('toolResult', () => {
  const contentOf = (result: unknown): unknown => toolResult('call_1', result).content

  it('names the call that it answers', () => {
    expect(toolResult('call_1', 'sunny')).toStrictEqual({
      role: 'tool',
      toolCallId: 'call_1',
      content: 'sunny',
    })
  })

  it('says that the tool failed, only where it did', () => {
    expect(toolResult('call_1', 'no such city', { isError: true })).toHaveProperty('isError', true)
    expect(toolResult('call_1', 'sunny', { isError: false })).not.toHaveProperty('isError')
    expect(toolResult('call_1', 'sunny', {})).not.toHaveProperty('isError')
  })

  it.each<[string, unknown, string]>([
    ['an object', { celsius: 4 }, '{"celsius":4}'],
    ['an array', [1, 'two'], '[1,"two"]'],
    ['an empty array', [], '[]'],
    ['a number', 4, '4'],
    ['false', false, 'false'],
    ['null', null, 'null'],
    ['undefined', undefined, 'null'],
    ['a function', () => {}, 'null'],
    ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ['texts in an array', ['a', 'b'], '["a","b"]'],
    [
      'an array with one thing that is no part',
      [{ type: 'text', text: 'a' }, 5],
      '[{"type":"text","text":"a"},5]',
    ],
    ['what only looks like parts', [{ type: 'text', words: 'a' }], '[{"type":"text","words":"a"}]'],
    [
      'rows with a type of their own',
      [{ type: 'invoice', total: 5 }],
      '[{"type":"invoice","total":5}]',
    ],
  ])('becomes the JSON text of %s', (_, result, content) => {
    expect(contentOf(result)).toBe(content)
  })

  it('is a string as it is, also where that is JSON, or nothing', () => {
    expect(contentOf('{"a":1}')).toBe('{"a":1}')
    expect(contentOf('')).toBe('')
  })

  it('is parts as they are', () => {
    const parts = [
      { type: 'text', text: 'A map:' },
      { type: 'image', url: 'https://example.com/map.png' },
      { type: 'image', data: 'AA==', mediaType: 'image/png' },
    ]
    expect(contentOf(parts)).toStrictEqual(parts)
    expectPlain(toolResult('call_1', parts))
  })

  it('is plain JSON, whatever JSON it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (result) => {
        const message = toolResult('call_1', result)
        expectPlain(message)
        const { content } = message
        if (typeof result !== 'string' && typeof content === 'string') {
          expect(JSON.stringify(JSON.parse(content))).toBe(JSON.stringify(result))
        }
      }),
    )
  })
})
