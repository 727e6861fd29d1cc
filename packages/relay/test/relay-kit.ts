import { createGateway, user, type ChatEvent, type GatewayOptions } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { SseDecoder, type SseEvent } from 'ratatoskr/dialects'
import { createRelay, memoryHost, type LogEntry, type RelayOptions } from '@ratatoskr/relay'
import { simulatorFetch, type SimulatorOptions } from '@ratatoskr/testkit'
import { createStreamId } from '../src/wire/stream-id.ts'

/** A relay in front of a simulated provider, and what happened to both. */
export interface Kit {
  relay: (request: Request) => Promise<Response>
  host: ReturnType<typeof memoryHost>
  entries: LogEntry[]
  /** The requests that the provider saw, as JSON. */
  upstream: { body: unknown; signal: AbortSignal }[]
}

export interface KitOptions extends Partial<RelayOptions> {
  simulator?: SimulatorOptions
  retry?: GatewayOptions['retry']
}

/** Whoever sends `authorization: Bearer <name>` is the caller of this name. */
export function createKit({ simulator = {}, retry = false, ...options }: KitOptions = {}): Kit {
  const host = memoryHost()
  const entries: LogEntry[] = []
  const upstream: Kit['upstream'] = []
  const simulated = simulatorFetch({ script: [{ text: 'Hello, world!' }], ...simulator })
  const gateway = createGateway({
    retry,
    providers: [
      openrouter({
        apiKey: 'sk-or-upstream-key-0123456789',
        fetch: async (input, { body, signal, ...init }) => {
          if (typeof body !== 'string') return simulated(input, init)
          const sent = JSON.parse(body) as object
          upstream.push({ body: sent, signal: signal ?? new AbortController().signal })
          // OpenRouter tells the usage unasked; the simulator only when it is asked, as OpenAI does.
          const asking = JSON.stringify({ ...sent, stream_options: { include_usage: true } })
          return simulated(input, { ...init, body: asking, ...(signal && { signal }) })
        },
      }),
    ],
  })
  const relay = createRelay({
    gateway,
    host,
    authorize: (request) => {
      const [, id] = /^Bearer (\w+)$/.exec(request.headers.get('authorization') ?? '') ?? []
      return id === undefined ? undefined : { id }
    },
    log: (entry) => entries.push(entry),
    ...options,
  })
  return { relay, host, entries, upstream }
}

export const base = 'https://relay.test'

export interface Ask {
  id?: string
  caller?: string | undefined
  after?: number
  headers?: Record<string, string>
  messages?: unknown
  options?: Record<string, unknown>
}

/** A `POST /chat`. */
export function chatRequest(ask: Ask = {}): Request {
  const { id = createStreamId(), messages = [user('Hi')], options } = ask
  return new Request(`${base}/chat`, {
    method: 'POST',
    headers: headersOf(ask),
    body: JSON.stringify({ id, messages, options: { model: 'vendor/model', ...options } }),
  })
}

export function headersOf({ caller = 'ann', after, headers }: Ask): Record<string, string> {
  return {
    'content-type': 'application/json',
    ...(caller && { authorization: `Bearer ${caller}` }),
    ...(after !== undefined && { 'last-event-id': String(after) }),
    ...headers,
  }
}

/** `GET` or `DELETE` of a stream. */
export function streamRequest(method: 'GET' | 'DELETE', id: string, ask: Ask = {}): Request {
  return new Request(`${base}/chat/${id}`, { method, headers: headersOf(ask) })
}

/** All server-sent events of a body. */
export async function sseOf(response: Response): Promise<SseEvent[]> {
  const decoder = new SseDecoder()
  const events: SseEvent[] = []
  decoder.push(new Uint8Array(await response.arrayBuffer()), (event) => events.push(event))
  return events
}

/** The `ChatEvent`s of a body that must have no failure. */
export async function eventsOf(response: Response): Promise<ChatEvent[]> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  const events = await sseOf(response)
  return events.map(({ event, data }) => {
    if (event === 'error') throw new Error(data)
    return JSON.parse(data) as ChatEvent
  })
}

export function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'content' ? event.text : '')).join('')
}
