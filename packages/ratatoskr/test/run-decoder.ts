import type { Decoder } from '../src/decoder.ts'
import { isRatatoskrError, type RatatoskrError } from '../src/errors.ts'
import type { ChatEvent } from '../src/event.ts'

/** What came out, and how it ended. */
export interface Run<Out> {
  output: Out[]
  error?: RatatoskrError
}

/** Feeds a decoder, and keeps what it emitted before it failed. Other errors than ours are thrown. */
export function runDecoder<In, Out>(decoder: Decoder<In, Out>, input: Iterable<In>): Run<Out> {
  const output: Out[] = []
  const emit = (value: Out): void => {
    output.push(value)
  }
  try {
    for (const piece of input) decoder.push(piece, emit)
    decoder.end(emit)
  } catch (error) {
    if (!isRatatoskrError(error)) throw error
    return { output, error }
  }
  return { output }
}

/** Adjacent pieces of one kind joined, so that only the meaning is compared. */
export function canonical(events: readonly ChatEvent[]): ChatEvent[] {
  const joined: ChatEvent[] = []
  for (const event of events) {
    const last = joined.at(-1)
    if (event.type === 'content' || event.type === 'reasoning' || event.type === 'refusal') {
      if (last?.type === event.type) {
        joined[joined.length - 1] = { type: event.type, text: last.text + event.text }
        continue
      }
    }
    const continues =
      event.type === 'tool_call_delta' &&
      last?.type === 'tool_call_delta' &&
      last.index === event.index
    if (continues)
      joined[joined.length - 1] = { ...event, arguments: last.arguments + event.arguments }
    else joined.push(event)
  }
  return joined
}
