import type { Usage } from '../../event.ts'
import { fieldsOf } from '../../json/shape.ts'
import { count } from '../count.ts'
import { readCost } from '../read-cost.ts'

/** Reads a `usage` object; undefined when it holds no counts. */
export function readUsage(sent: unknown): Usage | undefined {
  const usage = fieldsOf(sent)
  const [prompt, completion] = [count(usage['input_tokens']), count(usage['output_tokens'])]
  if ((prompt ?? completion) === undefined) return undefined
  const [promptTokens, completionTokens] = [prompt ?? 0, completion ?? 0]
  const { cached_tokens, cache_write_tokens } = fieldsOf(usage['input_tokens_details'])
  const reasoningTokens = count(fieldsOf(usage['output_tokens_details'])['reasoning_tokens'])
  const [cachedTokens, cacheWriteTokens] = [count(cached_tokens), count(cache_write_tokens)]
  const cost = readCost(usage)
  return {
    promptTokens,
    completionTokens,
    totalTokens: count(usage['total_tokens']) ?? promptTokens + completionTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(cost !== undefined && { cost }),
  }
}
