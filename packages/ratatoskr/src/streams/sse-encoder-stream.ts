import { SseEncoder, type SseFrame } from '../frames/sse-encoder.ts'
import { DecoderStream } from './decoder-stream.ts'

/**
 * Events into the bytes of an event stream. A string is written as a comment, which keeps a
 * connection alive.
 *
 * @example
 * ```ts
 * import { SseEncoderStream } from 'ratatoskr/streams'
 *
 * function respond(events: ReadableStream<{ data: string }>): Response {
 *   const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' }
 *   return new Response(events.pipeThrough(new SseEncoderStream()), { headers })
 * }
 * ```
 */
export class SseEncoderStream extends DecoderStream<SseFrame | string, Uint8Array<ArrayBuffer>> {
  constructor() {
    super(new SseEncoder())
  }
}
