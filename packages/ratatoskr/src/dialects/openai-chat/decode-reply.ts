import type { ReplyDecoder } from '../reply-decoder.ts'
import { hearAccents } from './accents.ts'
import type { Chunk } from './chunk.ts'
import { decodePlainReply, type OpenAIChatReplyOptions } from './decode-plain-reply.ts'

/**
 * Decodes a reply of OpenAI's Chat Completions, and of the many hosts that copy it: chunks of a
 * stream, or one whole `chat.completion`. Several choices: the first is followed.
 *
 * The reply is complete at `[DONE]`, or at the end of the input after a finish reason. Throws a
 * `RatatoskrError`: `truncated` where the input ends before, the provider's own error where one
 * stands in the stream.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat-streaming
 *
 * @example
 * ```ts
 * import { openaiChat } from 'ratatoskr/dialects'
 *
 * const decoder = openaiChat.decodeReply()
 * decoder.push({ choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] }, console.log)
 * decoder.push('[DONE]', console.log)
 * ```
 */
export function decodeReply(options: OpenAIChatReplyOptions = {}): ReplyDecoder<Chunk | '[DONE]'> {
  return decodePlainReply({ adapt: hearAccents(), ...options })
}
