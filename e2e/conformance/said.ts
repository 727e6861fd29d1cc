// One reply with everything that a reply can have, and what every format carries of it.

import { collect } from 'ratatoskr'
import type { ChatEvent, ChatResponse } from 'ratatoskr'
import type { Script } from '@ratatoskr/testkit'
import { equal } from './assert.ts'
import type { Dialect } from './dialects.ts'

const reasoning = 'Hm 🤔, two cities.'
/** What framing and JSON might trip over. */
const texts = ['Łódź — 松鼠 🐿️:\r\n\r\n', '\uFEFFdata: [DONE]\n\n\u2028"\\ \u0000 👩‍👩‍👧‍👦 sun.']
const citation = { url: 'https://a.example/nuts', title: 'Nuts' }
const image = { mediaType: 'image/png', data: 'aGk=' }
const calls = [
  { id: 'a', name: 'get_weather', arguments: { city: 'Łódź "松"', deep: [{ n: 0 }, null] } },
  { id: 'b', name: 'get_time', arguments: {} },
]
const usage = { promptTokens: 7, completionTokens: 30, totalTokens: 37 }

/** For the simulator. */
export const everything: Script = [
  { reasoning },
  { text: texts[0] ?? '' },
  { citation },
  { image },
  { text: texts[1] ?? '' },
  { toolCalls: calls },
  { usage },
]

/** The same as events, in pieces. */
export const everythingEvents: readonly ChatEvent[] = [
  ...pieces(reasoning).map((text) => ({ type: 'reasoning', text }) as const),
  ...pieces(texts[0] ?? '').map((text) => ({ type: 'content', text }) as const),
  { type: 'citation', citation },
  { type: 'image', image },
  ...pieces(texts[1] ?? '').map((text) => ({ type: 'content', text }) as const),
  ...calls.flatMap(({ id, name, arguments: input }, index): ChatEvent[] => [
    { type: 'tool_call_start', index, id, name },
    ...pieces(JSON.stringify(input)).map(
      (text) => ({ type: 'tool_call_delta', index, arguments: text }) as const,
    ),
    { type: 'tool_call_end', index },
  ]),
  { type: 'usage', usage },
  { type: 'done', finishReason: 'tool_calls' },
]

/** A few characters each. */
function pieces(text: string): string[] {
  return text.match(/.{1,8}/gsu) ?? []
}

/** A reply says all of it, but for what its format, or that which it came from, has no field for. */
export function saysEverything(
  response: ChatResponse,
  formats: readonly Pick<Dialect, 'lacks'>[],
  what: string,
): void {
  const isLost = (kind: 'image' | 'citation'): boolean =>
    formats.some(({ lacks }) => lacks.includes(kind))
  const { promptTokens, completionTokens, totalTokens } = response.usage ?? {}
  equal(
    {
      content: response.content,
      reasoning: response.reasoning,
      calls: response.toolCalls.map(({ name, arguments: text }) => [
        name,
        JSON.parse(text) as unknown,
      ]),
      incomplete: response.incompleteToolCalls ?? [],
      citations: (response.citations ?? []).map(({ url, title }) => ({ url, title })),
      images: response.images ?? [],
      usage: { promptTokens, completionTokens, totalTokens },
      finishReason: response.finishReason,
    },
    {
      content: texts.join(''),
      reasoning,
      calls: calls.map(({ name, arguments: input }) => [name, input]),
      incomplete: [],
      citations: isLost('citation') ? [] : [citation],
      images: isLost('image') ? [] : [image],
      usage,
      finishReason: 'tool_calls',
    },
    what,
  )
}

/** The same of events, which end once, and at the end. */
export async function eventsSayEverything(
  events: readonly ChatEvent[],
  formats: readonly Pick<Dialect, 'lacks'>[],
  what: string,
): Promise<void> {
  const ends = events.flatMap(({ type }, at) => (type === 'done' ? [at] : []))
  equal(ends, [events.length - 1], `${what}: where it is done`)
  saysEverything(await collect(events), formats, what)
}
