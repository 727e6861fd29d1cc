import {
  collect,
  isRatatoskrError,
  type ChatEvent,
  type ChatOptions,
  type ChatResponse,
  type Message,
} from 'ratatoskr'
import type { ReplyEncoder, SseFrame } from 'ratatoskr/dialects'
import { eventStreamHeaders } from '../wire/event-stream-headers.ts'
import { keepContinuation } from './kept-continuations.ts'
import { replyBody } from './reply-body.ts'
import { requestIdHeaders, requestIdOf } from './request-id.ts'
import type { RouteContext } from './route.ts'

/** A request for a reply that lives as long as its connection. */
export interface AskedReply {
  messages: readonly Message[]
  options: ChatOptions
  /** Makes the encoder of a stream. */
  encoder: () => ReplyEncoder
  /** Makes the JSON of a whole reply, where the client wants no stream. */
  whole?: ((response: ChatResponse) => unknown) | undefined
  /** What keeps the connection alive. Default: a comment. */
  ping?: SseFrame | undefined
  /** Headers of the answer besides the usual ones. */
  headers?: { readonly [name: string]: string } | undefined
  /** Changes an event before it is encoded. */
  prepare?: ((event: ChatEvent) => ChatEvent | Promise<ChatEvent>) | undefined
}

/**
 * Answers with a reply, as a stream or whole. The client's going away stops the provider. A failure before the first
 * event is thrown, so that it has a status; one after a long silence is told in the stream, which is open by then.
 */
export async function answerReply(
  { request, caller, core, log, waitUntil }: RouteContext,
  asked: AskedReply,
): Promise<Response> {
  const { messages, options, encoder, whole, ping = 'keep-alive', prepare } = asked
  const headers = { ...requestIdHeaders(request), ...asked.headers }
  log.requestId = requestIdOf(request)
  log.model = [options.model].flat().join(', ')
  const { release } = await core.admit(caller, requestIdOf(request))

  const stop = new AbortController()
  const close = (): void => {
    request.signal.removeEventListener('abort', leave)
    waitUntil(release())
  }
  // Not every platform cancels or reads on a body whose client has gone.
  const leave = (): void => {
    stop.abort(request.signal.reason)
    close()
  }
  request.signal.addEventListener('abort', leave)
  if (request.signal.aborted) leave()

  const keep = keepContinuation(core.continuationStore, caller)
  const opening = core.open(
    caller,
    messages,
    { ...options, signal: stop.signal },
    async (event) => {
      await keep(event)
      if (whole) log.event(event)
      return (await prepare?.(event)) ?? event
    },
  )

  try {
    if (whole) {
      const body = whole(await collect(await opening))
      close()
      return Response.json(body, { headers: { ...headers, 'cache-control': 'no-store' } })
    }
    const { keepAliveMs, statusMs } = core.streamLimits
    await settledOrLate(opening, statusMs)
    log.deferred = true
    const body = replyBody({
      events: opening,
      encoder: encoder(),
      ping,
      keepAliveMs,
      onEvent: (event) => log.event(event),
      onFailure(error) {
        const code = isRatatoskrError(error) ? error.code : 'unknown'
        log.ended(stop.signal.aborted ? 'detached' : `failed:${code}`)
      },
      onClose() {
        close()
        log.finish(200)
      },
      onGone: () => stop.abort(),
    })
    return new Response(body, { headers: { ...eventStreamHeaders, ...headers } })
  } catch (error) {
    close()
    if (stop.signal.aborted) log.ended('detached')
    throw error
  }
}

/** Rejects as the promise does, within the time. */
async function settledOrLate(promise: Promise<unknown>, time: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, time)
  })
  try {
    await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
