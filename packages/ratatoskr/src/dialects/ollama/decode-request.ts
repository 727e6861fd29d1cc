import { isRecord } from '../../json/shape.ts'
import type { ChatOptions } from '../../options.ts'
import type { DecodedRequest } from '../decoded-request.ts'
import { readBody, refuse } from '../request-body.ts'
import { decodeMessages } from './decode-messages.ts'
import type { OllamaEncoderOptions } from './reply-fields.ts'
import { request, thinkLevel } from './request-schema.ts'

/**
 * Decodes a client's request to Ollama's `/api/chat`, its JSON already parsed, into what
 * `gateway.chatStream` takes. Without `stream` the client wants one, as Ollama has it.
 *
 * A field that has no unified form stands in `extra` as it was sent, model options such as
 * `num_ctx` in its `options`: give it as `providerOptions` where the request goes to a provider of
 * this dialect, and nothing is lost.
 *
 * Throws a `RatatoskrError` with code `invalid_request` that names the place.
 *
 * Format: https://docs.ollama.com/api/chat
 *
 * @example
 * ```ts
 * import { ollama } from 'ratatoskr/dialects'
 *
 * const { messages, options, extra } = ollama.decodeRequest({
 *   model: 'squirrel:8b',
 *   messages: [{ role: 'user', content: 'Hello' }],
 *   keep_alive: '10m',
 * })
 * console.log(messages.length, options.model, Object.keys(extra))
 * ```
 */
export function decodeRequest(body: unknown): DecodedRequest<OllamaEncoderOptions> {
  const { model, messages, stream, think, format, tools, options, ...others } = readBody(
    request,
    body,
  )
  const { temperature, top_p, top_k, num_predict, stop, seed, ...more } = options ?? {}
  const { frequency_penalty, presence_penalty, ...unknown } = more
  // Below 0 it is no number of tokens: without end, or to fill the context.
  const isCount = num_predict != null && num_predict > 0
  const own = { ...unknown, ...(num_predict != null && !isCount && { num_predict }) }
  return {
    messages: decodeMessages(messages),
    options: {
      model,
      ...(tools?.[0] && {
        tools: tools.map(({ function: { name, description, parameters } }) => ({
          name,
          ...(description != null && { description }),
          ...(parameters != null && { parameters }),
        })),
      }),
      ...(temperature != null && { temperature }),
      ...(top_p != null && { topP: top_p }),
      ...(top_k != null && { topK: top_k }),
      ...(isCount && { maxTokens: num_predict }),
      ...(stop != null && { stop }),
      ...(seed != null && { seed }),
      // 0 is what a host does without them; those that have none need not refuse it.
      ...(frequency_penalty && { frequencyPenalty: frequency_penalty }),
      ...(presence_penalty && { presencePenalty: presence_penalty }),
      ...decodeThink(think),
      ...decodeFormat(format),
    },
    stream: stream ?? true,
    extra: { ...others, ...(Object.keys(own)[0] && { options: own }) },
    reply: { model },
  }
}

function decodeThink(sent: unknown): Pick<ChatOptions, 'reasoning'> {
  if (sent == null) return {}
  if (sent === true) return { reasoning: {} }
  if (sent === false) return { reasoning: { effort: 'none' } }
  return { reasoning: { effort: readBody(thinkLevel, sent, 'think') } }
}

function decodeFormat(sent: unknown): Pick<ChatOptions, 'responseFormat'> {
  if (sent == null || sent === '') return {}
  if (sent === 'json') return { responseFormat: { type: 'json' } }
  if (!isRecord(sent) || Array.isArray(sent)) {
    refuse('invalid_request', 'format', 'must be json or a JSON Schema')
  }
  return { responseFormat: { type: 'json_schema', schema: sent } }
}
