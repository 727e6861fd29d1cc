import type { ChatResponse } from '../../response.ts'
import type { ReplyEncoderOptions } from '../reply-encoder.ts'
import { blocksOf, keptOf } from './continuation.ts'
import { encodeCall } from './encode-messages.ts'
import { encodeCitation, encodeUsage, replyHead, stopReason } from './reply-fields.ts'

/**
 * Encodes a whole reply as Anthropic answers a request that asks for no stream. Signed thinking and
 * the blocks of server tools are written where the reply's `message` has a continuation of this
 * dialect; otherwise its reasoning, without a signature. Citations stand with the text. The text of a custom
 * call becomes the field `input` of an object. Left out: images and cost.
 *
 * Format: https://platform.claude.com/docs/en/api/messages
 *
 * @example
 * ```ts
 * import type { ChatResponse } from 'ratatoskr'
 * import { anthropic } from 'ratatoskr/dialects'
 *
 * const answer = (response: ChatResponse) => Response.json(anthropic.encodeResponse(response))
 * ```
 */
export function encodeResponse(
  response: ChatResponse,
  { id = response.id, model = response.model ?? '' }: ReplyEncoderOptions = {},
): { [field: string]: unknown } {
  const { reasoning, citations = [], refusal, message } = response
  const content = blocksOf({ ...message, toolCalls: response.toolCalls }, (call) => ({
    ...encodeCall(call),
    id: call.id,
  }))
  if (citations[0] && !content.some((block) => block['citations'])) {
    let text = content.find(({ type }) => type === 'text')
    if (!text) content.push((text = { type: 'text', text: '' }))
    text['citations'] = citations.map(encodeCitation)
  }
  if (reasoning && !content.some(({ type }) => type === 'thinking')) {
    content.unshift({ type: 'thinking', thinking: reasoning, signature: '' })
  }
  const { container } = keptOf(message)
  return {
    ...replyHead(id, model),
    content,
    ...(container !== undefined && { container: { id: container } }),
    stop_reason: stopReason(response.finishReason, response.rawFinishReason, refusal),
    ...(refusal && { stop_details: { type: 'refusal', category: null, explanation: refusal } }),
    usage: encodeUsage(response.usage),
  }
}
