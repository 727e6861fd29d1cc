import { need } from '../../errors.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import type { ChatOptions, ChatRequest } from '../../options.ts'
import { keptOf, type RequestBlock } from './continuation.ts'
import { encodeMessages, refuse } from './encode-messages.ts'

/** What every model that is still there can write. */
const usualTokens = 32_000

/** The JSON body of a request. Fields that are undefined are not sent. */
export type RequestBody = { [field: string]: unknown }

/**
 * Encodes a request for Anthropic's Messages, always streaming. System messages go to the top,
 * wherever they stand.
 *
 * Without `maxTokens`, which the format must have, the reply may have 32,000 tokens. `reasoning.effort` asks for adaptive thinking, and from models that
 * do not have it for a budget: `low` 20 %, `medium` 50 %, `high` 80 %, `xhigh` 95 % of the tokens.
 *
 * Throws a `RatatoskrError`: `unsupported` for what Anthropic does not have, `invalid_request` for
 * provider options that would take the request over.
 *
 * Format: https://platform.claude.com/docs/en/api/messages
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 * import { anthropic } from 'ratatoskr/dialects'
 *
 * const body = anthropic.encodeRequest({
 *   model: 'claude-sonnet-5',
 *   messages: [user('Hello')],
 *   options: { model: 'claude-sonnet-5', reasoning: { effort: 'low' } },
 * })
 * ```
 */
export function encodeRequest({ model, messages, options }: ChatRequest): RequestBody {
  const { providerOptions = {}, responseFormat: format, tools, cachePrompt } = options
  const taken = ['stream', 'model', 'messages'].find((field) => field in providerOptions)
  need(!taken, 'invalid_request', `providerOptions must not set ${taken}`)
  const lacking = (['seed', 'frequencyPenalty', 'presencePenalty'] as const).find(
    (name) => options[name] !== undefined,
  )
  refuse(lacking)
  refuse(format?.type === 'json' && 'responseFormat json (give a JSON Schema)')
  const schema = format?.type === 'json_schema' && { type: format.type, schema: format.schema }

  const { system, turns } = encodeMessages(messages)
  if (cachePrompt) {
    // The instructions, and the prompt up to its end, which later requests share.
    for (const blocks of [system, turns.at(-1)?.content]) mark(blocks ?? [])
  }
  let container: unknown
  for (const each of messages) if (each.role === 'assistant') ({ container } = keptOf(each))
  const { maxTokens, thinking, effort } = encodeReasoning(model, options)
  return {
    model,
    max_tokens: maxTokens,
    system: system[0] && system,
    messages: turns,
    stream: true,
    temperature: options.temperature,
    top_p: options.topP,
    top_k: options.topK,
    stop_sequences: options.stop && [options.stop].flat(),
    thinking,
    output_config: effort || schema ? { effort, format: schema || undefined } : undefined,
    ...(tools?.length && {
      tools: tools.map(({ parameters, ...tool }) => ({
        ...tool,
        input_schema: parameters ?? { type: 'object', properties: {} },
      })),
      tool_choice: encodeToolChoice(options),
    }),
    container,
    ...providerOptions,
  }
}

function encodeToolChoice({
  toolChoice: choice,
  parallelToolCalls,
}: ChatOptions): RequestBlock | undefined {
  const alone = parallelToolCalls === false && choice !== 'none'
  if (!choice && !alone) return undefined
  const { name } = fieldsOf(choice)
  return {
    type: name ? 'tool' : choice === 'required' ? 'any' : (choice ?? 'auto'),
    name,
    disable_parallel_tool_use: alone || undefined,
  }
}

/** The part of the tokens that models without adaptive thinking may think with. */
const shares = { minimal: 0.1, low: 0.2, medium: 0.5, high: 0.8, xhigh: 0.95 } as const

function encodeReasoning(
  model: string,
  { reasoning, maxTokens: asked }: ChatOptions,
): { maxTokens: number; thinking?: RequestBlock; effort?: string | undefined } {
  const maxTokens = asked ?? usualTokens
  if (!reasoning) return { maxTokens }
  const { effort, maxTokens: given, exclude } = reasoning
  if (effort === 'none') return { maxTokens, thinking: { type: 'disabled' } }
  const display = exclude ? 'omitted' : undefined
  const isAdaptive = !/claude-(3|(opus|sonnet|haiku)-4(?!-[6-9]))/.test(model)
  if (isAdaptive && given === undefined) {
    refuse(effort === 'minimal' && 'reasoning.effort minimal')
    return { maxTokens, thinking: { type: 'adaptive', display }, effort }
  }
  const budget = given ?? Math.max(1024, Math.floor(maxTokens * shares[effort ?? 'medium']))
  return {
    // The budget is a part of the tokens, and must leave some for the answer.
    maxTokens: asked ?? Math.max(usualTokens, budget + 4096),
    thinking: { type: 'enabled', budget_tokens: budget, display },
    effort: isAdaptive ? effort : undefined,
  }
}

function mark(blocks: RequestBlock[]): void {
  // Thinking cannot be marked.
  const at = blocks.map(({ type }) => /thinking/.test(textOf(type))).lastIndexOf(false)
  const block = blocks[at]
  if (block) block['cache_control'] = { type: 'ephemeral' }
}
