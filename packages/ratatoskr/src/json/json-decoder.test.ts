import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRatatoskrError, type RatatoskrError } from '../errors.ts'
import type { TextFrame } from '../frames/text-frame.ts'
import { JsonDecoder, type FrameFormat } from './json-decoder.ts'

interface Tree {
  branches?: { leaf?: { nuts?: number; name?: string } }[]
  height?: string
  error?: unknown
}
const format: FrameFormat<Tree, '[END]'> = {
  shape: { branches: [{ leaf: { nuts: 'number', name: 'string' } }], height: 'string' },
  sentinel: '[END]',
}

function decode(...frames: (string | TextFrame)[]): unknown[] {
  const decoder = new JsonDecoder(format)
  const values: unknown[] = []
  const emit = (value: unknown): void => {
    values.push(value)
  }
  for (const frame of frames) {
    decoder.push(typeof frame === 'string' ? { data: frame } : frame, emit)
  }
  decoder.end()
  return values
}

function failureOf(...frames: (string | TextFrame)[]): RatatoskrError {
  try {
    decode(...frames)
  } catch (error) {
    if (isRatatoskrError(error)) return error
    throw error
  }
  throw new Error(`decoded ${JSON.stringify(frames)}`)
}

describe('JsonDecoder', () => {
  it('emits the value of each frame, in order, as it was parsed', () => {
    expect(decode('{"height":"tall"}', ' {"branches":[{"leaf":null}]}\n', '{"other":[1]}')).toEqual(
      [{ height: 'tall' }, { branches: [{ leaf: null }] }, { other: [1] }],
    )
  })

  it('emits what came before a frame that fails', () => {
    const decoder = new JsonDecoder(format)
    const values: unknown[] = []
    decoder.push({ data: '{"height":"tall"}' }, (value) => values.push(value))
    expect(() => {
      decoder.push({ data: '{"height":' }, (value) => values.push(value))
    }).toThrow()
    expect(values).toEqual([{ height: 'tall' }])
  })

  it('ignores blank frames, with which some hosts keep a connection alive', () => {
    expect(decode('', ' ', '\r\n', '{}')).toEqual([{}])
  })

  it('takes an error out of an array, and nothing else', () => {
    const error = { error: { message: 'no nuts' } }
    expect(
      decode('[]', '[1,{"height":"tall"}]', JSON.stringify([{ height: 'tall' }, error])),
    ).toEqual([error])
  })

  it('takes it out of each of several arrays that are alike', () => {
    const errors = ['a', 'b', 'c', 'd'].map((message) => ({ error: { message } }))
    expect(decode(...errors.map((error) => JSON.stringify([error])))).toEqual(errors)
  })

  it.each<[string, string]>([
    ['of another type', '{"height":5}'],
    ['that is none', '{"height":"c}'],
  ])('still refuses a value %s, behind others that were alike', (_, data) => {
    expect(failureOf('{"height":"a"}', '{"height":"b"}', data).code).toBe('protocol')
  })

  it('emits nothing at the end', () => {
    const decoder = new JsonDecoder(format)
    decoder.push({ data: '{}' }, () => {})
    expect(() => {
      decoder.end()
    }).not.toThrow()
  })

  describe('the sentinel', () => {
    it('is emitted as it is, also with spaces around it, and where its event is unfinished', () => {
      expect(decode('[END]', ' [END]\r', { data: '[END]', unfinished: true })).toEqual([
        '[END]',
        '[END]',
        '[END]',
      ])
    })

    it.each(['[end]', '[END', '[END][END]', '[END]]', '[ENDS]'])('is nothing else: %s', (data) => {
      expect(failureOf(data).code).toBe('protocol')
    })

    it('as a string of JSON is one like any other', () => {
      expect(failureOf('"[END]"').code).toBe('protocol')
    })

    it('is none where the format has none', () => {
      const decoder = new JsonDecoder({ shape: format.shape })
      expect(() => {
        decoder.push({ data: '[END]' }, () => {})
      }).toThrow(expect.objectContaining({ code: 'protocol' }))
    })
  })

  describe('an unfinished frame', () => {
    const unfinished = (data: string): TextFrame => ({ data, unfinished: true })

    it('is taken where it is whole', () => {
      expect(decode(unfinished('{"height":"tall"}'))).toEqual([{ height: 'tall' }])
    })

    it('is dropped where it is cut, at whatever character', () => {
      const text = '{"branches":[{"leaf":{"nuts":-1.5e3,"name":"é\\n"}}],"error":null}'
      for (let at = 0; at < text.length; at += 1) {
        expect(decode(unfinished(text.slice(0, at)))).toEqual([])
      }
    })
  })

  describe('a stray frame', () => {
    const stray = (data: string): TextFrame => ({ data, stray: true })

    it.each([
      ['an error', '{"error":{"message":"no nuts"}}\n'],
      ['an error that is a string', '{"error":"no nuts"}\n'],
      ['an error over several lines', '{\n  "error": {\n    "code": 5\n  }\n}\n'],
      ['an error in an array', '[{"error":{"message":"no nuts"}}]\n'],
    ])('is taken where it holds %s', (_, data) => {
      // An error in an array comes without it.
      const value: unknown = [JSON.parse(data)].flat()
      expect(decode(stray(data))).toEqual(value)
    })

    it.each([
      ['another object', '{"height":"tall"}\n'],
      ['an array', '[1,2]\n'],
      ['an object of the wrong shape', '{"height":1}\n'],
      ['what is not JSON', '{nuts\n'],
      ['a cut error', '{"error":{"mess\n'],
    ])('is dropped where it holds %s', (_, data) => {
      expect(decode(stray(data), '{}')).toEqual([{}])
    })
  })

  describe('its errors', () => {
    it('have code protocol, are not worth a retry, and count the events from 1', () => {
      const error = failureOf('{}', '', '[END]', 'nuts')
      expect(error.code).toBe('protocol')
      expect(error.retryable).toBe(false)
      expect(error.message).toContain('event 4')
    })

    // Where V8 says it. Others say it in other words, or quote the payload instead.
    it.each([
      ['{"height":"tall",}', 17],
      ['{"height" "tall"}', 10],
      ['{"height":"tall"', 16],
      ['{"height":"ta\u0001ll"}', 13],
      ['{"height":"tall"} {', 18],
    ])('tell the position of what is not JSON: %j', (data, position) => {
      expect(failureOf(data).message).toMatch(new RegExp(`not JSON, at \\w+ ${position}\\b`))
    })

    it('tell no position but one between what was read and the end', () => {
      fc.assert(
        fc.property(damaged, ({ text }) => {
          const { message } = failureOf(text)
          expect(message).toContain('not JSON')
          const [, position] = /, at \w+ (\d+)/.exec(message) ?? []
          if (position === undefined) return
          expect(Number(position)).toBeGreaterThanOrEqual(wholeTokens(text))
          expect(Number(position)).toBeLessThanOrEqual(text.length)
        }),
      )
    })

    it.each([
      ['{"height":5}', 'height'],
      ['{"height":["low"]}', 'height'],
      ['{"branches":{"leaf":1}}', 'branches'],
      ['{"branches":[{},{"leaf":1}]}', 'branches.1.leaf'],
      ['{"branches":[{"leaf":{"nuts":"5"}}]}', 'branches.0.leaf.nuts'],
      ['{"branches":[{},{},{"leaf":{"name":[]}}]}', 'branches.2.leaf.name'],
    ])('name the field of the wrong kind: %s', (data, field) => {
      const { code, message } = failureOf(data)
      expect(code).toBe('protocol')
      expect(message).toMatch(new RegExp(`\\b${field} is `))
    })

    it.each(['5', '"nuts"', 'null', 'true'])('refuse a value that is no object: %s', (data) => {
      expect(failureOf(data).code).toBe('protocol')
    })

    it('never hold anything of the payload, wherever it stands', () => {
      fc.assert(
        fc.property(fc.oneof(damaged, misshapen), ({ text, secret }) => {
          const error = failureOf('{}', text)
          const everything = [error.message, String(error), error.stack, JSON.stringify(error)]
          expect(everything.join('\n')).not.toContain(secret)
          expect(error.cause).toBeUndefined()
        }),
        { numRuns: 1000 },
      )
    })

    it('stay short, also for a payload of a mebibyte', () => {
      const long = 'x'.repeat(1024 * 1024)
      for (const text of [long, `{"${long}`, `{"height":{"${long}":1}}`, '['.repeat(1e6)]) {
        expect(failureOf(text).message.length).toBeLessThan(300)
      }
    })
  })
})

/** No word of it occurs in a message by chance. */
const secret = fc
  .tuple(fc.constantFrom('sk-', 'zq', 'Öl'), fc.nat(1e9).map(String), fc.constantFrom('', 'x', '…'))
  .map(([before, figure, after]) => `${before}qj${figure}kx${after}`)

/** JSON that holds a secret in a key or a value, and was then broken. */
const damaged = secret
  .chain((hidden) => {
    const value = fc.constantFrom<unknown>(
      { [hidden]: 1 },
      { height: hidden, branches: [{ leaf: { name: hidden } }] },
      { height: 'tall', [hidden]: [hidden, { [hidden]: null }] },
      [hidden, 1, true],
      hidden,
    )
    const spaces = fc.constantFrom(0, 2)
    return fc.record({
      secret: fc.constant(hidden),
      json: fc.tuple(value, spaces).map(([each, space]) => JSON.stringify(each, null, space)),
      at: fc.nat(),
      how: fc.constantFrom('cut', 'drop', 'x', '"', '}', '\u0001', '\\', '{', ',', ' 1'),
    })
  })
  .map(({ secret: hidden, json, at, how }) => {
    const i = at % json.length
    const rest = json.slice(i)
    const tail = how === 'cut' ? '' : how === 'drop' ? rest.slice(1) : how + rest
    return { secret: hidden, text: json.slice(0, i) + tail }
  })
  .filter(({ text }) => text.trim() !== '' && !isJson(text))

/** JSON that holds a secret, of a shape that the schema refuses. */
const misshapen = secret.chain((hidden) =>
  fc
    .constantFrom<unknown>(
      hidden,
      { height: { [hidden]: hidden } },
      { height: [hidden] },
      { height: Number(hidden.replace(/\D/g, '')) },
      { branches: hidden },
      { branches: { [hidden]: 1 } },
      { branches: [{ leaf: hidden }] },
      { [hidden]: hidden, branches: [{ [hidden]: 1, leaf: { nuts: hidden } }] },
    )
    .map((value) => ({ secret: hidden, text: JSON.stringify(value) })),
)

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** How far a text is JSON: the most whole tokens that a rest could make valid, in characters. */
function wholeTokens(text: string): number {
  for (let at = text.length; at > 0; at -= 1) {
    const before = text.slice(0, at)
    const open = closersOf(before)
    const rests = ['', 'null', ':null', '"k":null']
    if (rests.some((rest) => isJson(`${before} ${rest}${open}`))) return at
  }
  return 0
}

/** The brackets that are still open, closed; those inside of strings do not count. */
function closersOf(text: string): string {
  const open: string[] = []
  for (const mark of text.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/[[\]{}]/g) ?? []) {
    if (mark === '[' || mark === '{') open.unshift(mark === '[' ? ']' : '}')
    else open.shift()
  }
  return open.join('')
}
