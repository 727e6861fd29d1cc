import * as v from 'valibot'
import type { ChatEvent } from '../src/event.ts'
import { isJsonObject } from '../src/json/is-json-object.ts'

const text = v.pipe(v.string(), v.nonEmpty())
const count = v.pipe(v.number(), v.finite(), v.minValue(0))
const index = v.pipe(v.number(), v.integer(), v.minValue(0))
const optional = { text: v.exactOptional(text), count: v.exactOptional(count) }

/** Every event to the letter: no field more, none empty that may not be. */
const strictEvent = v.variant('type', [
  v.strictObject({ type: v.picklist(['content', 'reasoning', 'refusal']), text }),
  v.strictObject({
    type: v.literal('tool_call_start'),
    index,
    id: text,
    name: text,
    kind: v.exactOptional(v.literal('custom')),
  }),
  v.strictObject({ type: v.literal('tool_call_delta'), index, arguments: text }),
  v.strictObject({ type: v.literal('tool_call_end'), index }),
  v.strictObject({
    type: v.literal('citation'),
    citation: v.strictObject({
      url: optional.text,
      title: optional.text,
      text: optional.text,
      documentId: optional.text,
      start: optional.count,
      end: optional.count,
    }),
  }),
  v.strictObject({
    type: v.literal('image'),
    image: v.strictObject({ mediaType: text, data: optional.text, url: optional.text }),
  }),
  v.strictObject({ type: v.literal('provider'), dialect: text, data: v.unknown() }),
  v.strictObject({
    type: v.literal('usage'),
    usage: v.strictObject({
      promptTokens: count,
      completionTokens: count,
      totalTokens: count,
      reasoningTokens: optional.count,
      cachedTokens: optional.count,
      cacheWriteTokens: optional.count,
      cost: optional.count,
    }),
  }),
  v.strictObject({
    type: v.literal('done'),
    finishReason: v.picklist(['stop', 'length', 'tool_calls', 'content_filter', 'other']),
    rawFinishReason: v.exactOptional(v.string()),
    model: optional.text,
    id: optional.text,
    continuation: v.exactOptional(v.strictObject({ dialect: text, data: v.unknown() })),
  }),
])

interface Call {
  text: string
  isCustom: boolean
  ended: boolean
}

/**
 * Tells what is wrong with the events of one reply; undefined where nothing is.
 *
 * @param hasFailed The reply ended with an error.
 */
export function eventsProblem(
  events: readonly ChatEvent[],
  hasFailed: boolean,
): string | undefined {
  const calls: Call[] = []
  for (const [i, event] of events.entries()) {
    const { success, issues } = v.safeParse(strictEvent, event)
    const problem = success ? orderProblem(event, events[i + 1], calls) : v.summarize(issues)
    if (problem !== undefined) return `event ${i} (${event.type}): ${problem}`
  }
  const isDone = events.at(-1)?.type === 'done'
  if (isDone && hasFailed) return 'a reply that is done has failed'
  return isDone || hasFailed ? undefined : 'neither done nor failed'
}

function orderProblem(
  event: ChatEvent,
  next: ChatEvent | undefined,
  calls: Call[],
): string | undefined {
  switch (event.type) {
    case 'tool_call_start':
      if (event.index !== calls.length) return 'is out of turn'
      calls.push({ text: '', isCustom: event.kind === 'custom', ended: false })
      return undefined
    case 'tool_call_delta': {
      const call = calls[event.index]
      if (!call || call.ended) return 'belongs to no open call'
      call.text += event.arguments
      return undefined
    }
    case 'tool_call_end': {
      const call = calls[event.index]
      if (!call || call.ended) return 'belongs to no open call'
      call.ended = true
      const isWhole = call.isCustom || !call.text.trim() || isJsonObject(call.text)
      return isWhole ? undefined : 'has arguments that are no JSON object'
    }
    case 'usage':
      return next?.type === 'done' ? undefined : 'does not stand before done'
    case 'done':
      return next === undefined ? undefined : 'is not the last'
    default:
      return undefined
  }
}
