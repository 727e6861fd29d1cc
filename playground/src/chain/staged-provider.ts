import type { ChatEventSource, ChatRequest, OpenContext, Provider } from 'ratatoskr'
import { bodyUntilSettled } from './body-until-settled.ts'
import { stagesOf, type DialectName } from './stages.ts'
import type { TraceWriter } from './trace.ts'

/** The platform's `fetch`, as providers call it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What {@link stagedProvider} needs. */
export interface StagedProviderOptions {
  /** Makes the provider that asks: its address, key, headers and request. */
  connect: (fetch: Fetch) => Provider
  fetch: Fetch
  dialect: DialectName
  trace: TraceWriter
}

/**
 * A provider whose replies are read by the library's public streams, one after the other, with taps
 * between them. The provider that it wraps opens the reply, and with that sends the request and
 * explains what comes instead of a stream; the chain of stages takes over the body.
 */
export function stagedProvider(options: StagedProviderOptions): Provider {
  const { connect, fetch } = options
  const provider = connect(fetch)
  const { name, family } = provider
  return {
    name,
    family,
    accepts: (model) => provider.accepts(model),
    open: (request, context) => open(options, request, context),
  }
}

async function open(
  { connect, fetch, dialect, trace }: StagedProviderOptions,
  request: ChatRequest,
  context: OpenContext,
): Promise<ChatEventSource> {
  let body: ReadableStream<Uint8Array> | undefined
  const provider = connect(async (url, init) => {
    showRequest(trace, url, init)
    const response = await fetch(url, init).catch((error: unknown) => {
      trace.transfer({ kind: 'end', how: 'no answer' })
      throw error
    })
    const headers = [...response.headers]
    trace.transfer({ kind: 'response', status: response.status, headers })
    const isStream = /event-?stream|ndjson/.test(response.headers.get('content-type') ?? '')
    if (!response.ok || !isStream || response.body === null) return response
    body = response.body
    return new Response(new ReadableStream(), { status: response.status, headers })
  })
  const opened = await provider.open(request, context)
  if (body === undefined) return withEventsTraced(opened, trace)

  const { signal, timeouts, callId } = context
  const { includeProviderEvents } = request.options
  const decoding = { callId, includeProviderEvents, provider: provider.name }
  const stages = stagesOf[dialect](trace, decoding)
  const { requestId, headers } = opened
  const whole = bodyUntilSettled(body, {
    details: { provider: provider.name, requestId },
    idle: timeouts.idle,
    phase: () => stages.phase,
    signal,
    onEnd: (how) => trace.transfer({ kind: 'end', how }),
  })
  const reader = stages.read(whole).getReader()
  return {
    requestId,
    headers,
    async read(emit) {
      const { done, value } = await reader.read()
      if (value) emit(value)
      return !done && value.type !== 'done'
    },
    cancel(reason) {
      opened.cancel(reason)
      reader.cancel(reason).catch(() => {})
    },
  }
}

/** A reply that its provider decodes, such as one that came as one JSON value: only its events are seen. */
export function withEventsTraced(opened: ChatEventSource, trace: TraceWriter): ChatEventSource {
  return {
    requestId: opened.requestId,
    headers: opened.headers,
    read: (emit) =>
      opened.read((event) => {
        trace.event(event)
        emit(event)
      }),
    cancel: (reason) => opened.cancel(reason),
  }
}

/** Shows a request; what may be a key is hidden. */
export function showRequest(trace: TraceWriter, url: string, init: RequestInit): void {
  const headers = [...new Headers(init.headers)].map(([name, value]): [string, string] => [
    name,
    /key|authorization|token|secret/.test(name) ? '(hidden)' : value,
  ])
  const body = typeof init.body === 'string' ? init.body : ''
  trace.transfer({ kind: 'request', method: init.method ?? 'GET', url, headers, body }, body.length)
}
