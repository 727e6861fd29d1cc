// The two formats of aimock: how they cut a reply into chunks, which events those are, and their words.
import type { ChatEvent, Continuation, ToolCall } from 'ratatoskr'
import { expect } from 'vitest'

/** What a reply is made of, in its order. */
export type Part =
  | { readonly type: 'content' | 'reasoning'; readonly text: string }
  | { readonly type: 'call'; readonly call: ToolCall }

/** A format on the wire. */
export interface Wire {
  readonly dialect: 'openai-chat' | 'anthropic'
  /** The events of each chunk but the last; `size` is in UTF-16 units. */
  readonly chunks: (parts: readonly Part[], size: number) => ChatEvent[][]
  /** The events of the last chunk, before `usage` and `done`. */
  readonly last: (parts: readonly Part[]) => ChatEvent[]
  /** Its word for a finish reason. */
  readonly word: (reason: string) => string
  /** What `done` carries for the next turn. */
  readonly continuation: (parts: readonly Part[]) => Continuation | undefined
  /** The ids of calls that aimock makes up. */
  readonly callId: RegExp
}

/** A chunk that is no event: what aimock sends around a piece of text, or before it. */
const nothing: readonly ChatEvent[] = []

export const openaiWire: Wire = {
  dialect: 'openai-chat',
  chunks: (parts, size) => {
    const isThought = ({ type }: Part): boolean => type === 'reasoning'
    const cut = (some: readonly Part[]): ChatEvent[][] =>
      some.flatMap((part) => eventsOfPart(part, size, indexOf(part, parts)).map((event) => [event]))
    // What comes after the reasoning is only a role.
    return [
      ...cut(parts.filter(isThought)),
      [...nothing],
      ...cut(parts.filter((part) => !isThought(part))),
    ]
  },
  last: (parts) =>
    parts
      .filter(({ type }) => type === 'call')
      .map((_, index) => ({ type: 'tool_call_end', index })),
  word: (reason) => reason,
  continuation: () => undefined,
  callId: /^call_./,
}

const anthropicWords: { readonly [reason: string]: string } = {
  stop: 'end_turn',
  tool_calls: 'tool_use',
  length: 'max_tokens',
}

export const anthropicWire: Wire = {
  dialect: 'anthropic',
  chunks: (parts, size) => {
    const blocks = parts.flatMap((part): ChatEvent[][] => {
      const index = indexOf(part, parts)
      if (part.type === 'call') {
        // aimock writes the arguments anew, and so none as `{}`.
        const call = { ...part.call, arguments: part.call.arguments || '{}' }
        const events = eventsOfPart({ type: 'call', call }, size, index)
        return [...events, callEnd(index)].map((event) => [event])
      }
      const signature = part.type === 'reasoning' ? [[...nothing]] : []
      const deltas = eventsOfPart(part, size, index).map((event) => [event])
      return [[...nothing], ...deltas, ...signature, [...nothing]]
    })
    // The beginning of the message, its blocks, and why it ends.
    return [[...nothing], ...blocks, [...nothing]]
  },
  last: () => [],
  word: (reason) => anthropicWords[reason] ?? reason,
  continuation: (parts) =>
    parts.some(({ type }) => type === 'reasoning')
      ? { dialect: 'anthropic', data: expect.anything() as unknown }
      : undefined,
  callId: /^toolu_./,
}

/** The number of the call that a part is. */
function indexOf(part: Part, parts: readonly Part[]): number {
  return parts.filter(({ type }) => type === 'call').indexOf(part)
}

/** A call is without its end. */
function eventsOfPart(part: Part, size: number, index: number): ChatEvent[] {
  if (part.type !== 'call') {
    return pieces(part.text, size).map((text) => ({ type: part.type, text }))
  }
  const { id, name, arguments: text } = part.call
  return [
    { type: 'tool_call_start', index, id, name },
    ...pieces(text, size).map((piece): ChatEvent => ({
      type: 'tool_call_delta',
      index,
      arguments: piece,
    })),
  ]
}

function callEnd(index: number): ChatEvent {
  return { type: 'tool_call_end', index }
}

function pieces(text: string, size: number): string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
    text.slice(i * size, (i + 1) * size),
  )
}
