import { fieldsOf, textOf } from '../../json/shape.ts'
import type {
  ChatOptions,
  ReasoningOptions,
  ResponseFormat,
  ToolChoice,
  ToolDefinition,
} from '../../options.ts'
import type { DecodedRequest } from '../decoded-request.ts'
import { readBody, refuse } from '../request-body.ts'
import { decodeMessages } from './decode-messages.ts'
import { toJsonSchema } from './json-schema.ts'
import { functionDeclaration, request, type SentConfig } from './request-schema.ts'

type Sent = { readonly [field: string]: unknown }

/** What the address of a client's request says, and its body does not. */
export interface GeminiAddress {
  model: string
  /** Whether it asks for `streamGenerateContent`. Default: false. */
  stream?: boolean
}

/**
 * Decodes a client's request to Gemini's `generateContent` or `streamGenerateContent`, its JSON
 * already parsed, into what `gateway.chatStream` takes. Model and streaming are told by the address.
 *
 * A field that has no unified form, or one that does not say all, stands in `extra` as it was sent:
 * give it as `providerOptions` where the request goes to a provider of this dialect, and nothing is
 * lost. Calls without an id get one, for their results.
 *
 * Throws a `RatatoskrError` that names the place: `invalid_request` for what the format does not
 * allow, `unsupported` for what has no counterpart.
 *
 * Format: https://ai.google.dev/api/generate-content
 *
 * @example
 * ```ts
 * import { gemini } from 'ratatoskr/dialects'
 *
 * const { messages, options } = gemini.decodeRequest(
 *   { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
 *   { model: 'gemini-3-flash-preview', stream: true },
 * )
 * console.log(messages.length, options.model)
 * ```
 */
export function decodeRequest(
  body: unknown,
  { model, stream = false }: GeminiAddress,
): DecodedRequest {
  const { contents, systemInstruction, tools, toolConfig, generationConfig, ...others } = readBody(
    request,
    body,
  )
  const system = (systemInstruction?.parts ?? []).map(({ text }) => text ?? '').join('\n')
  const called = decodeTools(tools)
  const { functionCallingConfig: calling, ...otherConfig } = toolConfig ?? {}
  const toolChoice = readChoice(calling, called.tools)
  const config = decodeConfig(generationConfig ?? {})
  return {
    messages: [
      ...(system ? [{ role: 'system' as const, content: system }] : []),
      ...decodeMessages(contents),
    ],
    options: {
      model,
      ...(called.tools[0] && { tools: called.tools }),
      ...(called.tools[0] && toolChoice && { toolChoice }),
      ...config.options,
    },
    stream,
    extra: {
      ...others,
      ...(called.others[0] && { tools: called.others }),
      ...((Object.keys(otherConfig).length > 0 || (calling && !toolChoice)) && { toolConfig }),
      ...(Object.keys(config.others).length > 0 && { generationConfig: config.others }),
    },
    reply: { model },
  }
}

function decodeTools(sent: readonly Sent[] | null | undefined): {
  tools: ToolDefinition[]
  others: Sent[]
} {
  const tools: ToolDefinition[] = []
  const others: Sent[] = []
  for (const [i, { functionDeclarations, ...own }] of (sent ?? []).entries()) {
    if (Object.keys(own).length > 0) others.push(own)
    for (const [at, declared] of [functionDeclarations ?? []].flat().entries()) {
      const place = `tools.${i}.functionDeclarations.${at}`
      const { name, description, parameters, parametersJsonSchema } = readBody(
        functionDeclaration,
        declared,
        place,
      )
      if (!/^[\w.:-]+$/.test(name)) {
        refuse('invalid_request', `${place}.name`, 'must be of letters, digits, _, - and .')
      }
      const schema = parametersJsonSchema ?? (parameters && toJsonSchema(parameters))
      tools.push({
        name,
        ...(description != null && { description }),
        ...(schema && { parameters: schema }),
      })
    }
  }
  return { tools, others }
}

function readChoice(sent: unknown, tools: readonly ToolDefinition[]): ToolChoice | undefined {
  const { mode, allowedFunctionNames } = fieldsOf(sent)
  const [name, second] = [allowedFunctionNames ?? []].flat()
  if (mode === 'ANY' && name !== undefined) {
    const fits = second === undefined && tools.some((tool) => tool.name === name)
    return fits ? { name: textOf(name) } : undefined
  }
  return mode === 'ANY'
    ? 'required'
    : mode === 'NONE'
      ? 'none'
      : mode === 'AUTO'
        ? 'auto'
        : undefined
}

function decodeConfig(sent: SentConfig): {
  options: Omit<Partial<ChatOptions>, 'model'>
  others: Sent
} {
  const { temperature, topP, topK, maxOutputTokens, stopSequences: stop, seed, ...formed } = sent
  const { frequencyPenalty, presencePenalty, thinkingConfig, ...shaped } = formed
  const { responseMimeType: type, responseJsonSchema, responseSchema, ...others } = shaped
  const schema = responseJsonSchema ?? (responseSchema && toJsonSchema(responseSchema))
  const isJson = type === 'application/json'
  const responseFormat: ResponseFormat | undefined = !isJson
    ? undefined
    : schema
      ? { type: 'json_schema', schema }
      : { type: 'json' }
  const reasoning = readThinking(thinkingConfig)
  return {
    options: {
      ...(temperature != null && { temperature }),
      ...(topP != null && { topP }),
      ...(topK != null && { topK }),
      ...(maxOutputTokens != null && { maxTokens: maxOutputTokens }),
      ...(stop != null && { stop }),
      ...(seed != null && { seed }),
      ...(frequencyPenalty && { frequencyPenalty }),
      ...(presencePenalty && { presencePenalty }),
      ...(responseFormat && { responseFormat }),
      ...(reasoning && { reasoning }),
    },
    others: { ...others, ...(type != null && !isJson && { responseMimeType: type }) },
  }
}

const levels = ['minimal', 'low', 'medium', 'high'] as const

function readThinking(sent: Sent | null | undefined): ReasoningOptions | undefined {
  if (sent == null) return undefined
  const { includeThoughts, thinkingBudget: budget, thinkingLevel } = sent
  const effort = levels.find((level) => level === String(thinkingLevel).toLowerCase())
  if (budget === 0) return { effort: 'none' }
  return {
    ...(effort && { effort }),
    // -1 lets the model decide.
    ...(typeof budget === 'number' && budget > 0 && { maxTokens: budget }),
    ...(includeThoughts !== true && { exclude: true }),
  }
}
