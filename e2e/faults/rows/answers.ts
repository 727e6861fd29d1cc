import { constants, gzipSync } from 'node:zlib'
import type { Connection } from '../fault-server.ts'
import type { Wire } from '../wire.ts'

/** What a network sends in place of a reply. */
export const page =
  '<!doctype html><html><title>Sign in</title><p>Sign in to the network.</p></html>'
export const mebibyte = 2 ** 20

/** The head of a stream, in chunks. */
export function start(connection: Connection, { dialect }: Wire, fields = {}): Promise<void> {
  return connection.head({
    'content-type': dialect.contentType,
    'transfer-encoding': 'chunked',
    ...fields,
  })
}

/** A whole stream of these bytes. */
export async function stream(connection: Connection, wire: Wire, bytes: Uint8Array): Promise<void> {
  await start(connection, wire)
  await connection.chunk(bytes)
  await connection.lastChunk()
}

/** A whole body with any head. */
export async function whole(
  connection: Connection,
  fields: { readonly [name: string]: string },
  body: string | Uint8Array,
  status = '200 OK',
): Promise<void> {
  await connection.head({ 'content-length': `${Buffer.byteLength(body)}`, ...fields }, status)
  await connection.write(body)
}

/** The first events, and then, once they were read. */
export async function begin(connection: Connection, wire: Wire, more = 0): Promise<void> {
  await start(connection, wire)
  await connection.chunk(wire.body.subarray(0, wire.begin.length + more))
  await connection.seen(wire.begun.length)
}

/** Anything, bare, until the client has enough. */
export async function endless(
  connection: Connection,
  bytes: Uint8Array,
  times: number,
): Promise<void> {
  for (let i = 0; i < times && !connection.isClosed; i += 1) await connection.chunk(bytes)
}

/** Arrays in each other, as JSON. */
export function deep(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

/** What a server has packed when it flushes: it can be unpacked, and is no whole file. */
export function flushed(bytes: Uint8Array): Uint8Array {
  return gzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
}
