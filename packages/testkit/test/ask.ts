import {
  createGateway,
  isRatatoskrError,
  user,
  type ChatEvent,
  type ChatOptions,
  type Gateway,
  type Message,
  type Provider,
  type RatatoskrError,
  type Timeouts,
} from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { bedrock } from 'ratatoskr/bedrock'
import { cohere } from 'ratatoskr/cohere'
import { google } from 'ratatoskr/google'
import { ollama } from 'ratatoskr/ollama'
import { openaiResponses } from 'ratatoskr/openai'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import type { DialectName } from '../src/dialects/simulated-dialect.ts'
import type { FetchLike } from '../src/simulator.ts'

export const key = 'sk-secret-0123456789'

/** By dialect, a provider that reaches its service by a `fetch`. */
export const providers: { readonly [name in DialectName]: (fetch: FetchLike) => Provider } = {
  'openai-chat': (fetch) =>
    openaiCompatible({ name: 'test', baseURL: 'http://simulated.test/v1', apiKey: key, fetch }),
  anthropic: (fetch) =>
    anthropic({ name: 'test', baseURL: 'http://simulated.test/v1', apiKey: key, fetch }),
  'openai-responses': (fetch) =>
    openaiResponses({ name: 'test', baseURL: 'http://simulated.test/v1', apiKey: key, fetch }),
  gemini: (fetch) =>
    google({ name: 'test', baseURL: 'http://simulated.test/v1beta', apiKey: key, fetch }),
  ollama: (fetch) => ollama({ name: 'test', baseURL: 'http://simulated.test', fetch }),
  cohere: (fetch) =>
    cohere({ name: 'test', baseURL: 'http://simulated.test/v2', apiKey: key, fetch }),
  bedrock: (fetch) =>
    bedrock({
      name: 'test',
      region: 'us-east-1',
      baseURL: 'http://simulated.test',
      apiKey: key,
      fetch,
    }),
}
/** Every dialect; the two that came first have their own checks besides. */
export const allDialects = Object.keys(providers) as DialectName[]
export const dialectNames = ['openai-chat', 'anthropic'] as const

export function gatewayOf(
  dialect: DialectName,
  fetch: FetchLike,
  timeouts: Partial<Timeouts> | false = false,
): Gateway {
  return createGateway({ providers: [providers[dialect](fetch)], retry: false, timeouts })
}

/** What came of a request: events with their neighbours joined, and the error that ended them. */
export interface Outcome {
  events: ChatEvent[]
  error?: RatatoskrError
}

export async function ask(
  dialect: DialectName,
  fetch: FetchLike,
  options: Partial<ChatOptions> = {},
  messages: readonly Message[] = [user('Hello')],
  timeouts: Partial<Timeouts> | false = false,
): Promise<Outcome> {
  const events: ChatEvent[] = []
  try {
    const gateway = gatewayOf(dialect, fetch, timeouts)
    const stream = await gateway.chatStream(messages, { model: 'm', ...options })
    for await (const event of stream) events.push(event)
  } catch (error) {
    if (!isRatatoskrError(error)) throw error
    return { events: joined(events), error }
  }
  return { events: joined(events) }
}

/** Adjacent deltas of one kind as one. */
export function joined(events: readonly ChatEvent[]): ChatEvent[] {
  const result: ChatEvent[] = []
  for (const event of events) {
    const last = result.at(-1)
    if (last && 'text' in last && 'text' in event && last.type === event.type) {
      result[result.length - 1] = { ...event, text: last.text + event.text }
    } else if (
      last?.type === 'tool_call_delta' &&
      event.type === 'tool_call_delta' &&
      last.index === event.index
    ) {
      result[result.length - 1] = { ...event, arguments: last.arguments + event.arguments }
    } else {
      result.push(event)
    }
  }
  return result
}

/** A body of this stream, read to its end. */
export async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const reader = stream.getReader()
  const pieces: Uint8Array[] = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return pieces
    pieces.push(value)
  }
}

/** A body that hands out pieces, then ends as it is told, and tells what becomes of it. */
export function observed(
  pieces: readonly string[],
  end: 'close' | 'silence' | 'error' = 'close',
): { stream: ReadableStream<Uint8Array>; pulls: number; cancelled: boolean } {
  const left = [...pieces]
  const seen = {
    pulls: 0,
    cancelled: false,
    stream: new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          seen.pulls += 1
          const next = left.shift()
          if (next !== undefined) controller.enqueue(new TextEncoder().encode(next))
          else if (end === 'silence') return new Promise<void>(() => {})
          else if (end === 'error') controller.error(new TypeError('broken'))
          else controller.close()
          return undefined
        },
        cancel() {
          seen.cancelled = true
        },
      },
      { highWaterMark: 0 },
    ),
  }
  return seen
}
