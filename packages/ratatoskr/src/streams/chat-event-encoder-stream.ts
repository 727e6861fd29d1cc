import type { ChatEvent } from '../event.ts'
import type { SseFrame } from '../frames/sse-encoder.ts'
import { DecoderStream } from './decoder-stream.ts'

/**
 * {@link ChatEvent}s into the frames of a format, by a dialect's `encodeReply`. Where the events
 * fail, or end without `done`, the last frame is an error of that format, and the stream closes:
 * a client of the format knows that the reply is not whole.
 *
 * @example
 * ```ts
 * import type { ChatStream } from 'ratatoskr'
 * import { openaiChat } from 'ratatoskr/dialects'
 * import { ChatEventEncoderStream, SseEncoderStream } from 'ratatoskr/streams'
 *
 * function respond(stream: ChatStream): Response {
 *   const body = stream
 *     .pipeThrough(new ChatEventEncoderStream(openaiChat.encodeReply()))
 *     .pipeThrough(new SseEncoderStream())
 *   return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
 * }
 * ```
 */
export class ChatEventEncoderStream extends DecoderStream<ChatEvent, SseFrame> {}
