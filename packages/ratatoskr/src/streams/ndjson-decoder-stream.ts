import { NdjsonDecoder } from '../frames/ndjson.ts'
import type { FrameLimits, TextFrame } from '../frames/text-frame.ts'
import { DecoderStream } from './decoder-stream.ts'

/**
 * Bytes into the lines of newline-delimited JSON. Errors the stream with code `too_large` when
 * one line passes its limit.
 *
 * @example
 * ```ts
 * import { NdjsonDecoderStream } from 'ratatoskr/streams'
 *
 * function read(response: Response) {
 *   return response.body?.pipeThrough(new NdjsonDecoderStream())
 * }
 * ```
 */
export class NdjsonDecoderStream extends DecoderStream<Uint8Array, TextFrame> {
  constructor(options?: FrameLimits) {
    super(new NdjsonDecoder(options))
  }
}
