import { SseDecoder, type SseEvent } from 'ratatoskr/dialects'

export type Fetch = (path: string, init: RequestInit) => Promise<Response>

/** Asks a relay's `/chat`. */
export interface RelayClient {
  /** Begins a reply, or attaches. `model` is what the provider is told. */
  post: (id: string, model: string, own?: Own) => Promise<Response>
  get: (id: string, own?: Own) => Promise<Response>
  stop: (id: string, own?: Own) => Promise<Response>
}

interface Own {
  caller?: string
  after?: number
  text?: string
  signal?: AbortSignal
}

export function relayClient(ask: Fetch, name: string): RelayClient {
  const headersOf = ({ caller = name, after }: Own): Record<string, string> => ({
    authorization: `Bearer ${caller}`,
    'content-type': 'application/json',
    ...(after !== undefined && { 'last-event-id': String(after) }),
  })
  const one =
    (method: string) =>
    (id: string, own: Own = {}) =>
      ask(`/chat/${id}`, {
        method,
        headers: headersOf(own),
        ...(own.signal && { signal: own.signal }),
      })
  return {
    post(id, model, own = {}) {
      const { text = 'Hi', signal } = own
      return ask('/chat', {
        method: 'POST',
        headers: headersOf(own),
        body: JSON.stringify({
          id,
          messages: [{ role: 'user', content: text }],
          options: { model },
        }),
        ...(signal && { signal }),
      })
    },
    get: one('GET'),
    stop: one('DELETE'),
  }
}

/** Reads whole events until one fits, or the end. The connection stays. */
export async function readEvents(
  response: Response,
  until: (event: SseEvent) => boolean = () => false,
): Promise<{ events: SseEvent[]; text: string; drop: () => Promise<void> }> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  const events: SseEvent[] = []
  const decoder = new SseDecoder()
  const reader = response.body?.getReader()
  let text = ''
  const drop = async (): Promise<void> => reader?.cancel().catch(() => {})
  for (;;) {
    const { value } = (await reader?.read()) ?? {}
    if (!value) return { events, text, drop }
    text += new TextDecoder().decode(value)
    const before = events.length
    decoder.push(value, (event) => events.push(event))
    if (events.slice(before).some(until)) return { events, text, drop }
  }
}

/** The code of the failure that ends a reply; undefined where it ends well. Throws where it does not end. */
export function endOf(events: readonly SseEvent[]): string | undefined {
  const last = events.at(-1)
  const value = JSON.parse(last?.data ?? '{}') as { type?: string; code?: string }
  if (last?.event === 'error') return value.code
  if (value.type !== 'done') throw new Error('The reply has no end')
  return undefined
}

export function saidIn(events: readonly SseEvent[]): string {
  return events
    .map(({ data }) => JSON.parse(data) as { type?: string; text?: string })
    .map(({ type, text }) => (type === 'content' ? text : ''))
    .join('')
}
