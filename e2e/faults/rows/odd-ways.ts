import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { piecesOf } from '../../../packages/ratatoskr/test/chunkings.ts'
import { encode } from '../wire.ts'
import { endless, flushed, start, stream, whole } from './answers.ts'
import type { Fault } from './fault.ts'

/** A reply that comes in an odd way, but whole. */
export const oddWays: readonly Fault[] = [
  {
    name: 'a byte at a time',
    async answer(connection, wire) {
      await start(connection, wire)
      for (const byte of piecesOf(wire.body, 1)) {
        await connection.chunk(byte)
        // Without a pause the system would join them.
        await new Promise(setImmediate)
      }
      await connection.lastChunk()
    },
    outcome: 'done',
  },
  {
    name: 'in one piece with chunks of one byte, extensions and trailers',
    async answer(connection, wire) {
      await start(connection, wire)
      const chunks = [...wire.body].map((byte) =>
        Buffer.from([0x31, 0x3b, 0x61, 13, 10, byte, 13, 10]),
      )
      await connection.write(Buffer.concat(chunks))
      await connection.write('0\r\nx-trailer: yes\r\n\r\n')
    },
    outcome: 'done',
  },
  ...Object.entries({ gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }).map(
    ([name, pack]): Fault => ({
      name: `packed with ${name}`,
      async answer(connection, wire) {
        await start(connection, wire, { 'content-encoding': name })
        for (const piece of piecesOf(pack(wire.body), 7)) await connection.chunk(piece)
        await connection.lastChunk()
      },
      outcome: 'done',
    }),
  ),
  {
    name: 'gzip without its end, behind the terminal event',
    async answer(connection, wire) {
      await start(connection, wire, { 'content-encoding': 'gzip' })
      await connection.chunk(flushed(wire.body))
      await connection.lastChunk()
    },
    outcome: 'done',
  },
  {
    name: 'after 103 Early Hints',
    async answer(connection, wire) {
      await connection.write('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n')
      await stream(connection, wire, wire.body)
    },
    outcome: 'done',
  },
  {
    name: 'by HTTP/1.0, ended by closing',
    async answer(connection, { dialect, body }) {
      await connection.write(`HTTP/1.0 200 OK\r\ncontent-type: ${dialect.contentType}\r\n\r\n`)
      await connection.write(body)
      connection.close()
    },
    outcome: 'done',
  },
  {
    name: 'after a redirect',
    async answer(connection, wire, request) {
      if (request > 1) await stream(connection, wire, wire.body)
      else await whole(connection, { location: '/moved' }, '', '308 Permanent Redirect')
    },
    outcome: 'done',
    requests: 2,
  },
  {
    name: 'a byte order mark first',
    answer: (connection, wire) =>
      stream(connection, wire, Buffer.concat([encode('\uFEFF'), wire.body])),
    outcome: 'done',
    but: { binary: 'opening protocol' },
  },
  {
    name: 'the terminal event twice',
    async answer(connection, wire) {
      const ends = wire.dialect.boundaries(wire.body)
      const last = wire.body.subarray(ends.at(-2), ends.at(-1))
      await start(connection, wire)
      await connection.chunk(wire.body.subarray(0, ends.at(-1)))
      await connection.chunk(last)
      await connection.chunk(last)
      await connection.lastChunk()
    },
    outcome: 'done',
    // There the reply ends with the body, and its last event has a call.
    only: ({ dialect }) => !dialect.endsWithBody,
  },
  {
    name: 'the whole reply twice',
    answer: (connection, wire) => stream(connection, wire, Buffer.concat([wire.body, wire.body])),
    outcome: 'done',
    only: ({ dialect }) => !dialect.endsWithBody,
  },
  {
    name: 'garbage behind the terminal event, and then silence',
    async answer(connection, wire) {
      await start(connection, wire)
      await connection.chunk(wire.body)
      await connection.chunk(encode('data: }{\n\n}{\n'))
    },
    outcome: 'done',
    only: ({ dialect }) => !dialect.endsWithBody,
  },
  {
    name: 'garbage behind the last chunk',
    async answer(connection, wire) {
      await stream(connection, wire, wire.body)
      await connection.write('HTTP/1.1 200 OK\r\n\r\ngarbage')
    },
    outcome: 'done',
  },
  {
    name: 'endless data behind the terminal event',
    async answer(connection, wire) {
      await start(connection, wire)
      await connection.chunk(wire.body)
      await endless(connection, new Uint8Array(65_536).fill(0x20), 4096)
      if (!connection.isClosed) throw new Error('The client has read it all')
    },
    outcome: 'done',
    only: ({ dialect }) => !dialect.endsWithBody,
  },
  {
    name: 'reset behind the terminal event',
    async answer(connection, wire) {
      const [last] = wire.dialect.boundaries(wire.body).slice(-1)
      await start(connection, wire)
      await connection.chunk(wire.body.subarray(0, last))
      // What had no need of the end of the body is told before.
      await connection.seen(wire.whole.length - 2)
      connection.reset()
    },
    outcome: 'done',
  },
  {
    name: 'closed too early for its length, behind the terminal event',
    async answer(connection, { dialect, body }) {
      const length = `${body.length + 1000}`
      await connection.head({ 'content-type': dialect.contentType, 'content-length': length })
      await connection.write(body)
      connection.close()
    },
    outcome: 'done',
  },
  {
    name: 'more bytes than its length',
    async answer(connection, { dialect, body }) {
      await whole(connection, { 'content-type': dialect.contentType }, body)
      await connection.write('garbage\r\n\r\n')
    },
    outcome: 'done',
  },
]
