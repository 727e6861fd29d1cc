import { isRecord } from '../json/shape.ts'
import type { AssistantMessage, ToolCall } from '../message.ts'

type Fields = { readonly [field: string]: unknown }

/** How a dialect writes the parts of an assistant's message; `own` is what was kept of one. */
export interface ReplayWriter<Part> {
  text: (text: string, own: Fields) => Part
  call: (call: ToolCall, own: Fields) => Part
  /** Of what is neither, all is kept. */
  other: (own: Fields) => Part
}

/**
 * The parts of an assistant's message in the order in which they came, as a continuation kept them:
 * a text as its `length` within the message's content, a `call` by its id, and all else whole. So
 * nothing is kept twice, and what somebody has changed since in the message is what is sent.
 *
 * A text that was changed has no places any more: it stands before the calls. What the message has
 * and the continuation has not comes last.
 */
export function replay<Part>(
  { content, toolCalls = [] }: AssistantMessage,
  kept: unknown,
  write: ReplayWriter<Part>,
): Part[] {
  const entries = [kept].flat().filter(isRecord)
  const total = entries.reduce((sum, { length }) => sum + (Number(length) || 0), 0)
  const isSame = total === content.length
  const calls = new Map(toolCalls.map((call) => [call.id, call]))
  const parts: Part[] = []
  let rest = isSame ? '' : content
  let position = 0
  const writeRest = (): void => {
    if (rest) parts.push(write.text(rest, {}))
    rest = ''
  }
  for (const { length, call: id, ...own } of entries) {
    if (typeof length === 'number') {
      const text = content.slice(position, (position += length))
      if (isSame) parts.push(write.text(text, own))
    } else if (typeof id === 'string') {
      const call = calls.get(id)
      calls.delete(id)
      writeRest()
      if (call) parts.push(write.call(call, own))
    } else parts.push(write.other(own))
  }
  writeRest()
  for (const call of calls.values()) parts.push(write.call(call, {}))
  return parts
}
