import type { Usage } from '../../event.ts'
import { isRecord } from '../../json/predicate.ts'

type Fields = { readonly [field: string]: unknown }

/**
 * Reads a `usage` object in the forms that hosts give it; undefined when it holds no counts.
 * What is counted apart on the wire is added, so that `completionTokens` includes the reasoning.
 */
export function readUsage(value: unknown): Usage | undefined {
  if (!isRecord(value)) return undefined
  const promptTokens = count(value['prompt_tokens'])
  const completion = count(value['completion_tokens'])
  if (promptTokens === undefined && completion === undefined) return undefined

  const promptDetails = fields(value['prompt_tokens_details'])
  const reasoningTokens =
    count(fields(value['completion_tokens_details'])['reasoning_tokens']) ??
    count(value['reasoning_tokens'])
  const prompt = promptTokens ?? 0
  let completionTokens = completion ?? 0
  const totalTokens = count(value['total_tokens']) ?? prompt + completionTokens
  // xAI, and Grok on Azure: the total tells that reasoning is not part of the completion.
  if (reasoningTokens && totalTokens === prompt + completionTokens + reasoningTokens) {
    completionTokens += reasoningTokens
  }

  const usage: Usage = { promptTokens: prompt, completionTokens, totalTokens }
  if (reasoningTokens !== undefined) usage.reasoningTokens = reasoningTokens
  const cached =
    count(promptDetails['cached_tokens']) ??
    count(value['prompt_cache_hit_tokens']) ??
    count(value['cached_tokens'])
  if (cached !== undefined) usage.cachedTokens = cached
  const written = count(promptDetails['cache_write_tokens'])
  if (written !== undefined) usage.cacheWriteTokens = written
  const cost = readCost(value)
  if (cost !== undefined) usage.cost = cost
  return usage
}

/** US dollars: OpenRouter's number, Perplexity's object, xAI's ticks of 1e-10 dollars. */
function readCost(usage: Fields): number | undefined {
  const ticks = count(usage['cost_in_usd_ticks'])
  return (
    count(usage['cost']) ??
    count(fields(usage['cost'])['total_cost']) ??
    (ticks === undefined ? undefined : ticks / 1e10)
  )
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < Infinity ? value : undefined
}

function fields(value: unknown): Fields {
  return isRecord(value) ? value : {}
}
