import { budgetOf, isAdaptive } from '../claude-thinking.ts'
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
 * for where the model is one of Anthropic's: it adapts, or has a part of the tokens where the model
 * wants a budget. Others have fields of their own. `cachePrompt` marks the instructions, and the
 * prompt up to its end. Ids of calls that Converse refuses are rewritten.
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
  const { tools = [], toolChoice, cachePrompt, responseFormat: format } = options
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
  const more = { ...encodeReasoning(model, options), ...fieldsOf(additionalModelRequestFields) }
  return {
    messages: turns,
    ...(system[0] && { system }),
    ...(hasAny(config) && { inferenceConfig: config }),
    ...(hasAny(more) && { additionalModelRequestFields: more }),
    ...(format?.type === 'json_schema' && {
      outputConfig: {
        textFormat: {
          type: format.type,
          structure: {
            jsonSchema: { name: format.name ?? 'response', schema: JSON.stringify(format.schema) },
          },
        },
      },
    }),
    ...(tools[0] && {
      toolConfig: {
        tools: tools.map(({ name, description, parameters, strict }) => ({
          toolSpec: {
            name,
            description,
            inputSchema: { json: parameters ?? { type: 'object', properties: {} } },
            strict,
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

/** What models of Anthropic's take besides, as they take it elsewhere. */
function encodeReasoning(model: string, { reasoning, maxTokens }: ChatOptions): RequestBody {
  if (!reasoning) return {}
  const { effort, maxTokens: given, exclude } = reasoning
  if (effort === 'none') return { thinking: { type: 'disabled' } }
  if (given === undefined && isAdaptive(model)) {
    // Newer models show nothing unless they are asked.
    const thinking = { type: 'adaptive', display: exclude ? 'omitted' : 'summarized' }
    return { thinking, output_config: effort && { effort } }
  }
  // Without a limit, a reply may have as many tokens as the model can write.
  const budget_tokens = given ?? budgetOf(maxTokens ?? usualTokens, effort)
  return { thinking: { type: 'enabled', budget_tokens } }
}

const usualTokens = 16_384

/** The first option that there is no field for. */
function unsupportedIn(model: string, options: ChatOptions): string | undefined {
  const { reasoning, responseFormat: format, toolChoice, parallelToolCalls, tools = [] } = options
  const adapts = isAdaptive(model) && reasoning?.maxTokens === undefined
  const asked: readonly (readonly [name: string, isAsked: unknown])[] = [
    ['topK (give it in providerOptions.additionalModelRequestFields)', options.topK !== undefined],
    ['seed', options.seed !== undefined],
    ['frequencyPenalty', options.frequencyPenalty !== undefined],
    ['presencePenalty', options.presencePenalty !== undefined],
    ['parallelToolCalls', parallelToolCalls === false],
    ['toolChoice none', toolChoice === 'none' && tools[0]],
    [
      'reasoning (give it in providerOptions.additionalModelRequestFields)',
      reasoning && !/claude/.test(model),
    ],
    ['responseFormat json (give a schema)', format?.type === 'json'],
    ['reasoning.exclude', reasoning?.exclude && !adapts],
    ['reasoning.effort minimal', reasoning?.effort === 'minimal' && adapts],
  ]
  return asked.find(([, isAsked]) => isAsked)?.[0]
}
