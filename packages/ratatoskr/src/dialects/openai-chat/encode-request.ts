import { RatatoskrError } from '../../errors.ts'
import type { ChatOptions, ChatRequest, ToolChoice, ToolDefinition } from '../../options.ts'
import { encodeMessages } from './encode-messages.ts'
import type { OpenAIChatProfile, OptionName } from './profile.ts'
import { refuse } from './refuse.ts'

/** The JSON body of a request. */
export type RequestBody = { [field: string]: unknown }

/** What {@link encodeRequest} must know of the host. */
export interface OpenAIChatRequestOptions {
  /** The provider's name, for errors. Default: `openai-chat`. */
  provider?: string
  profile?: OpenAIChatProfile
}

/**
 * Encodes a request as a body for OpenAI's Chat Completions, always streaming.
 *
 * Throws a `RatatoskrError`: `unsupported` for what the host cannot honour, `invalid_request` for
 * provider options that would take the request over.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat/create
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 * import { openaiChat } from 'ratatoskr/dialects'
 *
 * const body = openaiChat.encodeRequest({
 *   model: 'gpt-5-mini',
 *   messages: [user('Hello')],
 *   options: { model: 'gpt-5-mini', maxTokens: 100 },
 * })
 * ```
 */
export function encodeRequest(
  request: ChatRequest,
  host: OpenAIChatRequestOptions = {},
): RequestBody {
  const { options } = request
  const { provider = 'openai-chat', profile = {} } = host
  const lacking = (name: OptionName, value: unknown): void => {
    if (value !== undefined && profile.unsupported?.includes(name)) refuse(provider, name)
  }
  lacking('tools', options.tools)
  lacking('toolChoice', options.toolChoice)
  lacking('topK', options.topK)
  lacking('stop', options.stop)
  lacking('seed', options.seed)
  lacking('frequencyPenalty', options.frequencyPenalty)
  lacking('presencePenalty', options.presencePenalty)
  lacking('parallelToolCalls', options.parallelToolCalls)
  lacking('reasoning', options.reasoning)
  const format = options.responseFormat
  if (format?.type === 'json') lacking('responseFormat.json', format)
  if (format?.type === 'json_schema') lacking('responseFormat.json_schema', format)
  if (options.cachePrompt === true && profile.promptCaching === 'none')
    refuse(provider, 'cachePrompt')

  const body: RequestBody = {
    model: request.model,
    messages: encodeMessages(request.messages, {
      provider,
      profile,
      cache: options.cachePrompt === true,
    }),
    stream: true,
    ...streamOptions(profile),
    ...given('temperature', options.temperature),
    ...given('top_p', options.topP),
    ...given('top_k', options.topK),
    ...given(profile.maxTokensField ?? 'max_tokens', options.maxTokens),
    ...given('stop', typeof options.stop === 'string' ? [options.stop] : options.stop),
    ...given(profile.seedField ?? 'seed', options.seed),
    ...given('frequency_penalty', options.frequencyPenalty),
    ...given('presence_penalty', options.presencePenalty),
    ...given('parallel_tool_calls', options.parallelToolCalls),
    ...given('response_format', encodeFormat(format)),
    ...encodeReasoning(options.reasoning, provider, profile),
  }
  if (options.tools && options.tools.length > 0) {
    body['tools'] = options.tools.map(encodeTool)
    if (options.toolChoice !== undefined) {
      body['tool_choice'] = encodeToolChoice(options.toolChoice, profile)
    }
  }
  return { ...body, ...checkProviderOptions(options) }
}

/**
 * The same body without what a server has just refused, or undefined when it refused something
 * else: older and Azure-like servers answer 400 to `stream_options`.
 */
export function relaxRequest(body: RequestBody, error: RatatoskrError): RequestBody | undefined {
  const refused = error.status === 400 || error.status === 422
  const named = /stream_?options|include_usage|include_obfuscation/i.test(error.body ?? '')
  if (!refused || !named || !('stream_options' in body)) return undefined
  const { stream_options: _, ...rest } = body
  return rest
}

function given(field: string, value: unknown): RequestBody {
  return value === undefined ? {} : { [field]: value }
}

function streamOptions(profile: OpenAIChatProfile): RequestBody {
  const options = {
    ...(profile.usageAlways === true ? {} : { include_usage: true }),
    ...(profile.obfuscates === true ? { include_obfuscation: false } : {}),
  }
  return Object.keys(options).length === 0 ? {} : { stream_options: options }
}

function encodeTool(tool: ToolDefinition): RequestBody {
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...given('description', tool.description),
      parameters: tool.parameters ?? { type: 'object', properties: {} },
      ...given('strict', tool.strict),
    },
  }
}

function encodeToolChoice(choice: ToolChoice, profile: OpenAIChatProfile): unknown {
  if (typeof choice === 'object') return { type: 'function', function: { name: choice.name } }
  return choice === 'required' ? (profile.requiredToolChoice ?? 'required') : choice
}

function encodeFormat(format: ChatOptions['responseFormat']): unknown {
  switch (format?.type) {
    case 'json':
      return { type: 'json_object' }
    case 'json_schema':
      return {
        type: 'json_schema',
        json_schema: {
          name: format.name ?? 'response',
          schema: format.schema,
          strict: format.strict ?? true,
        },
      }
    default:
      return undefined
  }
}

function encodeReasoning(
  reasoning: ChatOptions['reasoning'],
  provider: string,
  profile: OpenAIChatProfile,
): RequestBody {
  if (reasoning === undefined) return {}
  const { effort, maxTokens, exclude } = reasoning
  if (profile.reasoning === 'object') {
    return {
      reasoning: {
        ...given('effort', effort),
        ...given('max_tokens', maxTokens),
        ...given('exclude', exclude),
      },
    }
  }
  if (maxTokens !== undefined) refuse(provider, 'reasoning.maxTokens')
  if (exclude === true && profile.includeReasoningField === undefined) {
    refuse(provider, 'reasoning.exclude')
  }
  return {
    ...given('reasoning_effort', effort),
    ...(exclude === true && profile.includeReasoningField !== undefined
      ? { [profile.includeReasoningField]: false }
      : {}),
  }
}

const reserved = ['stream', 'model', 'messages']

function checkProviderOptions({ providerOptions }: ChatOptions): RequestBody {
  const field = reserved.find((name) => providerOptions !== undefined && name in providerOptions)
  if (field !== undefined) {
    throw new RatatoskrError(
      'invalid_request',
      `Cannot send the request: providerOptions may not set ${field}. ` +
        'Use the model option and the messages; replies are always streamed.',
    )
  }
  return { ...providerOptions }
}
