import type { ChatEvent } from 'ratatoskr'
import { count, fields, maybe, said, text, type Check } from './check.ts'

const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter', 'other']
const maybeText = maybe(text)
const maybeCount = maybe(count)

/** By type, what else an event has. */
const checks: { readonly [type in ChatEvent['type']]: Check } = {
  content: fields({ text: said }),
  reasoning: fields({ text: said }),
  refusal: fields({ text: said }),
  tool_call_start: fields({
    index: count,
    id: text,
    name: text,
    kind: maybe((kind) => kind === 'custom'),
  }),
  tool_call_delta: fields({ index: count, arguments: said }),
  tool_call_end: fields({ index: count }),
  citation: fields({
    citation: fields({
      url: maybeText,
      title: maybeText,
      text: maybeText,
      documentId: maybeText,
      start: maybeCount,
      end: maybeCount,
    }),
  }),
  image: fields({ image: fields({ mediaType: text, data: maybeText, url: maybeText }) }),
  provider: fields({ dialect: text }),
  usage: fields({
    usage: fields({
      promptTokens: count,
      completionTokens: count,
      totalTokens: count,
      reasoningTokens: maybeCount,
      cachedTokens: maybeCount,
      cacheWriteTokens: maybeCount,
      cost: maybeCount,
    }),
  }),
  done: fields({
    finishReason: (reason) => finishReasons.some((known) => known === reason),
    rawFinishReason: maybeText,
    model: maybeText,
    id: maybeText,
    continuation: maybe(fields({ dialect: text })),
  }),
}

/** Whether a value is an event, of a type that this version knows. */
export function isChatEvent(value: unknown): value is ChatEvent {
  const type = typeOf(value)
  return isKnown(type) && checks[type](value)
}

/** Whether a value may be an event of a type that a newer relay knows. */
export function isOtherEvent(value: unknown): boolean {
  const type = typeOf(value)
  return type !== undefined && !isKnown(type)
}

function isKnown(type: string | undefined): type is ChatEvent['type'] {
  return type !== undefined && Object.hasOwn(checks, type)
}

function typeOf(value: unknown): string | undefined {
  const isObject = typeof value === 'object' && value !== null && 'type' in value
  return isObject && typeof value.type === 'string' ? value.type : undefined
}
