import { crc32 } from '../../../packages/ratatoskr/src/frames/crc32.ts'
import { encode, rewritten, withFields, withText, type Wire } from '../wire.ts'
import { begin, deep, endless, mebibyte, start, stream } from './answers.ts'
import type { Fault } from './fault.ts'

/** An event that begins with a text and never ends; binary ones say how long they will be. */
function beginningOf({ framing }: Wire, text: string, size = 2 ** 26): Uint8Array {
  if (framing === 'events') return encode(`data: {"x":"${text}`)
  if (framing !== 'binary') return encode(`{"x":"${text}`)
  const bytes = new Uint8Array(12 + text.length).fill(0x78)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, size)
  view.setUint32(4, 0)
  view.setUint32(8, crc32(bytes.subarray(0, 8)))
  return bytes
}

const isBinary = ({ framing }: Wire): boolean => framing === 'binary'
const isText = (wire: Wire): boolean => !isBinary(wire)
/** Its arguments are an object, not a text. */
const hasObjects = ({ name }: Wire): boolean => /gemini|ollama/.test(name)
const hasTexts = (wire: Wire): boolean => !hasObjects(wire)

const prototypes =
  '"__proto__":{"polluted":true,"text":"evil"},"constructor":{"prototype":{"polluted":true}},"toString":1,"valueOf":1'

/** Bytes that no service means to send. */
export const oddBytes: readonly Fault[] = [
  {
    name: 'a text of 10 MB in one event',
    answer: (connection, wire) =>
      stream(connection, wire, withText(wire, 'x'.repeat(10 * mebibyte))),
    outcome: 'done',
    text: `Żółw — 松鼠 ${'x'.repeat(10 * mebibyte)}`,
  },
  {
    name: '10 MB without a newline, and then the end',
    async answer(connection, wire) {
      await start(connection, wire)
      await connection.chunk(wire.begin)
      await connection.chunk(beginningOf(wire, 'x'.repeat(10 * mebibyte)))
      await connection.lastChunk()
    },
    outcome: 'reading truncated',
  },
  {
    name: 'an event beyond a limit of 1 KiB',
    async answer(connection, wire) {
      await start(connection, wire)
      await connection.chunk(wire.begin)
      await connection.seen(wire.begun.length)
      await connection.chunk(beginningOf(wire, 'x'.repeat(1025)))
    },
    outcome: 'reading too_large',
    maxEventSize: 1024,
  },
  {
    name: 'an event beyond the limit of 64 Mi, which is not read to its end',
    async answer(connection, wire) {
      await start(connection, wire)
      await connection.chunk(wire.begin)
      await connection.seen(wire.begun.length)
      await connection.chunk(beginningOf(wire, 'x', 2 ** 26 + 1))
      await endless(connection, new Uint8Array(mebibyte).fill(0x78), 100)
      if (!connection.isClosed) throw new Error('The client has read it all')
    },
    outcome: 'reading too_large',
  },
  {
    name: 'more than maxResponseBytes',
    answer: (connection, wire) => stream(connection, wire, withText(wire, 'x'.repeat(100_000))),
    outcome: 'reading too_large',
    isEarly: true,
    options: { maxResponseBytes: 100_000 },
  },
  {
    name: 'invalid UTF-8 in a text',
    answer: (connection, wire) => {
      const bytes = Buffer.from(wire.body)
      for (let at = bytes.indexOf('🐿️!'); at >= 0; at = bytes.indexOf('🐿️!')) bytes[at + 1] = 0xff
      return stream(connection, wire, bytes)
    },
    outcome: 'done',
    // The first byte of four is no character, nor are the two that are left of it.
    text: 'Żółw — 松鼠 \uFFFD\uFFFD\uFFFD\uFFFD\uFE0F!',
    only: isText,
  },
  {
    name: 'a byte of a message changed, so that its checksum is wrong',
    answer: async (connection, wire) => {
      const bytes = Buffer.from(wire.body)
      bytes[wire.begin.length + 60] = 0xff
      await begin(connection, wire)
      await connection.chunk(bytes.subarray(wire.begin.length))
    },
    outcome: 'reading protocol',
    only: isBinary,
  },
  {
    name: 'invalid UTF-8 between the events',
    answer: async (connection, wire) => {
      await begin(connection, wire)
      await connection.chunk(Uint8Array.of(0xff, 0xfe, 0x80, 0x0a, 0x0a))
      await connection.chunk(wire.rest)
      await connection.lastChunk()
    },
    // The standard ignores fields that it does not know.
    outcome: 'done',
    but: { lines: 'reading protocol', binary: 'reading protocol' },
  },
  {
    name: 'NUL bytes between the events',
    answer: async (connection, wire) => {
      await begin(connection, wire)
      await connection.chunk(encode('\0\0\0\0\0\0\0\0\0\0\0\0\n\n'))
      await connection.chunk(wire.rest)
      await connection.lastChunk()
    },
    outcome: 'done',
    but: { lines: 'reading protocol', binary: 'reading protocol' },
  },
  {
    name: 'NUL bytes inside of an event',
    answer: async (connection, wire) => {
      await begin(connection, wire)
      const { framing } = wire
      await connection.chunk(
        encode(
          {
            events: 'data: {"\0":1}\n\n',
            lines: '{"\0":1}\n',
            array: '{"\0":1}',
            binary: '\0'.repeat(16),
          }[framing],
        ),
      )
    },
    outcome: 'reading protocol',
  },
  {
    name: 'NUL, escaped, in a text',
    answer: (connection, wire) => stream(connection, wire, withText(wire, '\\u0000!')),
    outcome: 'done',
    text: 'Żółw — 松鼠 \0!',
  },
  {
    name: 'half of a surrogate pair, escaped, in a text',
    answer: (connection, wire) => stream(connection, wire, withText(wire, '\\ud83d!')),
    outcome: 'done',
    text: 'Żółw — 松鼠 \ud83d!',
    // Bytes of a message are made of texts, in which it has no place.
    only: ({ name }) => name !== 'bedrock',
  },
  {
    name: '100,000 levels in a field that nobody knows',
    answer: (connection, wire) =>
      stream(connection, wire, withFields(wire, `"x":${deep(100_000)}`)),
    outcome: 'done',
    text: 'Żółw — 松鼠 🐿️!',
    only: ({ name }) => name !== 'bedrock',
  },
  {
    name: 'the same, passed through',
    answer: (connection, wire) =>
      stream(connection, wire, withFields(wire, `"x":${deep(100_000)}`)),
    outcome: 'done',
    text: 'Żółw — 松鼠 🐿️!',
    options: { includeProviderEvents: true },
    only: ({ name }) => name !== 'bedrock',
  },
  {
    name: '100,000 levels in the text of arguments',
    answer: (connection, wire) =>
      stream(
        connection,
        wire,
        rewritten(wire, (json) => json.replaceAll('1}"', () => `${deep(100_000)}}"`)),
      ),
    outcome: 'done',
    text: 'Żółw — 松鼠 🐿️!',
    only: hasTexts,
  },
  {
    name: '100,000 levels in the object of arguments, which no text can be made of',
    answer: (connection, wire) =>
      stream(
        connection,
        wire,
        rewritten(wire, (json) => json.replace('"x":1', () => `"x":${deep(100_000)}`)),
      ),
    outcome: 'reading protocol',
    isEarly: true,
    only: hasObjects,
  },
  {
    name: 'keys that are those of a prototype, in a chunk',
    answer: (connection, wire) => stream(connection, wire, withFields(wire, prototypes)),
    outcome: 'done',
    text: 'Żółw — 松鼠 🐿️!',
  },
  {
    name: 'the same, passed through',
    answer: (connection, wire) => stream(connection, wire, withFields(wire, prototypes)),
    outcome: 'done',
    text: 'Żółw — 松鼠 🐿️!',
    options: { includeProviderEvents: true },
  },
  {
    name: 'keys that are those of a prototype, in every object',
    answer: (connection, wire) =>
      stream(
        connection,
        wire,
        rewritten(wire, (json) => json.replaceAll(/\{(?=")/g, `{${prototypes},`)),
      ),
    outcome: 'done',
    text: 'Żółw — 松鼠 🐿️!',
    only: isText,
  },
]
