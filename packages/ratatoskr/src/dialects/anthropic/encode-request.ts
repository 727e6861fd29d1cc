import type { RequestBody } from '../encoded-request.ts'
import { need } from '../../errors.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import type { ChatOptions, ChatRequest } from '../../options.ts'
import { keptOf, type RequestBlock } from './continuation.ts'
import { encodeMessages, refuse, type Turn } from './encode-messages.ts'
import { budgetOf, isAdaptive } from '../claude-thinking.ts'

/** What every model that is still there can write. */
const usualTokens = 32_000

/**
 * Encodes a request for Anthropic's Messages, always streaming. System messages go to the top,
 * wherever they stand.
 *
 * Without `maxTokens`, which the format must have, the reply may have 32,000 tokens. `reasoning.effort` asks for adaptive thinking, and from models that
 * do not have it for a budget: `low` 20 %, `medium` 50 %, `high` 80 %, `xhigh` 95 % of the tokens.
 *
 * A loop of tools that was begun without thinking goes on without it: models with a budget refuse
 * another way.
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
  refuse(lacking ?? (format?.type === 'json' && 'responseFormat json'))
  const schema = format?.type === 'json_schema' && { type: format.type, schema: format.schema }

  const { system, turns } = encodeMessages(messages)
  if (cachePrompt && !providerOptions['cache_control']) {
    // The instructions, and the prompt up to its end, which later requests share.
    for (const block of [system.at(-1), turns.at(-1)?.content.at(-1)]) {
      // Thinking cannot be marked.
      if (block && !/thinking/.test(textOf(block['type']))) {
        block['cache_control'] = { type: 'ephemeral' }
      }
    }
  }
  let container: unknown
  for (const each of messages) if (each.role === 'assistant') ({ container } = keptOf(each))
  const { maxTokens, thinking, effort } = encodeReasoning(model, options, turns)
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
    tools:
      tools?.[0] &&
      tools.map(({ parameters, ...tool }) => ({
        ...tool,
        input_schema: parameters ?? { type: 'object', properties: {} },
      })),
    // Server tools are known to the provider's options alone.
    tool_choice: tools?.[0] || providerOptions['tools'] ? encodeToolChoice(options) : undefined,
    container,
    ...providerOptions,
  }
}

/** Whether tools have answered a turn of the model that does not begin with its thinking. */
function isBare(turns: readonly Turn[]): boolean {
  const [called, answered] = turns.slice(-2).map(({ content }) => textOf(content[0]?.['type']))
  return answered === 'tool_result' && !/thinking/.test(called ?? '')
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

function encodeReasoning(
  model: string,
  { reasoning, maxTokens: asked }: ChatOptions,
  turns: readonly Turn[],
): { maxTokens: number; thinking?: RequestBlock; effort?: string | undefined } {
  const maxTokens = asked ?? usualTokens
  if (!reasoning) return { maxTokens }
  const { effort, maxTokens: given, exclude } = reasoning
  if (effort === 'none') return { maxTokens, thinking: { type: 'disabled' } }
  const adapts = isAdaptive(model)
  refuse(adapts && effort === 'minimal' && 'reasoning.effort minimal')
  // Newer models show nothing unless they are asked.
  const display = exclude ? 'omitted' : 'summarized'
  if (adapts && given === undefined) {
    return { maxTokens, thinking: { type: 'adaptive', display }, effort }
  }
  if (isBare(turns)) return { maxTokens }
  const budget = given ?? budgetOf(maxTokens, effort)
  return {
    // The budget is a part of the tokens, and must leave some for the answer.
    maxTokens: asked ?? Math.max(usualTokens, budget + 4096),
    thinking: { type: 'enabled', budget_tokens: budget, display },
    effort: adapts ? effort : undefined,
  }
}
