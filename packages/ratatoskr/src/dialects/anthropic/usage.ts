import type { Usage } from '../../event.ts'
import { fieldsOf } from '../../json/shape.ts'
import { count } from '../count.ts'

/**
 * Reads the counts of a message: those of its start, overwritten by later ones, which are
 * cumulative. Undefined when there are none.
 */
export function readUsage(sent: { readonly [field: string]: unknown }): Usage | undefined {
  const [input, read, written, output, thinking] = [
    sent['input_tokens'],
    sent['cache_read_input_tokens'],
    sent['cache_creation_input_tokens'],
    sent['output_tokens'],
    fieldsOf(sent['output_tokens_details'])['thinking_tokens'],
  ].map(count)
  if ((input ?? output) === undefined) return undefined
  const promptTokens = (input ?? 0) + (read ?? 0) + (written ?? 0)
  const completionTokens = output ?? 0
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    ...(thinking !== undefined && { reasoningTokens: thinking }),
    ...(read !== undefined && { cachedTokens: read }),
    ...(written !== undefined && { cacheWriteTokens: written }),
  }
}
