import { SseDecoder } from 'ratatoskr/dialects'
import type { Provider } from 'ratatoskr'
import { showRequest, withEventsTraced, type Fetch } from '../chain/staged-provider.ts'
import type { Framing, TraceWriter } from '../chain/trace.ts'
import { lazyRelay, type LazyRelayOptions } from './lazy-relay.ts'

/**
 * A relay whose replies can be seen. Its client reads them by itself, over as many connections as it takes: what stands in the
 * panes of the bytes and the server-sent events is what came over all of them, before the client leaves out what it has already.
 */
export function tracedRelay(options: LazyRelayOptions, trace: TraceWriter): Provider {
  const provider = lazyRelay({ ...options, fetch: traced(options, trace) })
  return {
    ...provider,
    async open(request, context) {
      trace.framing(framing)
      return withEventsTraced(await provider.open(request, context), trace)
    },
  }
}

const framing: Framing = {
  title: 'SSE events',
  stage: 'fetch-event-source',
  about: 'The server-sent events in it, with their numbers.',
  json: 'JSON.parse',
  events: '@ratatoskr/relay/client',
}

function traced({ fetch, onLink }: LazyRelayOptions, trace: TraceWriter): Fetch {
  return async (url, init) => {
    showRequest(trace, url, init)
    const response = await fetch(url, init).catch((error: unknown) => {
      const how = init.signal?.aborted === true ? 'stopped' : 'no answer'
      trace.transfer({ kind: 'end', how })
      throw error
    })
    const { status, headers, body } = response
    trace.transfer({ kind: 'response', status, headers: [...headers] })
    const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true
    if (body === null || !isStream) return response
    onLink?.(true)
    const seen = watched(body, trace, init.signal, () => onLink?.(false))
    return new Response(seen, { status, headers })
  }
}

/** The body, read on demand, as it was cut. */
function watched(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  trace: TraceWriter,
  signal: AbortSignal | null | undefined,
  onLoss: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader()
  const frames = new SseDecoder()
  let isComplete = false
  let isOver = false
  const end = (how: string): void => {
    if (isOver) return
    isOver = true
    trace.transfer({ kind: 'end', how: isComplete ? 'complete' : how })
  }
  const see = (chunk: Uint8Array): void => {
    trace.chunk(chunk)
    frames.push(chunk, ({ event, data, id }) => {
      trace.frame({ event, data, id })
      const value = parsed(data)
      trace.value(value)
      isComplete ||= event === 'error' || isDone(value)
    })
  }
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) {
            see(value)
            controller.enqueue(value)
            return
          }
          if (!isComplete) onLoss()
          end('closed')
          controller.close()
        } catch (error) {
          const isGivenUp = signal?.aborted === true
          if (!isComplete && !isGivenUp) onLoss()
          end(isGivenUp ? 'given up' : 'broke')
          controller.error(error)
        }
      },
      cancel(reason) {
        end('given up')
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/** What is no JSON is told by the client. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}

function isDone(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'done'
}
