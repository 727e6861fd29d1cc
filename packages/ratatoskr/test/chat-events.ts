import * as fc from 'fast-check'
import type { ChatEvent, FinishReason, Usage } from '../src/event.ts'
import { canonical } from './run-decoder.ts'

/** What the sequences of {@link chatEvents} may hold. */
export interface ChatEventsOptions {
  /** Pieces of parallel calls, and text, in between each other. Default: true; else in turn. */
  interleaved?: boolean
  /** Custom calls, whose arguments are free text. Default: false. */
  custom?: boolean
  /** Calls without arguments. Default: true. */
  emptyArguments?: boolean
}

/** Texts with what framing and JSON might trip over. Lone surrogates are no text. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  fc.constantFrom(
    '🐿️ ',
    '👩‍👩‍👧',
    '松鼠',
    'Żółw',
    ' ',
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    '\u2028',
    '\u2029',
    '\0',
    '\uFEFF',
    'data: [DONE]\n\n',
    '[DONE]',
    '"\\',
    '</think>',
  ),
)

const words = fc.stringMatching(/^[\w-]{1,12}$/)
const names = fc.constantFrom('weather', 'get_time', 'search-web', 'f')
/** JSON objects as text, also spread over lines. */
const objects = fc
  .tuple(fc.dictionary(texts, fc.jsonValue({ maxDepth: 2 })), fc.constantFrom(undefined, 2))
  .map(([value, indent]) => JSON.stringify(value, null, indent))

/** Cuts a text into pieces, none of which is empty. */
function cut(text: string, places: readonly number[]): string[] {
  const at = [...new Set(places.map((place) => place % text.length))].sort((a, b) => a - b)
  return [0, ...at]
    .map((from, i) => text.slice(from, at[i] ?? text.length))
    .filter((piece) => piece !== '')
}

const places = fc.array(fc.nat(200), { maxLength: 5 })

interface Call {
  name: string
  custom: boolean
  /** Pieces of the arguments. */
  pieces: string[]
  ended: boolean
}

const counts = fc.nat(1_000_000)
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })

/** A copy without the fields that are undefined. */
export function defined<Value extends object>(
  value: Value,
): { [Field in keyof Value]?: Exclude<Value[Field], undefined> } {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries) as {
    [Field in keyof Value]?: Exclude<Value[Field], undefined>
  }
}

/** Token counts that hold together: parts are no larger than what they are part of. */
export const usages: fc.Arbitrary<Usage> = fc
  .record({
    prompt: counts,
    completion: counts,
    reasoning: maybe(counts),
    cached: maybe(counts),
    written: maybe(counts),
    cost: maybe(fc.double({ min: 0, max: 100, noNaN: true })),
  })
  .map(({ prompt, completion, reasoning, cached, written, cost }) => {
    const read = cached === undefined ? undefined : cached % (prompt + 1)
    return defined({
      promptTokens: prompt,
      completionTokens: completion,
      totalTokens: prompt + completion,
      reasoningTokens: reasoning === undefined ? undefined : reasoning % (completion + 1),
      cachedTokens: read,
      cacheWriteTokens: written === undefined ? undefined : written % (prompt - (read ?? 0) + 1),
      cost,
    }) as Usage
  })

/** Words of several formats for each reason; a third of the replies have none. */
const rawReasons: { readonly [reason in FinishReason]: readonly string[] } = {
  stop: ['end_turn', 'STOP'],
  length: ['max_tokens', 'length'],
  tool_calls: ['tool_use', 'tool_calls'],
  content_filter: ['refusal', 'SAFETY'],
  other: ['pause_turn', 'MALFORMED_FUNCTION_CALL'],
}

const sources: fc.Arbitrary<ChatEvent> = fc
  .record({
    url: maybe(fc.webUrl()),
    title: maybe(texts),
    text: maybe(texts),
    documentId: maybe(words),
    place: maybe(fc.tuple(fc.nat(99), fc.integer({ min: 1, max: 9 }))),
  })
  .map(({ place, ...source }) => ({
    type: 'citation',
    citation: {
      ...defined(source),
      ...(place && { start: place[0], end: place[0] + place[1] }),
    },
  }))

const images: fc.Arbitrary<ChatEvent> = fc
  .oneof(
    fc.record({ data: fc.base64String({ minLength: 4, maxLength: 8 }) }),
    fc.record({ url: fc.webUrl() }),
  )
  .map((source) => ({ type: 'image', image: { mediaType: 'image/png', ...source } }))

const spoken: fc.Arbitrary<ChatEvent> = fc.oneof(
  { weight: 4, arbitrary: texts.map((text) => ({ type: 'content' as const, text })) },
  { weight: 2, arbitrary: texts.map((text) => ({ type: 'reasoning' as const, text })) },
  texts.map((text) => ({ type: 'refusal' as const, text })),
  sources,
  images,
  fc.constant({ type: 'provider' as const, dialect: 'none', data: { any: 1 } }),
)

function makeCalls(options: ChatEventsOptions, cutShort: boolean): fc.Arbitrary<Call[]> {
  const { custom = false, emptyArguments = true } = options
  const call = fc
    .record({
      name: names,
      custom: custom ? fc.boolean() : fc.constant(false),
      input: emptyArguments
        ? fc.oneof({ weight: 4, arbitrary: objects }, fc.constant(''))
        : objects,
      free: texts,
      places,
      // 0: not cut. What is left is never a whole object, and never nothing.
      left: cutShort ? fc.oneof(fc.constant(0), fc.nat(30)) : fc.constant(0),
    })
    .map(({ input, free, left, ...rest }): Call => {
      const all = rest.custom ? free : input
      const shortened = left % Math.max(1, all.length)
      const kept = shortened > 0 ? all.slice(0, shortened) : all
      return {
        name: rest.name,
        custom: rest.custom,
        pieces: kept === '' ? [] : cut(kept, rest.places),
        ended: shortened === 0,
      }
    })
  return fc.array(call, { maxLength: 3 })
}

/**
 * Sequences of events as any provider's decoder could emit them: text of all kinds, citations,
 * images, calls whose arguments come in pieces, in between each other and cut off where the reply
 * was too long, usage, and a `done`. Each encoder's test runs them there and back.
 */
export function chatEvents(options: ChatEventsOptions = {}): fc.Arbitrary<ChatEvent[]> {
  return fc.boolean().chain((isLong) =>
    fc
      .record({
        said: fc.array(spoken, { maxLength: 12 }),
        calls: makeCalls(options, isLong),
        picks: fc.array(fc.nat(59), { minLength: 20, maxLength: 20 }),
        usage: maybe(usages),
        reason: fc.nat(9),
        raw: fc.nat(2),
        id: maybe(words),
        model: maybe(words),
      })
      .map((reply): ChatEvent[] => {
        const { calls, usage, id, model } = reply
        const body = weave(reply.said, calls, reply.picks, options.interleaved ?? true)
        const reasons: FinishReason[] = calls.some(({ ended }) => ended)
          ? ['tool_calls', 'content_filter', 'other']
          : ['stop', 'content_filter', 'other']
        const finishReason = isLong
          ? 'length'
          : (reasons[reply.reason < 8 ? 0 : reply.reason - 7] ?? 'other')
        const rawFinishReason = rawReasons[finishReason][reply.raw]
        const done = { finishReason, ...defined({ rawFinishReason, id, model }) }
        return [
          ...body,
          ...(usage ? [{ type: 'usage' as const, usage }] : []),
          { type: 'done', ...done },
        ]
      }),
  )
}

/** Puts the text and the calls into one sequence; picks say which is next. */
function weave(
  said: readonly ChatEvent[],
  calls: readonly Call[],
  picks: readonly number[],
  interleaved: boolean,
): ChatEvent[] {
  let started = 0
  const toQueue = (call: Call, n: number): (() => ChatEvent)[] => {
    let index = 0
    const { name, custom, pieces, ended } = call
    return [
      () => {
        index = started++
        const kind = custom ? { kind: 'custom' as const } : {}
        return { type: 'tool_call_start', index, id: `call:${n}`, name, ...kind }
      },
      ...pieces.map((piece) => () => ({
        type: 'tool_call_delta' as const,
        index,
        arguments: piece,
      })),
      ...(ended ? [() => ({ type: 'tool_call_end' as const, index })] : []),
    ]
  }
  // One after another, the only call that can be cut off is the last thing of all.
  const woven = interleaved ? calls : calls.filter(({ ended }) => ended)
  const last = interleaved ? undefined : calls.find(({ ended }) => !ended)
  const queues = [said.map((event) => () => event), ...woven.map(toQueue)]
  const events: ChatEvent[] = []
  for (let i = 0; ; i += 1) {
    const open = queues.filter((queue) => queue.length > 0)
    const queue = open[(picks[i % picks.length] ?? 0) % Math.max(1, open.length)]
    if (!queue) break
    const isWhole = !interleaved && queue !== queues[0]
    for (const next of queue.splice(0, isWhole ? queue.length : 1)) events.push(next())
  }
  if (last) for (const next of toQueue(last, calls.length)) events.push(next())
  return events
}

/**
 * What a format carries of each kind of event; kinds that are not named are carried whole. Undefined
 * or null: the event is lost.
 */
export type Carried = {
  readonly [Type in ChatEvent['type']]?:
    | ((event: Extract<ChatEvent, { type: Type }>) => ChatEvent | undefined)
    | null
}

/**
 * The form in which sequences are compared (law 6): adjacent text joined; each call where it
 * started, with its arguments in one piece and its end right after them; no arguments written as
 * `{}`; and without what the format cannot carry.
 */
export function canonicalReply(events: readonly ChatEvent[], carried: Carried = {}): ChatEvent[] {
  interface Slot {
    start: Extract<ChatEvent, { type: 'tool_call_start' }>
    input: string
    ended: boolean
  }
  const slots: (ChatEvent | Slot)[] = []
  const calls = new Map<number, Slot>()
  for (const sent of events) {
    const carry = carried[sent.type] as
      | ((event: ChatEvent) => ChatEvent | undefined)
      | null
      | undefined
    const event = carry === undefined ? sent : carry?.(sent)
    if (event?.type === 'tool_call_start') {
      // Counted again, for one before it may be lost.
      const slot = { start: { ...event, index: calls.size }, input: '', ended: false }
      calls.set(event.index, slot)
      slots.push(slot)
    } else if (event?.type === 'tool_call_delta') {
      const slot = calls.get(event.index)
      if (slot) slot.input += event.arguments
    } else if (event?.type === 'tool_call_end') {
      const slot = calls.get(event.index)
      if (slot) slot.ended = true
    } else if (event) slots.push(event)
  }
  const ordered = slots.flatMap((slot): ChatEvent[] => {
    if (!('start' in slot)) return [slot]
    const { start, input, ended } = slot
    const { index, kind } = start
    const text = ended && !kind && input.trim() === '' ? '{}' : input
    return [
      start,
      ...(text === '' ? [] : [{ type: 'tool_call_delta' as const, index, arguments: text }]),
      ...(ended ? [{ type: 'tool_call_end' as const, index }] : []),
    ]
  })
  return canonical(ordered)
}
