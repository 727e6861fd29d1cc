import type { ErrorCode } from 'ratatoskr'
import { byteStream, pause, piecesOf, type MakePieces } from './byte-stream.ts'
import { serviceAt, serviceOf } from './dialects/index.ts'
import { damaged, type Framing } from './dialects/framing.ts'
import type { DialectName, SimulatedDialect } from './dialects/simulated-dialect.ts'
import { eventCutter, hasData } from './event-cutter.ts'
import { happensTo, type BodyFault, type Fault, type FaultPlace } from './fault.ts'
import { scriptedError } from './scripted-error.ts'
import { splitStream } from './split.ts'

/** What {@link withFaults} cannot see for itself. */
export interface WithFaultsOptions {
  /** In whose words errors are sent. Default: as the response's address tells, else `openai-chat`. */
  dialect?: DialectName
  /** The number of the request, for faults that happen to some. Default: 1. */
  request?: number
}

/**
 * Lets things go wrong with a response. They are laid over it in their order.
 *
 * @example
 * ```ts
 * import { withFaults } from '@ratatoskr/testkit'
 *
 * const headers = { 'content-type': 'text/event-stream' }
 * const good = new Response('data: 1\n\ndata: 2\n\n', { headers })
 * const cut = withFaults(good, [{ kind: 'cut', afterEvents: 1 }])
 * console.log(await cut.text())
 * ```
 */
export function withFaults(
  response: Response,
  faults: readonly Fault[],
  { dialect, request = 1 }: WithFaultsOptions = {},
): Response {
  const happening = faults.filter((fault) => happensTo(fault, request))
  const service = dialect
    ? serviceOf(dialect)
    : (serviceAt(pathOf(response.url)) ?? serviceOf('openai-chat'))
  for (const fault of happening) {
    if (fault.kind !== 'status' && fault.kind !== 'contentType') continue
    response.body?.cancel().catch(() => {})
    return answerOf(fault, service)
  }
  const type = response.headers.get('content-type') ?? ''
  let { body } = response
  for (const fault of happening) {
    if (body && fault.kind !== 'status' && fault.kind !== 'contentType') {
      body = layFault(body, fault, type, service)
    }
  }
  if (body === response.body) return response
  const { status, statusText, headers } = response
  return new Response(body, { status, statusText, headers })
}

/** The fault that comes in place of a reply to this request, where there is one. */
export function answerInstead(
  faults: readonly Fault[],
  request: number,
  service: SimulatedDialect,
): Response | undefined {
  for (const fault of faults) {
    const isInstead = fault.kind === 'status' || fault.kind === 'contentType'
    if (isInstead && happensTo(fault, request)) return answerOf(fault, service)
  }
  return undefined
}

function answerOf(
  fault: Extract<Fault, { kind: 'status' | 'contentType' }>,
  service: SimulatedDialect,
): Response {
  if (fault.kind === 'contentType') {
    const page = '<!doctype html><title>Welcome</title><p>Sign in to the network to go on.</p>'
    return new Response(fault.body ?? page, {
      headers: { 'content-type': fault.contentType ?? 'text/html; charset=utf-8' },
    })
  }
  const { status, retryAfter, message, body } = fault
  const text =
    body ?? JSON.stringify(service.finishError(service.errorBody(status, message), requestId))
  const isJson = /^\s*[[{]/.test(text)
  return new Response(text, {
    status,
    headers: {
      'content-type': isJson ? 'application/json' : 'text/plain',
      [service.requestIdHeader]: requestId,
      ...(retryAfter !== undefined && { 'retry-after': `${retryAfter}` }),
    },
  })
}

const requestId = 'req_simulated'

function layFault(
  body: ReadableStream<Uint8Array>,
  fault: BodyFault,
  type: string,
  service: SimulatedDialect,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = (stopped: AbortSignal): Pieces =>
    'afterBytes' in fault && fault.afterBytes !== undefined
      ? piecesOf(body, stopped)
      : eventsOf(body, type, stopped)
  const stream = (make: MakePieces): ReadableStream<Uint8Array<ArrayBuffer>> =>
    byteStream(make, { source: body })
  switch (fault.kind) {
    case 'cut':
      return stream((stopped) => before(source(stopped), fault))
    case 'reset':
      return stream(async function* (stopped) {
        yield* before(source(stopped), fault)
        throw connectionReset()
      })
    case 'stall':
      return stream(async function* (stopped) {
        yield* before(source(stopped), fault)
        await pause(Infinity, stopped)
      })
    case 'error':
      return stream(async function* (stopped) {
        yield* before(source(stopped), fault)
        yield errorFrame(fault, service, framingOf(type, service))
      })
    case 'badJson':
      return stream((stopped) => changed(source(stopped), fault.event, (event) => [halved(event)]))
    case 'duplicate':
      return stream((stopped) => changed(source(stopped), fault.event, (event) => [event, event]))
    case 'noEnd':
      return stream(async function* (stopped) {
        for await (const event of source(stopped)) {
          if (!service.terminal.test(new TextDecoder().decode(event))) yield event
        }
      })
    case 'drip': {
      const { size = 1, delay = 1 } = fault
      return stream(async function* (stopped) {
        for await (const bytes of piecesOf(splitStream(body, size), stopped)) {
          await pause(delay, stopped)
          yield bytes
        }
      })
    }
  }
}

/** What a body fails with that breaks off, as `fetch` has it. */
export function connectionReset(): Error {
  return new TypeError('The simulated connection was reset.')
}

/** An error as it stands in the stream of a service. */
export function errorFrame(
  fault: { code?: ErrorCode; message?: string },
  service: SimulatedDialect,
  framing: Framing,
): Uint8Array {
  return framing.encode(service.errorFrame(scriptedError(fault)))
}

type Pieces = AsyncGenerator<Uint8Array, void, undefined>

async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  type: string,
  stopped: AbortSignal,
): Pieces {
  const cutter = eventCutter(type)
  for await (const bytes of piecesOf(body, stopped)) yield* cutter.push(bytes)
  const rest = cutter.rest()
  if (rest.length > 0) yield rest
}

/** The pieces before a place in a body: bytes or events. */
async function* before(source: Pieces, { afterBytes, afterEvents = 0 }: FaultPlace): Pieces {
  let left = afterBytes ?? afterEvents
  if (left <= 0) return
  for await (const piece of source) {
    if (afterBytes !== undefined) {
      yield piece.subarray(0, left)
      left -= piece.length
    } else {
      yield piece
      if (hasData(piece)) left -= 1
    }
    if (left <= 0) return
  }
}

/** The events, and in place of one, counted from 1, what is made of it. */
async function* changed(
  source: Pieces,
  number: number,
  change: (event: Uint8Array) => Uint8Array[],
): Pieces {
  let count = 0
  for await (const event of source) {
    if (hasData(event)) count += 1
    if (count === number && hasData(event)) yield* change(event)
    else yield event
  }
}

/** An event without the second half of its JSON. */
function halved(event: Uint8Array): Uint8Array {
  // A message of Amazon's begins with its length, the first byte of which is 0.
  if (event[0] === 0) return damaged(event)
  const text = new TextDecoder().decode(event)
  const half = text.replace(/^((?:data:)? *)([[{].*)$/m, (_, start: string, json: string) => {
    return start + json.slice(0, Math.ceil(json.length / 2))
  })
  return new TextEncoder().encode(half)
}

/** Of a body whose address nobody knows: its type tells enough. */
function framingOf(type: string, service: SimulatedDialect): Framing {
  return service.framing(new URL(`http://simulated.test/?alt=${/json/.test(type) ? '' : 'sse'}`))
}

function pathOf(url: string): string {
  try {
    return new URL(url).pathname
  } catch {
    return ''
  }
}
