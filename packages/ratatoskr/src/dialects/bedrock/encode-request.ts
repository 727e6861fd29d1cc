import { checkOptions, refuseOption } from '../check-request-options.ts'
import { fieldsOf } from '../../json/shape.ts'
import type { ChatOptions, ChatRequest } from '../../options.ts'
import type { RequestBody } from '../encoded-request.ts'
import { encodeMessages } from './encode-messages.ts'

/** What {@link encodeRequest} may be told. */
export interface BedrockRequestOptions {
  /** The provider's name, for errors. Default: `bedrock`. */
  provider?: string
}

/**
 * Encodes a request as a body for Amazon Bedrock's ConverseStream; the model stands in the address.
 *
 * `providerOptions.inferenceConfig` and `providerOptions.additionalModelRequestFields` (for what
 * only some models have, such as `top_k`) are merged with what the request says. Reasoning is asked
 * for where the model is one of Anthropic's, which take tokens for it; others have fields of their
 * own. `cachePrompt` marks the instructions, and the prompt up to its end.
 *
 * Throws a `RatatoskrError`: `unsupported` for what Converse cannot honour, `invalid_request` for
 * provider options that would take the request over.
 *
 * Format: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 * import { bedrock } from 'ratatoskr/dialects'
 *
 * const body = bedrock.encodeRequest({
 *   model: 'amazon.nova-lite-v1:0',
 *   messages: [user('Hello')],
 *   options: { model: 'amazon.nova-lite-v1:0', maxTokens: 100 },
 * })
 * ```
 */
export function encodeRequest(
  { model, messages, options }: ChatRequest,
  { provider = 'bedrock' }: BedrockRequestOptions = {},
): RequestBody {
  const lacking = unsupportedIn(model, options)
  refuseOption(provider, lacking)
  const { inferenceConfig, additionalModelRequestFields, ...own } = { ...options.providerOptions }
  checkOptions(own, ['stream', 'model', 'messages'], options.responseFormat)
  const { tools = [], toolChoice, reasoning, cachePrompt } = options
  const { system, turns } = encodeMessages(messages)
  if (cachePrompt) {
    const mark = { cachePoint: { type: 'default' } }
    if (system[0]) system.push(mark)
    turns.at(-1)?.content.push(mark)
  }
  const config = {
    maxTokens: options.maxTokens,
    temperature: options.temperature,
    topP: options.topP,
    stopSequences: options.stop && [options.stop].flat(),
    ...fieldsOf(inferenceConfig),
  }
  const more = {
    thinking: reasoning && encodeThinking(reasoning),
    ...fieldsOf(additionalModelRequestFields),
  }
  return {
    messages: turns,
    ...(system[0] && { system }),
    ...(hasAny(config) && { inferenceConfig: config }),
    ...(hasAny(more) && { additionalModelRequestFields: more }),
    ...(tools[0] && {
      toolConfig: {
        tools: tools.map(({ name, description, parameters }) => ({
          toolSpec: {
            name,
            description,
            inputSchema: { json: parameters ?? { type: 'object', properties: {} } },
          },
        })),
        toolChoice:
          typeof toolChoice === 'object'
            ? { tool: { name: toolChoice.name } }
            : toolChoice && { [toolChoice === 'required' ? 'any' : 'auto']: {} },
      },
    }),
    ...own,
  }
}

function hasAny(fields: RequestBody): boolean {
  return Object.values(fields).some((value) => value !== undefined)
}

/** Tokens to think with, of which Anthropic wants at least 1024. */
const budgets = { minimal: 1024, low: 2048, medium: 8192, high: 16_384, xhigh: 24_576 }

function encodeThinking({
  effort = 'medium',
  maxTokens,
}: NonNullable<ChatOptions['reasoning']>): RequestBody {
  if (effort === 'none') return { type: 'disabled' }
  return { type: 'enabled', budget_tokens: maxTokens ?? budgets[effort] }
}

/** The first option that there is no field for. */
function unsupportedIn(model: string, options: ChatOptions): string | undefined {
  const { reasoning, responseFormat: format, toolChoice, parallelToolCalls, tools = [] } = options
  const asked: readonly (readonly [name: string, isAsked: unknown])[] = [
    ['topK (give it in providerOptions.additionalModelRequestFields)', options.topK !== undefined],
    ['seed', options.seed !== undefined],
    ['frequencyPenalty', options.frequencyPenalty !== undefined],
    ['presencePenalty', options.presencePenalty !== undefined],
    ['parallelToolCalls', parallelToolCalls === false],
    ['toolChoice none', toolChoice === 'none' && tools[0]],
    ['tools.strict', tools.some(({ strict }) => strict)],
    [`responseFormat ${format?.type}`, format && format.type !== 'text'],
    ['reasoning.exclude', reasoning?.exclude],
    [
      'reasoning (give it in providerOptions.additionalModelRequestFields)',
      reasoning && !/claude/.test(model),
    ],
  ]
  return asked.find(([, isAsked]) => isAsked)?.[0]
}
