import { NdjsonEncoder } from '../frames/ndjson-encoder.ts'
import { DecoderStream } from './decoder-stream.ts'

/**
 * JSON texts into the bytes of newline-delimited JSON.
 *
 * @example
 * ```ts
 * import { NdjsonEncoderStream } from 'ratatoskr/streams'
 *
 * function respond(lines: ReadableStream<{ data: string }>): Response {
 *   const headers = { 'content-type': 'application/x-ndjson' }
 *   return new Response(lines.pipeThrough(new NdjsonEncoderStream()), { headers })
 * }
 * ```
 */
export class NdjsonEncoderStream extends DecoderStream<{ data: string }, Uint8Array<ArrayBuffer>> {
  constructor() {
    super(new NdjsonEncoder())
  }
}
