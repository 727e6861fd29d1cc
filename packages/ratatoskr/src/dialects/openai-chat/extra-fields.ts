import { stringify } from '../api-error.ts'
import type { Chunk } from './chunk.ts'

/** What events carry, and what says nothing. */
const carried =
  /^(id|object|created|model|usage|error|p|obfuscation|index|message|role|content|refusal|annotations|images|citations|choices|delta|(search|finish|reasoning|tool|function)_?.*)$/

/**
 * Makes the function that finds in a chunk what no event carries, such as log probabilities,
 * other choices, or a host's own fields. What only repeats the last chunk's is not new.
 */
export function extraFields(): (chunk: Chunk) => boolean {
  let last: string | undefined
  return (chunk) => {
    const choices = chunk.choices ?? []
    const parts = [chunk, ...choices, ...choices.map(({ delta }) => delta ?? {})]
    const rest = stringify(
      parts.flatMap((part) =>
        Object.entries(part).filter(([field, value]) => value != null && !carried.test(field)),
      ),
    )
    const isNew = rest !== '[]' && rest !== last
    last = rest
    return isNew || choices.some(({ index }) => index)
  }
}
