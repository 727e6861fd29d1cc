import { checkOptions, refuseOption } from '../check-request-options.ts'
import type { ChatOptions, ChatRequest, ToolDefinition } from '../../options.ts'
import type { RequestBody } from '../encoded-request.ts'
import { encodeMessages } from './encode-messages.ts'

/** What {@link encodeRequest} must know of the host. */
export interface OpenAIResponsesRequestOptions {
  /** The provider's name, for errors. Default: `openai-responses`. */
  provider?: string
  /** What is asked of the stream. Default: nothing. */
  streamOptions?: { readonly [option: string]: boolean }
}

/**
 * Encodes a request as a body for OpenAI's Responses, always streaming.
 *
 * Nothing is to be stored by the host (`store: false`), so encrypted reasoning is asked for, which
 * the next request gives back; unless `providerOptions` set `store`, or ask for what needs it:
 * `previous_response_id`, `conversation`, `background`. OpenAI keeps the prompt's beginning by
 * itself, so `cachePrompt` needs nothing. Tools of the host's own go through `providerOptions.tools`,
 * which take the place of the others.
 *
 * Throws a `RatatoskrError`: `unsupported` for what the format cannot honour, `invalid_request` for
 * provider options that would take the request over.
 *
 * Format: https://platform.openai.com/docs/api-reference/responses/create
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 * import { openaiResponses } from 'ratatoskr/dialects'
 *
 * const body = openaiResponses.encodeRequest({
 *   model: 'gpt-5-mini',
 *   messages: [user('Hello')],
 *   options: { model: 'gpt-5-mini', reasoning: { effort: 'low' } },
 * })
 * ```
 */
export function encodeRequest(
  { model, messages, options }: ChatRequest,
  { provider = 'openai-responses', streamOptions }: OpenAIResponsesRequestOptions = {},
): RequestBody {
  const lacking = unsupportedIn(options)
  refuseOption(provider, lacking)
  const { tools = [], toolChoice, reasoning, providerOptions: own = {} } = options
  checkOptions(own, ['stream', 'model', 'input'], options.responseFormat)
  const isKept = ['store', 'previous_response_id', 'conversation', 'background'].some(
    (field) => own[field] != null && own[field] !== false,
  )
  return {
    model,
    input: encodeMessages(messages),
    stream: true,
    stream_options: streamOptions,
    ...(!isKept && {
      store: false,
      ...(thinks(model, reasoning) && { include: ['reasoning.encrypted_content'] }),
    }),
    temperature: options.temperature,
    top_p: options.topP,
    max_output_tokens: options.maxTokens,
    parallel_tool_calls: options.parallelToolCalls,
    text: encodeFormat(options.responseFormat),
    reasoning: reasoning && {
      effort: reasoning.effort,
      // Models that do not think refuse to sum it up.
      summary: reasoning.exclude || reasoning.effort === 'none' ? undefined : 'auto',
    },
    ...(tools[0] && {
      tools: tools.map(encodeTool),
      tool_choice:
        typeof toolChoice === 'object' ? { type: 'function', name: toolChoice.name } : toolChoice,
    }),
    ...own,
  }
}

/** Others answer 400 where encrypted reasoning is asked for. */
function thinks(model: string, reasoning: ChatOptions['reasoning']): boolean {
  if (reasoning) return reasoning.effort !== 'none'
  return /(^|\/)(o\d|gpt-([5-9]|\d\d)(?!.*chat)|codex)/.test(model)
}

function encodeTool({ name, description, parameters, strict }: ToolDefinition): RequestBody {
  return {
    type: 'function',
    name,
    description,
    parameters: parameters ?? { type: 'object', properties: {} },
    // Left out, it would be true, and a schema that is not made for it refused.
    strict: strict ?? false,
  }
}

function encodeFormat(format: ChatOptions['responseFormat']): RequestBody | undefined {
  switch (format?.type) {
    case undefined:
    case 'text':
      return undefined
    case 'json':
      return { format: { type: 'json_object' } }
    case 'json_schema': {
      const { type, name = 'response', schema, strict = true } = format
      return { format: { type, name, schema, strict } }
    }
  }
}

/** The first option that there is no field for. */
function unsupportedIn(options: ChatOptions): string | undefined {
  const names = ['topK', 'stop', 'seed', 'frequencyPenalty', 'presencePenalty'] as const
  if (options.reasoning?.maxTokens !== undefined) return 'reasoning.maxTokens'
  return names.find((name) => options[name] !== undefined)
}
