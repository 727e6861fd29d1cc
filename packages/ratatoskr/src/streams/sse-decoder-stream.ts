import { SseDecoder, type SseDecoderOptions, type SseEvent } from '../frames/sse.ts'
import { DecoderStream } from './decoder-stream.ts'

/**
 * Bytes into server-sent events, by the letter of the HTML standard. Errors the stream with code
 * `too_large` when one event passes its limit.
 *
 * With `keepDiscarded` it also passes on, marked, what the standard discards; a chain that is to
 * give the same events as the gateway needs that.
 *
 * @example
 * ```ts
 * import { SseDecoderStream } from 'ratatoskr/streams'
 *
 * function read(response: Response) {
 *   return response.body?.pipeThrough(new SseDecoderStream())
 * }
 * ```
 */
export class SseDecoderStream extends DecoderStream<Uint8Array, SseEvent> {
  constructor(options?: SseDecoderOptions) {
    super(new SseDecoder(options))
  }
}
