import { checkOptions, refuseOption } from '../check-request-options.ts'
import { fieldsOf } from '../../json/shape.ts'
import type { ChatOptions, ChatRequest } from '../../options.ts'
import type { RequestBody } from '../encoded-request.ts'
import { encodeMessages } from './encode-messages.ts'

/** What {@link encodeRequest} may be told. */
export interface GeminiRequestOptions {
  /** The provider's name, for errors. Default: `gemini`. */
  provider?: string
}

/**
 * Encodes a request as a body for Gemini's `streamGenerateContent`; the model stands in the address.
 *
 * `providerOptions.generationConfig` is merged with what the request says, and `providerOptions.tools`
 * (such as `[{ googleSearch: {} }]`) stand beside its tools. Gemini keeps the prompt's beginning by
 * itself, so `cachePrompt` needs nothing. A strict tool holds the model to the schemas of all
 * (`VALIDATED`). Where another model made a call, those that want a signature get the one that
 * Google gives for it.
 *
 * Throws a `RatatoskrError`: `unsupported` for what Gemini cannot honour, `invalid_request` for
 * provider options that would take the request over.
 *
 * Format: https://ai.google.dev/api/generate-content
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 * import { gemini } from 'ratatoskr/dialects'
 *
 * const body = gemini.encodeRequest({
 *   model: 'gemini-3-flash-preview',
 *   messages: [user('Hello')],
 *   options: { model: 'gemini-3-flash-preview', reasoning: { effort: 'low' } },
 * })
 * ```
 */
export function encodeRequest(
  { model, messages, options }: ChatRequest,
  { provider = 'gemini' }: GeminiRequestOptions = {},
): RequestBody {
  const isNew = /gemini-([3-9]|\d\d)/.test(model)
  const lacking = unsupportedIn(options, isNew)
  refuseOption(provider, lacking)
  const { generationConfig, tools: ownTools, ...own } = { ...options.providerOptions }
  checkOptions(own, ['stream', 'model', 'contents'], options.responseFormat)
  const { tools = [], toolChoice } = options
  const { system, turns } = encodeMessages(messages, isNew)
  const isStrict = tools.some(({ strict }) => strict)
  const format = options.responseFormat
  const config = {
    temperature: options.temperature,
    topP: options.topP,
    topK: options.topK,
    maxOutputTokens: options.maxTokens,
    stopSequences: options.stop && [options.stop].flat(),
    seed: options.seed,
    frequencyPenalty: options.frequencyPenalty,
    presencePenalty: options.presencePenalty,
    responseMimeType: format && format.type !== 'text' ? 'application/json' : undefined,
    responseJsonSchema: format?.type === 'json_schema' ? format.schema : undefined,
    thinkingConfig: encodeThinking(options.reasoning, isNew),
    ...fieldsOf(generationConfig),
  }
  return {
    contents: turns,
    systemInstruction: system[0] && { parts: system },
    ...((tools[0] || ownTools !== undefined) && {
      tools: [
        ...(tools[0]
          ? [
              {
                functionDeclarations: tools.map(({ name, description, parameters }) => ({
                  name,
                  description,
                  parametersJsonSchema: parameters,
                })),
              },
            ]
          : []),
        ...[ownTools ?? []].flat(),
      ],
    }),
    ...(tools[0] &&
      (toolChoice || isStrict) && {
        toolConfig: { functionCallingConfig: encodeChoice(toolChoice, isStrict) },
      }),
    ...(Object.values(config).some((value) => value !== undefined) && { generationConfig: config }),
    ...own,
  }
}

function encodeChoice(choice: ChatOptions['toolChoice'], isStrict: boolean): RequestBody {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.name] }
  const modes = { auto: isStrict ? 'VALIDATED' : 'AUTO', none: 'NONE', required: 'ANY' }
  return { mode: modes[choice ?? 'auto'] }
}

/** Tokens that older models may think with, which know no words for it. */
const budgets = { none: 0, minimal: 512, low: 1024, medium: 8192, high: 24_576, xhigh: 24_576 }

function encodeThinking(
  reasoning: ChatOptions['reasoning'],
  isNew: boolean,
): RequestBody | undefined {
  if (!reasoning) return undefined
  const { effort, maxTokens, exclude } = reasoning
  const words = isNew && maxTokens === undefined
  return {
    includeThoughts: effort === 'none' || exclude ? undefined : true,
    thinkingLevel: words ? effort : undefined,
    thinkingBudget: words ? undefined : (maxTokens ?? (effort && budgets[effort])),
  }
}

/** The first option that there is no field for. */
function unsupportedIn(
  { parallelToolCalls, reasoning }: ChatOptions,
  isNew: boolean,
): string | undefined {
  if (parallelToolCalls === false) return 'parallelToolCalls'
  const effort = reasoning?.effort
  const isLevel = !effort || /^(minimal|low|medium|high)$/.test(effort)
  return isNew && !isLevel ? `reasoning.effort ${effort}` : undefined
}
