import type { RequestBody } from '../encoded-request.ts'
import { checkOptions, refuseOption } from '../check-request-options.ts'
import { fieldsOf } from '../../json/shape.ts'
import type { ChatOptions, ChatRequest } from '../../options.ts'
import { encodeMessages } from './encode-messages.ts'

/** What {@link encodeRequest} may be told. */
export interface OllamaRequestOptions {
  /** The provider's name, for errors. Default: `ollama`. */
  provider?: string
}

/**
 * Encodes a request as a body for Ollama's `/api/chat`, always streaming.
 *
 * `keep_alive` and other fields go through `providerOptions`; its `options` (such as `num_ctx`) are
 * merged with what the request says. Ollama keeps the prompt's beginning by itself, so
 * `cachePrompt` needs nothing. `toolChoice: 'none'` leaves the tools out.
 *
 * Throws a `RatatoskrError`: `unsupported` for what Ollama cannot honour, `invalid_request` for
 * provider options that would take the request over.
 *
 * Format: https://docs.ollama.com/api/chat
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 * import { ollama } from 'ratatoskr/dialects'
 *
 * const body = ollama.encodeRequest({
 *   model: 'qwen3:8b',
 *   messages: [user('Hello')],
 *   options: { model: 'qwen3:8b', providerOptions: { keep_alive: '10m', options: { num_ctx: 8192 } } },
 * })
 * ```
 */
export function encodeRequest(
  { model, messages, options }: ChatRequest,
  { provider = 'ollama' }: OllamaRequestOptions = {},
): RequestBody {
  const { tools = [], toolChoice, responseFormat: format, reasoning, stop } = options
  const lacking = unsupportedIn(options)
  refuseOption(provider, lacking)
  const { options: own, ...others } = { ...options.providerOptions }
  checkOptions(others, ['stream', 'model', 'messages'], format)
  const asked = {
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    num_predict: options.maxTokens,
    stop: stop && [stop].flat(),
    seed: options.seed,
    frequency_penalty: options.frequencyPenalty,
    presence_penalty: options.presencePenalty,
    ...fieldsOf(own),
  }
  const effort = reasoning?.effort
  return {
    model,
    messages: encodeMessages(messages),
    stream: true,
    ...(Object.values(asked).some((value) => value !== undefined) && { options: asked }),
    think: effort === 'none' ? false : (effort ?? (reasoning && true)),
    format:
      format?.type === 'json_schema' ? format.schema : format?.type === 'json' ? 'json' : undefined,
    ...(tools[0] &&
      toolChoice !== 'none' && {
        tools: tools.map(({ name, description, parameters }) => ({
          type: 'function',
          function: {
            name,
            description,
            parameters: parameters ?? { type: 'object', properties: {} },
          },
        })),
      }),
    ...others,
  }
}

/** The first option that there is no field for. */
function unsupportedIn(options: ChatOptions): string | undefined {
  const { toolChoice, reasoning, tools = [] } = options
  const effort = reasoning?.effort
  const asked: readonly (readonly [name: string, isAsked: unknown])[] = [
    ['toolChoice', typeof toolChoice === 'object' || toolChoice === 'required'],
    ['parallelToolCalls', options.parallelToolCalls !== undefined],
    ['tools.strict', tools.some(({ strict }) => strict)],
    ['reasoning.maxTokens', reasoning?.maxTokens !== undefined],
    ['reasoning.exclude', reasoning?.exclude],
    [`reasoning.effort ${effort}`, effort && !/^(none|low|medium|high)$/.test(effort)],
  ]
  return asked.find(([, isAsked]) => isAsked)?.[0]
}
