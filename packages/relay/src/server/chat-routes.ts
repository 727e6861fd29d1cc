import { isRatatoskrError } from 'ratatoskr'
import { is } from 'valibot'
import type { Caller } from '../caller.ts'
import { encodeFailure } from '../chat/encode-failure.ts'
import type { LogRecord } from '../chat/event-log.ts'
import { unknownStream } from '../chat/stream-refusals.ts'
import { streamKey, type ResponseObserver, type StreamStart } from '../chat/stream-host.ts'
import { Refusal } from '../refusal.ts'
import { chatBody } from '../wire/chat-body.ts'
import { chatEvent } from '../wire/chat-event.ts'
import { chatFailure } from '../wire/chat-failure.ts'
import { eventStreamHeaders } from '../wire/event-stream-headers.ts'
import { hex } from '../wire/hex.ts'
import { isStreamId } from '../wire/stream-id.ts'
import { beginChat, verifyMessages } from './begin-chat.ts'
import { checkBody } from './check-body.ts'
import type { RequestLog } from './request-log.ts'
import type { Route, RouteContext } from './route.ts'

/** The protocol of the relay's own client: replies that outlive their connections. */
export const chatRoutes: readonly Route[] = [
  { method: 'POST', path: '/chat', handle: post, encodeError: encodeFailure },
  { method: 'GET', path: '/chat/:id', handle: attach, encodeError: encodeFailure },
  { method: 'DELETE', path: '/chat/:id', handle: stop, encodeError: encodeFailure },
]

async function post(context: RouteContext): Promise<Response> {
  const { request, caller, core, log } = context
  const after = lastEventId(request)
  const { bytes, value } = await core.readBody(request)
  const { id, messages, options } = checkBody(chatBody, value)
  const allowed = core.allow(caller, messages, options)
  log.model = [options.model].flat().join(', ')
  const own = await verifyMessages(core, caller, messages)
  const asked = { caller, messages: own, options: allowed }
  const key = streamKey(caller, id)
  let release = async (): Promise<void> => {}
  const start: StreamStart = {
    fingerprint: hex(await crypto.subtle.digest('SHA-256', bytes)),
    asked,
    async admit() {
      ;({ release } = await core.admit(caller, key))
    },
    begin: (signal) => beginChat(core, asked, signal),
    release: () => void release(),
  }
  return open(context, key, after, start)
}

async function attach(context: RouteContext): Promise<Response> {
  const { request, caller, id } = context
  return open(context, keyOf(caller, id), lastEventId(request))
}

async function stop({ caller, core, log, id }: RouteContext): Promise<Response> {
  if (!(await core.host.stop(keyOf(caller, id)))) throw unknownStream()
  log.ended('done')
  return new Response(null, { status: 204 })
}

async function open(
  { request, core, log }: RouteContext,
  key: string,
  after: number,
  start?: StreamStart,
): Promise<Response> {
  const opening = core.host.open(key, {
    after,
    limits: core.streamLimits,
    observer: observe(log),
    signal: request.signal,
    ...(start && { start }),
  })
  try {
    const body = await opening
    log.deferred = true
    return new Response(body, { headers: eventStreamHeaders })
  } catch (error) {
    // By DELETE, before its first event.
    if (isRatatoskrError(error) && error.code === 'cancelled') log.ended('stopped')
    throw error
  }
}

function observe(log: RequestLog): ResponseObserver {
  return {
    attached() {
      log.attached = true
    },
    sent({ kind, data, id }: LogRecord) {
      // The others are not worth being parsed again.
      const value: unknown = kind === 'event' ? undefined : JSON.parse(data)
      if (kind !== 'error') log.event(is(chatEvent, value) ? value : undefined)
      else if (is(chatFailure, value)) {
        const isStopped = value.code === 'cancelled' && id > 0
        log.ended(isStopped ? 'stopped' : `failed:${value.code}`)
      }
    },
    closed() {
      log.finish(200)
    },
  }
}

/** An id that cannot be one is answered as one that is not known. */
function keyOf(caller: Caller, id: string): string {
  if (!isStreamId(id)) throw unknownStream()
  return streamKey(caller, id)
}

function lastEventId({ headers }: Request): number {
  const sent = headers.get('last-event-id') ?? ''
  if (/^\d{0,15}$/.test(sent)) return Number(sent)
  throw new Refusal(400, 'invalid_request', 'Last-Event-ID must be the number of an event.')
}
