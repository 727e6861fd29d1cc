// Replies whose chunks come one at a time, in virtual time.
import type { FixtureFileResponse, FixtureOpts } from '@copilotkit/aimock'
import type { ChatEvent, ToolCall } from 'ratatoskr'
import { call, content, counts, reasoning, type Mock } from './mock.ts'
import { latency } from './virtual-time.ts'

// aimock adds a listener for each chunk of a reply that it cuts: Node remarks on more than ten. This size also
// cuts the lion in two.
export const size = 10
export const text = 'Ein Löwe 🦁 ✓ 樹.'
export const thoughts = 'Hm, 木? No: ash.'
export const weather: ToolCall = { id: 'call_a', name: 'weather', arguments: '{"city":"Tromsø"}' }
const time: ToolCall = { id: 'call_b', name: 'time', arguments: '{"zone":"Oslo"}' }

/** What the server sends first, or after its reasoning, is only a role. */
export const role: readonly ChatEvent[] = []
export const eachAlone = (events: readonly ChatEvent[]): ChatEvent[][] =>
  events.map((event) => [event])

export interface Reply {
  readonly name: string
  readonly sent: FixtureFileResponse
  /** The events of each chunk, before the one with the finish reason. */
  readonly chunks: readonly (readonly ChatEvent[])[]
}

export const textAndCalls: Reply = {
  name: 'text and two calls',
  sent: { content: text, toolCalls: [weather, time] },
  chunks: [
    role,
    ...eachAlone(content(text, size)),
    ...eachAlone(call(0, weather, size)),
    ...eachAlone(call(1, time, size)),
  ],
}

export const replies: readonly Reply[] = [
  {
    name: 'text',
    sent: { content: text },
    chunks: [role, ...eachAlone(content(text, size))],
  },
  {
    name: 'reasoning and text',
    sent: { content: text, reasoning: thoughts },
    chunks: [...eachAlone(reasoning(thoughts, size)), role, ...eachAlone(content(text, size))],
  },
  {
    name: 'one call',
    sent: { toolCalls: [weather] },
    chunks: [role, ...eachAlone(call(0, weather, size))],
  },
  textAndCalls,
]

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

/** The calls that these events begin, with as much of their arguments. */
export function callsOf(events: readonly ChatEvent[]): ToolCall[] {
  const calls: ToolCall[] = []
  for (const event of events) {
    if (event.type === 'tool_call_start') {
      calls.push({ id: event.id, name: event.name, arguments: '' })
    }
    const last = calls.at(-1)
    if (event.type === 'tool_call_delta' && last) last.arguments += event.arguments
  }
  return calls
}
