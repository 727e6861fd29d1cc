import type { ChatResponse } from '../../response.ts'
import type { ReplyEncoderOptions } from '../reply-encoder.ts'
import {
  encodeCall,
  encodeCitations,
  encodeImage,
  encodeUsage,
  finishWord,
  replyHead,
} from './reply-fields.ts'

/**
 * Encodes a whole reply as Gemini's `generateContent` answers. The id and the model are the reply's
 * own where the options give none.
 *
 * A refusal is content, for it has no field. Left out: calls that were cut off, custom tool calls,
 * and the places of sources.
 *
 * Format: https://ai.google.dev/api/generate-content
 *
 * @example
 * ```ts
 * import { collect } from 'ratatoskr'
 * import { gemini } from 'ratatoskr/dialects'
 *
 * const response = await collect([
 *   { type: 'content', text: 'Hi' },
 *   { type: 'done', finishReason: 'stop' },
 * ])
 * console.log(JSON.stringify(gemini.encodeResponse(response, { model: 'my-model' })))
 * ```
 */
export function encodeResponse(
  response: ChatResponse,
  options: ReplyEncoderOptions = {},
): { [field: string]: unknown } {
  const { content, reasoning, refusal, toolCalls, citations = [], images = [] } = response
  const text = content + (refusal ?? '')
  const parts = [
    ...(reasoning ? [{ text: reasoning, thought: true }] : []),
    ...(text ? [{ text }] : []),
    ...images.map(encodeImage),
    ...toolCalls.flatMap(({ id, name, arguments: input, kind }) =>
      kind === 'custom' ? [] : [encodeCall(id, name, input)],
    ),
  ]
  return {
    candidates: [
      {
        content: { parts, role: 'model' },
        finishReason: finishWord(response.finishReason, response.rawFinishReason),
        index: 0,
        ...encodeCitations(citations),
      },
    ],
    ...encodeUsage(response.usage),
    modelVersion: options.model ?? response.model ?? '',
    ...replyHead({ id: options.id ?? response.id }),
  }
}
