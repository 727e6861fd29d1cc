import type { ChatResponse } from '../../response.ts'
import { encodeCall, replyEnd, replyHead, type OllamaEncoderOptions } from './reply-fields.ts'

/**
 * Encodes a whole reply as Ollama answers a request with `stream: false`. The model is the reply's
 * own where the options give none.
 *
 * A refusal is content where there is no other. Left out: calls that were cut off, custom tool
 * calls, citations and images.
 *
 * Format: https://docs.ollama.com/api/chat
 *
 * @example
 * ```ts
 * import { collect } from 'ratatoskr'
 * import { ollama } from 'ratatoskr/dialects'
 *
 * const response = await collect([
 *   { type: 'content', text: 'Hi' },
 *   { type: 'done', finishReason: 'stop' },
 * ])
 * console.log(JSON.stringify(ollama.encodeResponse(response, { model: 'squirrel:8b' })))
 * ```
 */
export function encodeResponse(
  response: ChatResponse,
  options: OllamaEncoderOptions = {},
): { [field: string]: unknown } {
  const { content, refusal = '', reasoning, usage, finishReason, rawFinishReason } = response
  const calls = response.toolCalls.filter(({ kind }) => kind !== 'custom')
  return {
    ...replyHead(options, options.model ?? response.model ?? ''),
    message: {
      role: 'assistant',
      content: content || refusal,
      ...(reasoning && { thinking: reasoning }),
      ...(calls[0] && {
        tool_calls: calls.map(({ id, name, arguments: text }, i) => encodeCall(i, id, name, text)),
      }),
    },
    ...replyEnd(finishReason, rawFinishReason, usage),
  }
}
