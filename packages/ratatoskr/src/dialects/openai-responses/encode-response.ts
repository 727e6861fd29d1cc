import type { ChatResponse } from '../../response.ts'
import { randomLetters } from '../random-letters.ts'
import {
  encodeCall,
  encodeCitation,
  encodeEnd,
  encodeImage,
  encodeReasoning,
  encodeText,
  encodeUsage,
  replyDefaults,
  replyHead,
  type OpenAIResponsesEncoderOptions,
} from './reply-fields.ts'

type Json = { [field: string]: unknown }

/**
 * Encodes a whole reply as OpenAI's Responses answer a request without `stream`. The id and the
 * model are the reply's own where the options give none.
 *
 * Left out: calls that were cut off, images without data, and citations without a source.
 *
 * Format: https://platform.openai.com/docs/api-reference/responses/object
 *
 * @example
 * ```ts
 * import { collect } from 'ratatoskr'
 * import { openaiResponses } from 'ratatoskr/dialects'
 *
 * const response = await collect([
 *   { type: 'content', text: 'Hi' },
 *   { type: 'done', finishReason: 'stop' },
 * ])
 * console.log(JSON.stringify(openaiResponses.encodeResponse(response, { model: 'my-model' })))
 * ```
 */
export function encodeResponse(
  response: ChatResponse,
  options: OpenAIResponsesEncoderOptions = {},
): Json {
  const { content, reasoning, refusal, toolCalls, citations = [], images = [] } = response
  const annotations = citations.flatMap((citation): Json[] => {
    const annotation = encodeCitation(citation, 0)
    return annotation ? [annotation] : []
  })
  const parts = [
    ...(content || annotations[0] ? [encodeText(content, annotations)] : []),
    ...(refusal ? [{ type: 'refusal', refusal }] : []),
  ]
  const message = {
    type: 'message',
    id: `msg_${randomLetters(24)}`,
    role: 'assistant',
    status: 'completed',
    content: parts,
  }
  return {
    ...replyHead({ id: options.id ?? response.id, created: options.created }),
    model: options.model ?? response.model ?? '',
    ...replyDefaults,
    ...encodeEnd(response.finishReason, response.rawFinishReason),
    output: [
      ...(reasoning ? [encodeReasoning(`rs_${randomLetters(24)}`, reasoning)] : []),
      ...images.flatMap((image) => encodeImage(image) ?? []),
      ...(parts[0] ? [message] : []),
      ...toolCalls.map(encodeCall),
    ],
    ...encodeUsage(response.usage),
  }
}
