import type { Usage } from '../../event.ts'
import { count } from '../count.ts'
import { fieldsOf } from '../../json/shape.ts'

/** Reads a `usage` object; undefined when it holds no counts. */
export function readUsage(sent: unknown): Usage | undefined {
  const usage = fieldsOf(sent)
  const details = fieldsOf(usage['prompt_tokens_details'])
  const { prompt_tokens: prompt, completion_tokens: completion } = usage
  if (count(prompt ?? completion) === undefined) return undefined
  const [promptTokens, completionTokens] = [count(prompt) ?? 0, count(completion) ?? 0]
  const totalTokens = count(usage['total_tokens']) ?? promptTokens + completionTokens
  const read: Usage = { promptTokens, completionTokens, totalTokens }
  const others: readonly (readonly [
    'reasoningTokens' | 'cachedTokens' | 'cacheWriteTokens' | 'cost',
    unknown,
  ])[] = [
    ['reasoningTokens', fieldsOf(usage['completion_tokens_details'])['reasoning_tokens']],
    ['cachedTokens', details['cached_tokens']],
    ['cacheWriteTokens', details['cache_write_tokens']],
    ['cost', usage['cost']],
  ]
  for (const [name, sum] of others) {
    const value = count(sum)
    if (value !== undefined) read[name] = value
  }
  return read
}
