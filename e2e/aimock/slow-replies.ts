// Replies whose chunks come one at a time, in virtual time.
import { setMaxListeners } from 'node:events'
import type { FixtureFileResponse, FixtureOpts } from '@copilotkit/aimock'
import type { ChatEvent, ToolCall } from 'ratatoskr'
import { counts, type Mock } from './mock.ts'
import { latency } from './virtual-time.ts'
import type { Part } from './wire.ts'

// aimock adds a listener for each chunk of a reply that it cuts: Node remarks on more than ten.
setMaxListeners(100)

/** Cuts the lion in two. */
export const size = 10
export const text = 'Ein Löwe 🦁 ✓ 樹.'
export const thoughts = 'Hm, 木? No: ash.'
export const weather: ToolCall = { id: 'call_a', name: 'weather', arguments: '{"city":"Tromsø"}' }
const time: ToolCall = { id: 'call_b', name: 'time', arguments: '{"zone":"Oslo"}' }

export interface Reply {
  readonly name: string
  readonly sent: FixtureFileResponse
  readonly parts: readonly Part[]
}

export const textAndCalls: Reply = {
  name: 'text and two calls',
  sent: { content: text, toolCalls: [weather, time] },
  parts: [
    { type: 'content', text },
    { type: 'call', call: weather },
    { type: 'call', call: time },
  ],
}

export const replies: readonly Reply[] = [
  { name: 'text', sent: { content: text }, parts: [{ type: 'content', text }] },
  {
    name: 'reasoning and text',
    sent: { content: text, reasoning: thoughts },
    parts: [
      { type: 'reasoning', text: thoughts },
      { type: 'content', text },
    ],
  },
  { name: 'one call', sent: { toolCalls: [weather] }, parts: [{ type: 'call', call: weather }] },
  textAndCalls,
]

/** How many chunks there are up to the first with an event that is asked for. */
export function chunksUntil(
  chunks: readonly (readonly ChatEvent[])[],
  isIt: (event: ChatEvent) => boolean = () => true,
): number {
  return chunks.findIndex((events) => events.some(isIt)) + 1
}

/** Lets aimock answer in slow chunks. */
export function answerSlowly(
  mock: Mock,
  sent: FixtureFileResponse,
  options: FixtureOpts = {},
): void {
  mock.answer({ usage: counts.usage, ...sent }, { chunkSize: size, latency, ...options })
}

/** The text of the events of one type. */
export function textOf(events: readonly ChatEvent[], type: 'content' | 'reasoning'): string {
  return events.map((event) => (event.type === type ? event.text : '')).join('')
}

/** The calls that these events begin, with as much of their arguments: those that end, and the others. */
export function callsOf(events: readonly ChatEvent[]): { whole: ToolCall[]; cut: ToolCall[] } {
  const calls: ToolCall[] = []
  const ended = new Set<ToolCall | undefined>()
  for (const event of events) {
    if (event.type === 'tool_call_start') {
      calls.push({ id: event.id, name: event.name, arguments: '' })
    }
    const last = calls.at(-1)
    if (event.type === 'tool_call_delta' && last) last.arguments += event.arguments
    if (event.type === 'tool_call_end') ended.add(calls[event.index])
  }
  return {
    whole: calls.filter((call) => ended.has(call)),
    cut: calls.filter((call) => !ended.has(call)),
  }
}
