import type { Usage } from '../../event.ts'
import { fieldsOf } from '../../json/shape.ts'
import { count } from '../count.ts'

/** Reads `usageMetadata`; undefined when it holds no counts. Thoughts are counted apart there. */
export function readUsage(sent: unknown): Usage | undefined {
  const usage = fieldsOf(sent)
  const [prompt, written, total, thought, cached] = [
    'promptTokenCount',
    'candidatesTokenCount',
    'totalTokenCount',
    'thoughtsTokenCount',
    'cachedContentTokenCount',
  ].map((name) => count(usage[name]))
  if ((prompt ?? written) === undefined) return undefined
  const promptTokens = prompt ?? 0
  const completionTokens = (written ?? 0) + (thought ?? 0)
  return {
    promptTokens,
    completionTokens,
    totalTokens: total ?? promptTokens + completionTokens,
    ...(thought !== undefined && { reasoningTokens: thought }),
    ...(cached !== undefined && { cachedTokens: cached }),
  }
}
