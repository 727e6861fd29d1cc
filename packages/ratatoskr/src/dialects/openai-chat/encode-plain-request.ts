import type { RequestBody } from '../encoded-request.ts'
import { checkOptions } from '../check-request-options.ts'
import type { ChatRequest } from '../../options.ts'
import { encodeMessages } from './encode-messages.ts'

/**
 * Encodes a request as OpenAI describes it, always streaming. It knows nothing of hosts: what one
 * cannot honour, or calls by another name, is `encodeRequest`'s.
 *
 * `routed` says that the host takes what OpenRouter adds (see `encodeMessages`). Throws a
 * `RatatoskrError` with code `invalid_request` for provider options that would take the
 * request over.
 */
export function encodePlainRequest(
  { model, messages, options }: ChatRequest,
  routed = false,
): RequestBody {
  const { tools, toolChoice, responseFormat: format, providerOptions, stop } = options
  checkOptions({ ...providerOptions }, ['stream', 'model', 'messages'], format)
  return {
    model,
    messages: encodeMessages(messages, routed, options.cachePrompt),
    stream: true,
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    max_tokens: options.maxTokens,
    stop: stop && [stop].flat(),
    seed: options.seed,
    frequency_penalty: options.frequencyPenalty,
    presence_penalty: options.presencePenalty,
    parallel_tool_calls: options.parallelToolCalls,
    response_format:
      format?.type === 'json_schema'
        ? {
            type: format.type,
            json_schema: { name: 'response', strict: true, ...format, type: undefined },
          }
        : format?.type === 'json'
          ? { type: 'json_object' }
          : undefined,
    ...(tools?.length && {
      tools: tools.map((tool) => ({
        type: 'function',
        function: { parameters: { type: 'object', properties: {} }, ...tool },
      })),
      tool_choice:
        typeof toolChoice === 'object' ? { type: 'function', function: toolChoice } : toolChoice,
    }),
    ...providerOptions,
  }
}
