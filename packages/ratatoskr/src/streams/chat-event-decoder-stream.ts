import type { ReplyDecoder } from '../dialects/reply-decoder.ts'
import type { ChatEvent } from '../event.ts'
import { DecoderStream } from './decoder-stream.ts'

/**
 * A provider's JSON into {@link ChatEvent}s, by a dialect's `decodeReply`. The stream closes after
 * `done`, and cancels what is piped into it. It errors with code `truncated` where the reply is
 * cut off, and with the provider's own error where one stands in the stream.
 *
 * @example
 * ```ts
 * import { openaiChat } from 'ratatoskr/dialects'
 * import { ChatEventDecoderStream, JsonDecoderStream, SseDecoderStream } from 'ratatoskr/streams'
 *
 * function read(response: Response) {
 *   return response.body
 *     ?.pipeThrough(new SseDecoderStream({ keepDiscarded: true }))
 *     .pipeThrough(new JsonDecoderStream(openaiChat.frame))
 *     .pipeThrough(new ChatEventDecoderStream(openaiChat.decodeReply()))
 * }
 * ```
 */
export class ChatEventDecoderStream<Chunk> extends DecoderStream<Chunk, ChatEvent> {
  constructor(reply: ReplyDecoder<Chunk>) {
    super(reply, () => reply.phase === 'done')
  }
}
