import type { TextFrame } from '../frames/text-frame.ts'
import { JsonDecoder, type FrameFormat } from '../json/json-decoder.ts'
import { DecoderStream } from './decoder-stream.ts'

/**
 * Frames into a provider's JSON, checked. Errors the stream with code `protocol` where a frame is
 * not JSON or not of the dialect's shape.
 *
 * @example
 * ```ts
 * import { openaiChat } from 'ratatoskr/dialects'
 * import { JsonDecoderStream, SseDecoderStream } from 'ratatoskr/streams'
 *
 * function read(response: Response) {
 *   return response.body
 *     ?.pipeThrough(new SseDecoderStream())
 *     .pipeThrough(new JsonDecoderStream(openaiChat.frame))
 * }
 * ```
 */
export class JsonDecoderStream<Chunk, Sentinel extends string = never> extends DecoderStream<
  TextFrame,
  Chunk | Sentinel
> {
  constructor(format: FrameFormat<Chunk, Sentinel>) {
    super(new JsonDecoder(format))
  }
}
