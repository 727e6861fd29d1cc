import { RatatoskrError } from '../../errors.ts'
import type { ChatOptions, ReasoningOptions, ToolChoice, ToolDefinition } from '../../options.ts'
import type { DecodedRequest } from '../decoded-request.ts'
import { readBody, refuse } from '../request-body.ts'
import { decodeMessages, decodeSystem } from './decode-messages.ts'
import { plainTool, request } from './request-schema.ts'

/**
 * Decodes a client's request to Anthropic's Messages, its JSON already parsed, into what
 * `gateway.chatStream` takes.
 *
 * A field that has no unified form, or one that does not say all, stands in `extra` as it was sent:
 * give it as `providerOptions` where the request goes to a provider of this dialect. Signed
 * thinking, the blocks of server tools and compactions go into the continuation of their message.
 * Marks of `cache_control` become `cachePrompt`, which has places of its own.
 *
 * Throws a `RatatoskrError` that names the place: `invalid_request` for what the format does not
 * allow, `unsupported` for what has no counterpart (files by id, documents made of blocks).
 *
 * Format: https://platform.claude.com/docs/en/api/messages
 *
 * @example
 * ```ts
 * import { anthropic } from 'ratatoskr/dialects'
 *
 * const { messages, options } = anthropic.decodeRequest({
 *   model: 'claude-sonnet-5',
 *   max_tokens: 1000,
 *   messages: [{ role: 'user', content: 'Hello' }],
 * })
 * console.log(messages.length, options.maxTokens)
 * ```
 */
export function decodeRequest(body: unknown): DecodedRequest {
  const {
    model,
    max_tokens: maxTokens,
    messages,
    system,
    stream,
    temperature,
    top_p: topP,
    top_k: topK,
    stop_sequences: stop,
    thinking,
    output_config: output,
    tools,
    tool_choice: choice,
    cache_control: cache,
    thread,
    ...others
  } = readBody(request, body)
  if (thread != null) {
    throw new RatatoskrError(
      'unsupported',
      'thread is not supported: send the whole conversation.',
      // The official client sends it by itself, and takes it back when it is told so.
      { cause: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } },
    )
  }
  const { effort, format, ...outputRest } = output ?? {}
  // What an effort does without adaptive thinking is the model's to know.
  const isOutputAll = effort == null && isEmpty(outputRest)
  const decoded = decodeTools(tools ?? [])
  const toolChoice = choice && decodeChoice(choice.type, choice.name, decoded.tools)
  const isParallel = choice?.disable_parallel_tool_use
  const reasoning = decodeReasoning(thinking, effort)
  const options: ChatOptions & { model: string } = {
    model,
    maxTokens,
    ...(temperature != null && { temperature }),
    ...(topP != null && { topP }),
    ...(topK != null && { topK }),
    ...(stop?.[0] !== undefined && { stop }),
    ...(decoded.tools[0] && { tools: decoded.tools }),
    ...(toolChoice && { toolChoice }),
    ...(isParallel != null && { parallelToolCalls: !isParallel }),
    ...(reasoning && { reasoning }),
    ...(format && { responseFormat: { type: 'json_schema', schema: format.schema } }),
    ...((cache != null || hasMarks([messages, system, tools])) && { cachePrompt: true }),
  }
  return {
    messages: [...(system ? decodeSystem(system) : []), ...decodeMessages(messages)],
    options,
    stream: stream ?? false,
    extra: {
      ...others,
      // An effort alone leaves it to the model whether it thinks.
      ...((thinking || reasoning) && { thinking: thinking ?? undefined }),
      ...(!isOutputAll && { output_config: output }),
      ...(!decoded.isAll && { tools }),
      ...(choice && !toolChoice && { tool_choice: choice }),
      ...(cache != null && { cache_control: cache }),
    },
    reply: { model },
  }
}

const efforts = ['low', 'medium', 'high', 'xhigh'] as const

function isEffort(effort: string): effort is (typeof efforts)[number] {
  return efforts.some((known) => known === effort)
}

interface SentThinking {
  type: string
  budget_tokens?: number | null | undefined
  display?: string | null | undefined
}

function decodeReasoning(
  thinking: SentThinking | null | undefined,
  effort: string | null | undefined,
): ReasoningOptions | undefined {
  const { type, budget_tokens: maxTokens, display } = thinking ?? {}
  if (type === 'disabled') return { effort: 'none' }
  const known = effort != null && isEffort(effort) ? { effort } : {}
  if (!type) return known.effort && known
  return {
    ...known,
    ...(type === 'enabled' && maxTokens != null && { maxTokens }),
    ...(display === 'omitted' && { exclude: true }),
  }
}

type SentTool = { readonly [field: string]: unknown }

/** Those with a schema of their own; server tools, and what more is said, only as they were sent. */
function decodeTools(sent: readonly SentTool[]): { tools: ToolDefinition[]; isAll: boolean } {
  const tools: ToolDefinition[] = []
  let isAll = true
  for (const [i, tool] of sent.entries()) {
    if (tool['type'] != null && tool['type'] !== 'custom') {
      isAll = false
      continue
    }
    const { name, description, input_schema, strict, ...rest } = readBody(
      plainTool,
      tool,
      `tools.${i}`,
    )
    if (!/^[\w-]+$/.test(name)) {
      refuse('invalid_request', `tools.${i}.name`, 'must be of letters, digits, _ and -')
    }
    if (tools.some((other) => other.name === name)) {
      refuse('invalid_request', `tools.${i}.name`, 'must be another than those before')
    }
    tools.push({
      name,
      ...(description != null && { description }),
      parameters: input_schema,
      ...(strict != null && { strict }),
    })
    const { type: _, cache_control: __, ...more } = rest
    isAll &&= isEmpty(more)
  }
  return { tools, isAll }
}

/** Undefined where it has no unified form, as one of a server tool. */
function decodeChoice(
  type: 'auto' | 'any' | 'tool' | 'none',
  name: string | null | undefined,
  tools: readonly ToolDefinition[],
): ToolChoice | undefined {
  if (type === 'auto' || type === 'none') return type
  if (type === 'any') return tools[0] && 'required'
  return tools.some((tool) => tool.name === name) && name ? { name } : undefined
}

function isEmpty(fields: { readonly [field: string]: unknown }): boolean {
  return Object.values(fields).every((value) => value == null)
}

/** Whether some block or tool is marked as the end of what may be cached. */
function hasMarks(places: readonly unknown[], depth = 8): boolean {
  return places.some((place) => {
    if (typeof place !== 'object' || place === null || depth === 0) return false
    if ('cache_control' in place && place.cache_control != null) return true
    // Only what is itself of the format: a tool's schema or input may have any names.
    const inner: readonly unknown[] = Array.isArray(place)
      ? place
      : 'content' in place
        ? [place.content]
        : []
    return hasMarks(inner, depth - 1)
  })
}
