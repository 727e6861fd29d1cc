import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { assistant, system, toolResult, user, type Message } from '../../message.ts'
import { encodeMessages } from './encode-messages.ts'

type Json = { [field: string]: unknown }

/** As it goes over the wire. What it is made of is frozen: it stays as it is. */
function encode(...messages: readonly Message[]): { system: Json[]; turns: Json[] } {
  const made = encodeMessages(deepFreeze(structuredClone(messages)))
  return JSON.parse(JSON.stringify(made)) as { system: Json[]; turns: Json[] }
}

const turns = (...messages: readonly Message[]): Json[] => encode(...messages).turns
const text = (words: string): Json => ({ type: 'text', text: words })

const contentOf = (turn: Json | undefined): Json[] => (turn?.['content'] ?? []) as Json[]

/** The block that one part of a user's message becomes. */
const part = (input: Parameters<typeof user>[0][number]): unknown => {
  const [turn] = turns(user([input]))
  return contentOf(turn)[0]
}

const call = (id: string, input = '{}'): { id: string; name: string; arguments: string } => ({
  id,
  name: 'f',
  arguments: input,
})
const base64 = (words: string): string => Buffer.from(words).toString('base64')

describe('turns', () => {
  test('a plain conversation', () => {
    expect(encode(system('Be brief.'), user('Hello'), assistant('Hi'), user('Bye'))).toStrictEqual({
      system: [text('Be brief.')],
      turns: [
        { role: 'user', content: [text('Hello')] },
        { role: 'assistant', content: [text('Hi')] },
        { role: 'user', content: [text('Bye')] },
      ],
    })
  })

  test('instructions stand at the top, wherever they were', () => {
    expect(encode(user('a'), system('b'), user('c'), system('d'))).toStrictEqual({
      system: [text('b'), text('d')],
      turns: [{ role: 'user', content: [text('a'), text('c')] }],
    })
  })

  test('neighbours of one role are one turn', () => {
    expect(
      turns(user('a'), user(['b', 'c']), assistant('d'), assistant('e'), user('f')),
    ).toStrictEqual([
      { role: 'user', content: [text('a'), text('b'), text('c')] },
      { role: 'assistant', content: [text('d'), text('e')] },
      { role: 'user', content: [text('f')] },
    ])
  })

  test('empty texts are left out, and turns of nothing with them', () => {
    expect(encode(system(''), user(''), user(['', 'a']), assistant(''), user('b'))).toStrictEqual({
      system: [],
      turns: [{ role: 'user', content: [text('a'), text('b')] }],
    })
  })

  test('an assistant’s text of white space alone is refused by the format, and left out', () => {
    expect(turns(user('a'), assistant(' \n'), assistant('b'))).toStrictEqual([
      { role: 'user', content: [text('a')] },
      { role: 'assistant', content: [text('b')] },
    ])
  })

  test('what is only shown is not sent', () => {
    const message: Message = {
      role: 'assistant',
      content: 'a',
      reasoning: 'secret',
      refusal: 'secret',
      images: [{ mediaType: 'image/png', data: 'secret' }],
    }
    expect(turns(message)).toStrictEqual([{ role: 'assistant', content: [text('a')] }])
  })

  test('never two of one role in a row, and never one without content', () => {
    const message = fc.oneof(
      fc.string({ maxLength: 3 }).map(system),
      fc.string({ maxLength: 3 }).map(user),
      fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }).map(user),
      fc
        .tuple(fc.string({ maxLength: 3 }), fc.boolean())
        .map(([words, calls]) => assistant(words, calls ? [call('a')] : [])),
      fc.string({ maxLength: 3 }).map((words) => toolResult('a', words)),
    )
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        const made = turns(...messages)
        for (const [at, turn] of made.entries()) {
          expect((turn['content'] as unknown[]).length).toBeGreaterThan(0)
          expect(turn['role']).not.toBe(made[at + 1]?.['role'])
        }
      }),
    )
  })
})

describe('calls and results', () => {
  test('the results of parallel calls are one turn', () => {
    expect(
      turns(
        user('a'),
        assistant('b', [call('c', '{"x":[1,{"y":null}]}'), call('d', '')]),
        toolResult('c', { z: 1 }),
        toolResult('d', 'broken', { isError: true }),
        user('e'),
      ).slice(1),
    ).toMatchObject([
      {
        role: 'assistant',
        content: [
          text('b'),
          { type: 'tool_use', id: 'c', name: 'f', input: { x: [1, { y: null }] } },
          { type: 'tool_use', id: 'd', name: 'f', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'c' },
          { type: 'tool_result', tool_use_id: 'd', is_error: true },
          text('e'),
        ],
      },
    ])
  })

  const result = (...args: Parameters<typeof toolResult>): Json => {
    const [turn] = turns(toolResult(...args))
    return contentOf(turn)[0] ?? {}
  }

  test('a result is text, or parts', () => {
    // The format takes a text, or a list of blocks.
    const texts = (content: unknown): unknown =>
      typeof content === 'string' ? [text(content)] : content
    expect(texts(result('a', 'words')['content'])).toEqual([text('words')])
    expect(texts(result('a', { x: 1 })['content'])).toEqual([text('{"x":1}')])
    expect(
      result('a', [
        { type: 'text', text: 'b' },
        { type: 'image', url: 'https://a.example' },
      ])['content'],
    ).toEqual([text('b'), { type: 'image', source: { type: 'url', url: 'https://a.example' } }])
    expect(result('a', 'b')['is_error']).not.toBe(true)
  })

  test('an empty result is one', () => {
    expect(result('a', '')).toMatchObject({ type: 'tool_result', tool_use_id: 'a' })
    expect([undefined, '', []]).toContainEqual(result('a', '')['content'])
  })

  test('a custom call is one with a field `input`', () => {
    const custom = { id: 'a', name: 'sql', arguments: 'SELECT "x"', kind: 'custom' as const }
    expect(turns(assistant('', [custom]))).toStrictEqual([
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'a', name: 'sql', input: { input: 'SELECT "x"' } }],
      },
    ])
  })

  test('ids are of letters, digits, _ and -, and fit together', () => {
    const sent = ['functions.f:0', 'functions.f:1', 'call|1', '松鼠']
    const [assistantTurn, userTurn] = turns(
      assistant(
        '',
        sent.map((id) => call(id)),
      ),
      ...sent.map((id) => toolResult(id, '')),
    )
    const made = contentOf(assistantTurn).map(({ id }) => id)
    for (const id of made) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/)
    expect(new Set(made).size).toBe(sent.length)
    expect(contentOf(userTurn).map(({ tool_use_id: id }) => id)).toEqual(made)
  })

  test.each(['{', 'not JSON', '{"a":'])(
    'arguments that are no JSON are refused: %s',
    async (args) => {
      const error = await caught(() => encode(assistant('', [call('a', args)])))
      expect(error.code).toBe('invalid_request')
      expect(error.message).not.toContain(args)
    },
  )
})

describe('images and documents', () => {
  const png = { mediaType: 'image/png', data: 'aGVsbG8=' }
  const pngSource = { type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' }
  const pdf = { mediaType: 'application/pdf', data: 'aGVsbG8=' }
  const pdfSource = { type: 'base64', media_type: 'application/pdf', data: 'aGVsbG8=' }
  const plain = (data: string): Json => ({ type: 'text', media_type: 'text/plain', data })
  const url = 'https://a.example/b'

  test.each<[string, Parameters<typeof part>[0], Json]>([
    [
      'an image by its address',
      { type: 'image', url },
      { type: 'image', source: { type: 'url', url } },
    ],
    [
      'an image in base64',
      { type: 'image', ...png, detail: 'high' },
      { type: 'image', source: pngSource },
    ],
    [
      'an image in bytes',
      { type: 'image', data: new TextEncoder().encode('hello'), mediaType: 'image/png' },
      { type: 'image', source: pngSource },
    ],
    [
      'an image in a data: URL',
      { type: 'image', url: 'data:image/png;base64,aGVsbG8=' },
      { type: 'image', source: pngSource },
    ],
    ['an image given as a file', { type: 'file', ...png }, { type: 'image', source: pngSource }],
    ['a PDF in base64', { type: 'file', ...pdf }, { type: 'document', source: pdfSource }],
    [
      'a PDF in a data: URL',
      { type: 'file', url: 'data:application/pdf;base64,aGVsbG8=' },
      { type: 'document', source: pdfSource },
    ],
    [
      'a document by its address',
      { type: 'file', url },
      { type: 'document', source: { type: 'url', url } },
    ],
    [
      'its name, and citations of it',
      { type: 'file', ...pdf, filename: 'a.pdf', citations: true },
      { type: 'document', source: pdfSource, title: 'a.pdf', citations: { enabled: true } },
    ],
    [
      'a text in UTF-8',
      { type: 'file', mediaType: 'text/plain', data: base64('Żółw — 松鼠 🐿️') },
      { type: 'document', source: plain('Żółw — 松鼠 🐿️') },
    ],
    [
      'a text of another kind',
      { type: 'file', mediaType: 'text/csv; charset=utf-8', data: base64('a,b') },
      { type: 'document', source: plain('a,b') },
    ],
    [
      'a text in a data: URL',
      { type: 'file', url: `data:text/markdown;charset=utf-8;base64,${base64('# 松鼠')}` },
      { type: 'document', source: plain('# 松鼠') },
    ],
  ])('%s', (_, input, expected) => {
    expect(part(input)).toStrictEqual(expected)
  })

  test.each(['audio/wav', 'application/zip', 'application/json', 'video/mp4'])(
    'a file of %s is refused by its name',
    async (mediaType) => {
      const error = await caught(() => part({ type: 'file', mediaType, data: 'aGVsbG8=' }))
      expect(error.code).toBe('unsupported')
      expect(error.message).toContain(mediaType)
      expect(error.message).not.toContain('aGVsbG8=')
    },
  )

  test.each(['%%%', 'a', 'abcde', '____', '=', 'a===', '🐿️'])(
    'a text whose data is no base64 is refused: %s',
    async (data) => {
      const error = await caught(() => part({ type: 'file', mediaType: 'text/plain', data }))
      expect(error.code).toBe('invalid_request')
      expect(error.message).not.toContain(data === '=' || data === 'a' ? 'no such text' : data)
    },
  )

  test('any text comes through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (words) => {
        const whole = words.replace(/[\uD800-\uDFFF]/gu, '').replace(/^\uFEFF/, '')
        if (!whole) return
        const data = Buffer.from(whole).toString('base64')
        expect(part({ type: 'file', mediaType: 'text/plain', data })).toStrictEqual({
          type: 'document',
          source: plain(whole),
        })
      }),
    )
  })
})
