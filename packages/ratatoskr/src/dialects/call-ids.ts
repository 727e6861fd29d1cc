import type { Message } from '../message.ts'

/**
 * Makes the function that gives the ids of tool calls another form where a provider refuses the
 * one they have: the same for a call and for its result, and none twice.
 *
 * @param pattern What the provider takes; `c00000000` must be of it.
 */
export function renameCallIds(
  messages: readonly Message[],
  pattern: RegExp,
): (id: string) => string {
  const ids = new Set(
    messages.flatMap((message) =>
      message.role === 'tool'
        ? message.toolCallId
        : message.role === 'assistant'
          ? (message.toolCalls ?? []).map(({ id }) => id)
          : [],
    ),
  )
  const made = new Map<string, string>()
  let next = 0
  for (const id of ids) {
    if (!id || pattern.test(id)) continue
    let candidate: string
    do {
      candidate = `c${String(next).padStart(8, '0')}`
      next += 1
    } while (ids.has(candidate))
    made.set(id, candidate)
  }
  return (id) => made.get(id) ?? id
}
