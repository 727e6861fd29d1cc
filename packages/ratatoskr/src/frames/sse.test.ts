import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { isRatatoskrError } from '../errors.ts'
import { SseDecoder, type SseDecoderOptions, type SseEvent } from './sse.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

const message = (data: string, id = ''): SseEvent => ({ event: 'message', data, id })

interface Outcome {
  events: SseEvent[]
  /** The code of the error that ended it. */
  failure?: string
}

function decode(chunks: readonly Uint8Array[], options?: SseDecoderOptions): Outcome {
  const decoder = new SseDecoder(options)
  const events: SseEvent[] = []
  const emit = (event: SseEvent): void => {
    events.push(event)
  }
  try {
    for (const chunk of chunks) decoder.push(chunk, emit)
    decoder.end(emit)
  } catch (error) {
    if (!isRatatoskrError(error)) throw error
    return { events, failure: error.code }
  }
  return { events }
}

const decodeText = (text: string, options?: SseDecoderOptions): SseEvent[] =>
  decode([bytesOf(text)], options).events

/** Cuts at each position; where two are equal, the chunk between them is empty. */
function cut(bytes: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const sorted = positions.map((at) => at % (bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i]))
}

const empty = new Uint8Array()

/** Byte by byte, with empty chunks between; and every split in two. */
function* splitsOf(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes]
  yield Array.from(bytes, (byte) => Uint8Array.of(byte))
  yield [...Array.from(bytes, (byte) => [Uint8Array.of(byte), empty]).flat(), empty]
  for (let at = 0; at <= bytes.length; at += 1) yield cut(bytes, [at])
}

interface Case {
  name: string
  stream: string | Uint8Array
  events: SseEvent[]
}

const long = 'nutshell'.repeat(300)

// The names are those of web-platform-tests, eventsource/. Its format-mime-* are the transport's.
const cases: Case[] = [
  {
    name: 'format-bom: one at the beginning is dropped, a later one is part of the field name',
    stream: '\uFEFFdata:acorn\n\n\uFEFFdata:lost\n\ndata:beech\n\n',
    events: [message('acorn'), message('beech')],
  },
  {
    name: 'format-bom-2: of two at the beginning only the first is dropped',
    stream: '\uFEFF\uFEFFdata:lost\n\ndata:acorn\n\ndata:beech\n\n',
    events: [message('acorn'), message('beech')],
  },
  {
    name: 'format-comments: empty, long, with NUL, with a field inside, after every line end',
    stream: `data:one\r:\0\n:\r\ndata:two\n:${long}\rdata:three\n:data:never\r:${long}\ndata:four\n\n`,
    events: [message('one\ntwo\nthree\nfour')],
  },
  {
    name: 'format-data-before-final-empty-line: an event without its blank line is discarded',
    stream: 'retry:1500\ndata:whole\n\nid:cut\ndata:unfinished',
    events: [message('whole')],
  },
  {
    name: 'format-data-before-final-empty-line: also where its last line has its end',
    stream: 'data:whole\n\nid:cut\ndata:unfinished\n',
    events: [message('whole')],
  },
  {
    name: 'format-field-data: empty values, with and without a colon',
    stream: 'data:\n\ndata\ndata\n\ndata:last\n\n',
    events: [message(''), message('\n'), message('last')],
  },
  {
    name: 'format-field-event: the type is that of its event alone',
    stream: 'event:climb\ndata:up\n\ndata:down\n\n',
    events: [{ event: 'climb', data: 'up', id: '' }, message('down')],
  },
  {
    name: 'format-field-event-empty: an empty type is message',
    stream: 'event: \ndata:a\n\nevent:\ndata:b\n\nevent\ndata:c\n\n',
    events: [message('a'), message('b'), message('c')],
  },
  {
    name: 'format-field-id: any characters, and those after an ellipsis',
    stream: 'id: branch … 7\ndata:leaf\n\n',
    events: [message('leaf', 'branch … 7')],
  },
  {
    name: 'format-field-id-2: it stays for the events that follow',
    stream: 'id:…\ndata:one\n\ndata:two\n\ndata:three\n\n',
    events: [message('one', '…'), message('two', '…'), message('three', '…')],
  },
  {
    name: 'format-field-id-3: it changes, and the new one stays',
    stream: 'id: a\ndata:1\n\nid: b\ndata:2\n\ndata:3\n\n',
    events: [message('1', 'a'), message('2', 'b'), message('3', 'b')],
  },
  {
    name: 'format-field-id-3: an empty one resets it',
    stream: 'id: a\ndata:1\n\nid:\ndata:2\n\ndata:3\n\n',
    events: [message('1', 'a'), message('2'), message('3')],
  },
  {
    name: 'format-field-id-3: one without a colon resets it',
    stream: 'id: a\ndata:1\n\nid\ndata:2\n\ndata:3\n\n',
    events: [message('1', 'a'), message('2'), message('3')],
  },
  {
    name: 'format-field-id-null: one with NUL is ignored, wherever it stands',
    stream: 'id:kept\nid:\0\0\ndata:1\n\nid:a\0b\ndata:2\n\n',
    events: [message('1', 'kept'), message('2', 'kept')],
  },
  {
    name: 'format-field-parsing: names are exact, one space is dropped, NUL is a character',
    stream:
      'data:\0\ndata:  oak\rDATA:x\ndata\0:x\ndata:ash\r\0data:x\nda-ta:x\rdata_\ndata:\r\n data:x\n\n',
    events: [message('\0\n oak\nash\n')],
  },
  {
    name: 'format-field-retry: decimal digits, also with zeros before',
    stream: 'retry:03000\ndata:x\n\n',
    events: [message('x')],
  },
  {
    name: 'format-field-retry-bogus: anything but ASCII digits is ignored',
    stream: 'retry:3000\nretry:10s\nretry:-5\nretry:1e3\nretry:1.5\nretry:  9\nretry:٣\ndata:x\n\n',
    events: [message('x')],
  },
  {
    name: 'format-field-retry-empty: no value sets nothing',
    stream: 'retry\nretry:\ndata:x\n\n',
    events: [message('x')],
  },
  {
    name: 'format-field-unknown: names nobody knows, or with a space before, are ignored',
    stream: 'data:oak\n data\ndata\nbark:brown\njust some words\n:a remark\ndata:ash\n\n',
    events: [message('oak\n\nash')],
  },
  {
    name: 'format-leading-space: one space is dropped, a tab is not',
    stream: 'data:\toak\rdata: \ndata:  \ndata: ash\n\n',
    events: [message('\toak\n\n \nash')],
  },
  {
    name: 'format-newlines: all three in one event, CR LF CR at its end',
    stream: 'data:oak\r\ndata\ndata:ash\r\n\r',
    events: [message('oak\n\nash')],
  },
  {
    name: 'format-newlines: CR CR ends an event, and so do LF CR and CR LF LF',
    stream: 'data:a\r\rdata:b\n\rdata:c\r\n\ndata:d\r\n\r\n',
    events: [message('a'), message('b'), message('c'), message('d')],
  },
  {
    name: 'format-newlines: no other character ends a line',
    stream: 'data:a\u2028b\u2029c\u0085d\fe\vf\n\n',
    events: [message('a\u2028b\u2029c\u0085d\fe\vf')],
  },
  {
    name: 'format-null-character: alone as data',
    stream: 'data:\0\n\n',
    events: [message('\0')],
  },
  {
    name: 'format-utf-8: of one to four bytes, in each place',
    stream: 'event:ø…\nid:…ø\ndata:z ø … 🐿 \u{10FFFF}\n\n',
    events: [{ event: 'ø…', data: 'z ø … 🐿 \u{10FFFF}', id: '…ø' }],
  },
  {
    name: 'format-utf-8: what is none becomes U+FFFD, and ends nothing',
    stream: Uint8Array.of(...bytesOf('data:a'), 0xff, 0xe2, 0x80, ...bytesOf('b\n\ndata:c\n\n')),
    events: [message('a\uFFFD\uFFFDb'), message('c')],
  },
  {
    name: 'format-utf-8: one that the end cuts off belongs to what is discarded',
    stream: Uint8Array.of(...bytesOf('data:a\n\ndata:'), 0xf0, 0x9f, 0x90),
    events: [message('a')],
  },
  {
    name: 'event-data: blank lines before, between and after give no events',
    stream: '\n\ndata:oak\ndata:ash\n\n\n\ndata:\n\n:only a remark\n\ndata:end\n\n\n',
    events: [message('oak\nash'), message(''), message('end')],
  },
  {
    name: 'no data line, no event: its type is forgotten, its id is kept',
    stream: 'event:climb\nid:7\n\ndata:x\n\nevent:fall\n\n',
    events: [message('x', '7')],
  },
  {
    name: 'an id counts from the end of its block, also where that has no data',
    stream: 'id:1\ndata:x\n\nid:2\n\nid:3\ndata:cut',
    events: [message('x', '1')],
  },
  {
    name: 'of several types, ids and retries the last one counts',
    stream: 'event:a\nid:1\nretry:1\nevent:b\nid:2\nretry:2\ndata:x\n\n',
    events: [{ event: 'b', data: 'x', id: '2' }],
  },
  {
    name: 'a value may hold colons, and a name may be nothing but the beginning of one',
    stream: 'data:{"a":"b:c"}\ndat:x\ndatas:x\ndata :x\nd\n\n',
    events: [message('{"a":"b:c"}')],
  },
  { name: 'nothing at all', stream: '', events: [] },
  { name: 'only a byte order mark', stream: '\uFEFF', events: [] },
  { name: 'only blank lines', stream: '\n\r\r\n\n', events: [] },
]

describe('SseDecoder', () => {
  describe('decodes as the standard says, whole, byte by byte and at every split in two', () => {
    it.each(cases)('$name', ({ stream, events }) => {
      const bytes = typeof stream === 'string' ? bytesOf(stream) : stream
      for (const chunks of splitsOf(bytes)) {
        expect(decode(chunks)).toEqual({ events })
      }
    })

    const sameEnds = cases.filter(({ stream }) => typeof stream === 'string' && !/\r/.test(stream))
    it.each(sameEnds)('$name (its line ends as CR, and as CRLF)', ({ stream, ...expected }) => {
      const { events } = expected
      for (const end of ['\r', '\r\n']) {
        for (const chunks of splitsOf(bytesOf(String(stream).replaceAll('\n', end)))) {
          expect(decode(chunks)).toEqual({ events })
        }
      }
    })
  })

  it('emits an event at once when its blank line is there, also where a CR ends it', () => {
    for (const end of ['\n', '\r', '\r\n']) {
      const events: SseEvent[] = []
      const decoder = new SseDecoder()
      decoder.push(bytesOf(`data:now${end}${end}`), (event) => events.push(event))
      expect(events).toEqual([message('now')])
    }
  })

  it('gives each chunk of a push to the sink of that push', () => {
    const decoder = new SseDecoder()
    const first: SseEvent[] = []
    const second: SseEvent[] = []
    decoder.push(bytesOf('data:a\n\ndata:b\n'), (event) => first.push(event))
    decoder.push(bytesOf('\n'), (event) => second.push(event))
    expect([first, second]).toEqual([[message('a')], [message('b')]])
  })

  it('agrees with the standard, read line by line, on any stream in any chunks', () => {
    fc.assert(
      fc.property(streams, positions, (text, cuts) => {
        expect(decode(cut(bytesOf(text), cuts))).toEqual(standard(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('agrees with the standard on any bytes, also those that are not UTF-8', () => {
    const alphabet = Array.from('data:id \r\n\0', (character) => character.charCodeAt(0))
    const byte = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...alphabet) },
      { weight: 1, arbitrary: fc.constantFrom(0xef, 0xbb, 0xbf, 0xe2, 0x80, 0xa6, 0xf0, 0xff) },
      { weight: 1, arbitrary: fc.nat(255) },
    )
    const field = fc.constantFrom('data:', 'id:', 'event:', 'retry:', 'data', '\n', '\r\n', '\r')
    const piece = fc.oneof(
      field.map((name) => [...bytesOf(name)]),
      fc.array(byte, { maxLength: 6 }),
    )
    const stream = fc
      .array(piece, { maxLength: 20 })
      .map((pieces) => Uint8Array.from(pieces.flat()))
    fc.assert(
      fc.property(stream, positions, (bytes, cuts) => {
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
        expect(decode(cut(bytes, cuts))).toEqual(standard(text))
      }),
      { numRuns: 2000 },
    )
  })

  describe('with keepDiscarded', () => {
    const kept = { keepDiscarded: true }
    const unfinished = (data: string, event = 'message', id = ''): SseEvent => ({
      event,
      data,
      id,
      unfinished: true,
    })
    const stray = (data: string, id = ''): SseEvent => ({ event: 'message', data, id, stray: true })

    it.each<[string, string, SseEvent[]]>([
      ['an event cut before its blank line', 'data:a\n\ndata:b\n', [message('a'), unfinished('b')]],
      ['one cut before the end of its line', 'data: {"a":1}', [unfinished('{"a":1}')]],
      ['one cut after CR', 'data:a\r', [unfinished('a')]],
      ['one cut between two data lines', 'data:a\ndata:b', [unfinished('a\nb')]],
      ['one cut after its colon', 'data:', [unfinished('')]],
      ['one cut in the name of its next field', 'data:a\ndat', [unfinished('a')]],
      ['its type and id', 'id:7\nevent:climb\ndata:a\n', [unfinished('a', 'climb', '7')]],
      ['nothing after a whole event', 'data:a\n\n', [message('a')]],
      ['nothing of a block without data', 'data:a\n\nevent:x\nid:1\n', [message('a')]],
      ['nothing of a cut comment', ': remark', []],
      ['nothing of a cut name', 'dat', []],
      ['nothing of nothing', '', []],
    ])('keeps what the end cuts off: %s', (_, stream, events) => {
      for (const chunks of splitsOf(bytesOf(stream))) {
        expect(decode(chunks, kept).events).toEqual(events)
      }
    })

    it.each<[string, string, SseEvent[]]>([
      ['on one line', '{"error":1}\n\n', [stray('{"error":1}')]],
      ['on one line without its end', '{"error":1}', [stray('{"error":1}')]],
      ['in an array', '[{"error":1}]\n', [stray('[{"error":1}]')]],
      [
        'over several lines',
        '{\n  "error": {\n    "message": "no",\n    "code": 5\n  }\n}\n',
        [stray('{\n  "error": {\n    "message": "no",\n    "code": 5\n  }\n}')],
      ],
      [
        'over several lines that end in CRLF',
        '{\r\n"error": 1\r\n}\r\n',
        [stray('{\n"error": 1\n}')],
      ],
      ['over several lines that end in CR', '{\r"error": 1\r}\r', [stray('{\n"error": 1\n}')]],
      ['over two lines, then cut', '{\n"error": {"mess', [stray('{\n"error": {"mess')]],
      [
        'between two events',
        'data:a\n\n{"error":1}\n\ndata:b\n\n',
        [message('a'), stray('{"error":1}'), message('b')],
      ],
      ['twice', '{"a":1}\n\n{"b":2}\n\n', [stray('{"a":1}'), stray('{"b":2}')]],
      [
        'before the event of its own block',
        'id:7\n{"error":1}\ndata:a\n\n',
        [stray('{"error":1}', '7'), message('a', '7')],
      ],
      [
        'before an unfinished event',
        '{"error":1}\ndata:a',
        [stray('{"error":1}'), unfinished('a')],
      ],
    ])('keeps JSON that stands outside of any field: %s', (_, stream, events) => {
      for (const chunks of splitsOf(bytesOf(stream))) {
        expect(decode(chunks, kept).events).toEqual(events)
      }
    })

    it.each([
      ['words', 'upstream connect error\n\n'],
      ['a page', '<!doctype html>\n<html>\n</html>\n\n'],
      ['a comment with JSON', ':{"error":1}\n\n'],
      ['a field with JSON', 'error:{"error":1}\n\n'],
    ])('keeps nothing else that stands outside: %s', (_, stream) => {
      expect(decodeText(stream, kept)).toEqual([])
    })

    it('keeps none of it when it was not asked to', () => {
      expect(decodeText('{"error":1}\n\ndata:a\n\ndata:b')).toEqual([message('a')])
    })

    it('leaves everything unmarked as it is without', () => {
      fc.assert(
        fc.property(streams, positions, (text, cuts) => {
          const chunks = cut(bytesOf(text), cuts)
          const more = decode(chunks, kept)
          const marked = more.events.filter((event) => event.unfinished || event.stray)
          const plain = more.events.filter((event) => !event.unfinished && !event.stray)
          expect(plain).toEqual(standard(text).events)
          expect(decode([bytesOf(text)], kept)).toEqual(more)
          expect(marked.filter((event) => event.unfinished).length).toBeLessThanOrEqual(1)
        }),
        { numRuns: 1000 },
      )
    })
  })

  describe('refuses what passes maxEventSize', () => {
    /** The smallest limit that takes each stream: its line's units and the data kept before it. */
    const sizes: [string, string, number][] = [
      ['one line', 'data: squirrel\n\n', 14],
      ['one line without its end', 'data: squirrel', 14],
      ['units of UTF-16, not bytes', 'data:…ø🐿\n\n', 9],
      // Each line that is kept counts 32 more: it takes memory also where it is empty.
      ['a second line, beside what the first one left', 'data:acorn\ndata:oak\n\n', 50],
      ['a line that is no data, beside the data', 'data:acorn\nevent:climb\n\n', 53],
      ['a comment', ': remark\n\n', 8],
      ['an unknown field', 'bark: brown\n\n', 11],
      ['a line among shorter ones', 'data:a\n\ndata:acorn\n\ndata:b\n\n', 10],
      ['a line that ends in CRLF, whose end does not count', 'data:oak\r\n\r\n', 8],
    ]

    it.each(sizes)('takes exactly its size, at any split: %s', (_, stream, size) => {
      for (const chunks of splitsOf(bytesOf(stream))) {
        expect(decode(chunks, { maxEventSize: size })).not.toHaveProperty('failure')
        expect(decode(chunks, { maxEventSize: size - 1 })).toHaveProperty('failure', 'too_large')
      }
    })

    it('fails with the same events before it, however the bytes are split', () => {
      fc.assert(
        fc.property(
          streams,
          positions,
          fc.integer({ min: 1, max: 40 }),
          (text, cuts, maxEventSize) => {
            const options = { maxEventSize }
            const bytes = bytesOf(text)
            expect(decode(cut(bytes, cuts), options)).toEqual(decode([bytes], options))
          },
        ),
        { numRuns: 2000 },
      )
    })

    it('counts each event alone: many small ones pass', () => {
      const stream = 'data:acorn\n\n'.repeat(1000)
      expect(decode([bytesOf(stream)], { maxEventSize: 10 }).events).toHaveLength(1000)
    })

    it('fails while the line still grows, not at its end', () => {
      const decoder = new SseDecoder({ maxEventSize: 1024 })
      const chunk = bytesOf('x'.repeat(256))
      const push = (): void => {
        decoder.push(chunk, () => {})
      }
      for (let i = 0; i < 4; i += 1) push()
      expect(push).toThrow(expect.objectContaining({ code: 'too_large' }))
    })

    it('says the limit, and nothing of what it has read', () => {
      const decoder = new SseDecoder({ maxEventSize: 8 })
      const error = thrownBy(() => {
        decoder.push(bytesOf('data: confidential\n\n'), () => {})
      })
      expect(isRatatoskrError(error) && error.code).toBe('too_large')
      expect(String(error)).toMatch(/\b8\b/)
      expect(String(error)).not.toContain('confidential')
    })

    it('takes an event of 16 MiB, in chunks of 1 KiB, without any limit given', () => {
      const chunk = bytesOf('x'.repeat(1024))
      const decoder = new SseDecoder()
      const events: SseEvent[] = []
      const emit = (event: SseEvent): void => {
        events.push(event)
      }
      decoder.push(bytesOf('data: '), emit)
      for (let i = 0; i < 16 * 1024; i += 1) decoder.push(chunk, emit)
      decoder.push(bytesOf('\n\n'), emit)
      decoder.end(emit)
      expect(events).toHaveLength(1)
      expect(events[0]?.data.length).toBe(16 * 1024 * 1024)
    })
  })

  describe('goes through each character a few times only', () => {
    const size = 1024 * 1024
    const lines = (line: string): string => line.repeat(Math.floor(size / line.length))
    it.each<[string, string, number, number]>([
      ['one long line in small chunks', `data: ${'x'.repeat(size)}\n\n`, 1024, 1],
      ['one long line that is no data, in small chunks', `note: ${'x'.repeat(size)}\n\n`, 1024, 0],
      ['a long comment in small chunks', `:${'x'.repeat(size)}\n\n`, 1024, 0],
      ['one event of many lines in small chunks', `${lines('data: nut\n')}\n`, 64, 1],
      ['one event of many lines in one chunk', `${lines('data: nut\n')}\n`, size * 2, 1],
      ['many events in one chunk', lines('data: nuts\n\n\n\n\n\n'), size * 2, size / 16],
      ['many events that end in CRLF', lines('data: nuts\r\n\r\n\r\n'), size * 2, size / 16],
      ['JSON outside of any field, in small chunks', `{\n${lines('"nut": 1,\n')}}\n\n`, 64, 1],
    ])('%s', (_, stream, step, expected) => {
      const bytes = bytesOf(stream)
      const chunks: Uint8Array[] = []
      for (let at = 0; at < bytes.length; at += step) chunks.push(bytes.subarray(at, at + step))
      const decoder = new SseDecoder({ keepDiscarded: true })
      let events = 0
      const emit = (): void => {
        events += 1
      }
      const work = countWork(step, () => {
        for (const chunk of chunks) decoder.push(chunk, emit)
        decoder.end(emit)
      })
      expect(events).toBe(expected)
      expect(work.bytes).toBe(bytes.length)
      // To search again what is already known, at each chunk or line, would be hundreds.
      expect(work.characters / bytes.length).toBeLessThan(24)
    })
  })
})

/** The standard's steps, over the whole text at once (HTML, 9.2.6). */
function standard(text: string): Outcome {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  // What follows the last line end is no line.
  lines.pop()
  const events: SseEvent[] = []
  let lastEventId = ''
  let data = ''
  let type = ''
  let idBuffer = ''
  for (const line of lines) {
    if (line === '') {
      lastEventId = idBuffer
      if (data !== '') {
        events.push({ event: type || 'message', data: data.replace(/\n$/, ''), id: lastEventId })
      }
      data = ''
      type = ''
      continue
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? []
    if (field === 'event') type = value
    if (field === 'data') data += `${value}\n`
    if (field === 'id' && !value.includes('\0')) idBuffer = value
  }
  return { events }
}

const value = fc.oneof(
  fc.constantFrom('', ' ', 'acorn', '  oak', '{"a":1}', 'a:b', 'ø…🐿', '\0', '\uFEFF', '250'),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('data', 'event', 'id', 'retry', 'Data', ' data', '', 'note'),
        fc.constantFrom(':', ': '),
        value,
      )
      .map((parts) => parts.join('')),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('data', 'id', 'event', 'retry', ':', '{', '{"error":1}', '}', '[1]'),
  },
  { weight: 5, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: value },
)
const streams = fc
  .record({
    mark: fc.constantFrom('', '', '\uFEFF', '\uFEFF\uFEFF'),
    lines: fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 16 }),
    rest: fc.oneof(fc.constant(''), line),
  })
  .map(({ mark, lines, rest }) => mark + lines.flat().join('') + rest)
const positions = fc.array(fc.nat(200), { maxLength: 12 })

function thrownBy(work: () => void): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return undefined
}

/**
 * Counts what a decoder does instead of timing it: the bytes that are decoded, and the characters
 * that its string methods go through. A call on a string longer than a chunk counts as its whole
 * length, because an engine copies a concatenation when it is read; on a shorter one only searches
 * count.
 */
function countWork(chunkSize: number, work: () => void): { bytes: number; characters: number } {
  let characters = 0
  const undo: (() => void)[] = []
  const watch = (
    owner: object,
    name: string,
    cost: (self: unknown, args: unknown[], result: unknown) => number,
  ): void => {
    const before = Object.getOwnPropertyDescriptor(owner, name)
    const original: unknown = before?.value
    if (before === undefined || typeof original !== 'function') throw new Error(`no ${name}`)
    Object.defineProperty(owner, name, {
      ...before,
      value(this: unknown, ...args: unknown[]): unknown {
        const result: unknown = Reflect.apply(original, this, args)
        characters += cost(this, args, result)
        return result
      },
    })
    undo.push(() => Object.defineProperty(owner, name, before))
  }
  const length = (self: unknown): number => String(self).length
  const ifLong = (self: unknown): number => (length(self) > chunkSize ? length(self) : 0)
  const decoding = vi.spyOn(TextDecoder.prototype, 'decode')
  for (const name of ['slice', 'substring', 'startsWith', 'endsWith', 'at', 'codePointAt']) {
    watch(String.prototype, name, ifLong)
  }
  for (const name of ['split', 'replace', 'replaceAll', 'match', 'search', 'trim', 'lastIndexOf']) {
    watch(String.prototype, name, length)
  }
  for (const name of ['indexOf', 'includes']) {
    watch(String.prototype, name, (self, [, from], found) => {
      if (length(self) > chunkSize) return length(self)
      const begin = typeof from === 'number' ? from : 0
      return typeof found === 'number' && found !== -1 ? found - begin : length(self) - begin
    })
  }
  watch(RegExp.prototype, 'test', (_, [text]) => ifLong(text))
  try {
    work()
  } finally {
    for (const restore of undo) restore()
  }
  const bytes = decoding.mock.calls.reduce((sum, [input]) => sum + (input?.byteLength ?? 0), 0)
  decoding.mockRestore()
  return { bytes, characters }
}
