import { begin, flushed, start, stream } from './answers.ts'
import type { Fault } from './fault.ts'

/** A reply that breaks off. */
export const cuts: readonly Fault[] = [
  {
    name: 'reset before the first event',
    async answer(connection, wire) {
      await start(connection, wire)
      connection.reset()
    },
    outcome: 'opening network',
    // Node 20 takes it for the end of an empty body.
    or: 'opening truncated',
  },
  {
    name: 'closed before the first event',
    async answer(connection, wire) {
      await start(connection, wire)
      connection.close()
    },
    outcome: 'opening network',
    or: 'opening truncated',
  },
  {
    name: 'ended before the first event',
    async answer(connection, wire) {
      await start(connection, wire)
      await connection.lastChunk()
    },
    outcome: 'opening truncated',
  },
  {
    name: 'reset between two events',
    async answer(connection, wire) {
      await begin(connection, wire)
      connection.reset()
    },
    outcome: 'reading truncated',
  },
  {
    name: 'reset in the middle of an event',
    async answer(connection, wire) {
      await begin(connection, wire, 20)
      connection.reset()
    },
    outcome: 'reading truncated',
  },
  {
    name: 'closed between two events, without the end of the chunks',
    async answer(connection, wire) {
      await begin(connection, wire)
      connection.close()
    },
    outcome: 'reading truncated',
  },
  {
    name: 'closed in the middle of an event',
    async answer(connection, wire) {
      await begin(connection, wire, 20)
      connection.close()
    },
    outcome: 'reading truncated',
  },
  {
    name: 'ended in order between two events, without the terminal one',
    answer: (connection, wire) => stream(connection, wire, wire.begin),
    outcome: 'reading truncated',
  },
  {
    name: 'ended in order in the middle of an event',
    answer: (connection, wire) =>
      stream(connection, wire, wire.body.subarray(0, wire.begin.length + 20)),
    outcome: 'reading truncated',
  },
  {
    name: 'silence before the first event',
    answer: start,
    outcome: 'opening timeout',
    timeouts: { firstEvent: 30 },
  },
  {
    name: 'silence before the first byte',
    answer: start,
    outcome: 'opening timeout',
    timeouts: { idle: 30 },
  },
  {
    name: 'silence in the middle of an event',
    answer: (connection, wire) => begin(connection, wire, 20),
    outcome: 'reading timeout',
    timeouts: { idle: 500 },
  },
  {
    name: 'a chunk of no size',
    async answer(connection, wire) {
      await begin(connection, wire)
      await connection.write('zz\r\nx\r\n')
    },
    outcome: 'reading truncated',
  },
  {
    name: 'a chunk of an endless size',
    async answer(connection, wire) {
      await begin(connection, wire)
      await connection.write(`${'f'.repeat(40)}\r\nx\r\n`)
    },
    outcome: 'reading truncated',
  },
  {
    name: 'a length that is too long',
    async answer(connection, { dialect, begin: bytes, begun }) {
      const length = `${bytes.length + 1000}`
      await connection.head({ 'content-type': dialect.contentType, 'content-length': length })
      await connection.write(bytes)
      await connection.seen(begun.length)
      connection.close()
    },
    outcome: 'reading truncated',
  },
  {
    name: 'a length that is too short',
    answer: async (connection, { dialect, body, begin: bytes }) => {
      const length = `${bytes.length}`
      await connection.head({ 'content-type': dialect.contentType, 'content-length': length })
      await connection.write(body)
    },
    outcome: 'reading truncated',
  },
  {
    name: 'gzip, flushed after the first events, then cut off',
    async answer(connection, wire) {
      await start(connection, wire, { 'content-encoding': 'gzip' })
      await connection.chunk(flushed(wire.begin))
      await connection.seen(wire.begun.length)
      await connection.lastChunk()
    },
    outcome: 'reading truncated',
  },
  {
    name: 'gzip, damaged after the first events',
    async answer(connection, wire) {
      await start(connection, wire, { 'content-encoding': 'gzip' })
      await connection.chunk(flushed(wire.begin))
      await connection.seen(wire.begun.length)
      await connection.chunk(new Uint8Array(1000).fill(0xff))
    },
    outcome: 'reading truncated',
  },
  {
    name: 'gzip, damaged after the first events, and the end with it',
    async answer(connection, wire) {
      await start(connection, wire, { 'content-encoding': 'gzip' })
      await connection.chunk(flushed(wire.begin))
      await connection.seen(wire.begun.length)
      await connection.write(`1\r\n\xff\r\n0\r\n\r\n`)
    },
    outcome: 'reading truncated',
    // Node 20 tells nobody.
    or: 'reading timeout',
    timeouts: { idle: 500 },
  },
  {
    name: 'gzip that is none',
    async answer(connection, wire) {
      await start(connection, wire, { 'content-encoding': 'gzip' })
      await connection.chunk(wire.body)
      await connection.lastChunk()
    },
    outcome: 'opening network',
  },
]
