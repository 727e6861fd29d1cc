import type { ToolCall } from '../../message.ts'
import type { ChatResponse } from '../../response.ts'
import type { OpenAIChatEncoderOptions } from './encode-reply.ts'
import {
  detailsOf,
  encodeCitation,
  encodeImage,
  encodeUsage,
  finishWord,
  replyHead,
} from './reply-fields.ts'

/**
 * Encodes a whole reply as a `chat.completion`, as OpenAI answers a request without `stream`. The
 * id and the model are the reply's own where the options give none.
 *
 * Calls that were cut off are left out, and citations without `url`.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat/object
 *
 * @example
 * ```ts
 * import { collect } from 'ratatoskr'
 * import { openaiChat } from 'ratatoskr/dialects'
 *
 * const response = await collect([
 *   { type: 'content', text: 'Hi' },
 *   { type: 'done', finishReason: 'stop' },
 * ])
 * console.log(JSON.stringify(openaiChat.encodeResponse(response, { model: 'my-model' })))
 * ```
 */
export function encodeResponse(
  response: ChatResponse,
  options: OpenAIChatEncoderOptions = {},
): { [field: string]: unknown } {
  const { content, reasoning, refusal, toolCalls, citations, images, usage } = response
  const { created, reasoningField = 'reasoning_content' } = options
  const annotations = (citations ?? []).map(encodeCitation).filter(Boolean)
  const details = detailsOf(response.message.continuation)
  const message = {
    role: 'assistant',
    content: content || (toolCalls[0] || refusal ? null : ''),
    refusal: refusal || null,
    ...(reasoning && { [reasoningField]: reasoning }),
    ...(details && { reasoning_details: details }),
    ...(toolCalls[0] && { tool_calls: toolCalls.map(encodeCall) }),
    ...(annotations[0] && { annotations }),
    ...(images?.[0] && { images: images.map(encodeImage) }),
  }
  return {
    ...replyHead({ id: options.id ?? response.id, created }, 'chat.completion'),
    model: options.model ?? response.model ?? '',
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        finish_reason: finishWord(response.finishReason, response.rawFinishReason),
      },
    ],
    ...(usage && { usage: encodeUsage(usage) }),
  }
}

function encodeCall({ id, name, arguments: input, kind }: ToolCall): { [field: string]: unknown } {
  if (kind === 'custom') return { id, type: kind, custom: { name, input } }
  return { id, type: 'function', function: { name, arguments: input.trim() ? input : '{}' } }
}
