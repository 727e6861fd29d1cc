import type { ChatEvent } from 'ratatoskr'
import type { SseFrame } from 'ratatoskr/dialects'
import { byteStream, pause } from './byte-stream.ts'
import { Refusal } from './dialects/refusal.ts'
import type { Framing } from './dialects/framing.ts'
import type { ReadRequest, SimulatedDialect } from './dialects/simulated-dialect.ts'
import type { Beat } from './play-script.ts'
import type { ScriptedFault } from './script.ts'
import { scriptedError } from './scripted-error.ts'
import { connectionReset, errorFrame, withFaults } from './with-faults.ts'

/** What a reply's writer needs of the request. */
export interface Reading extends ReadRequest {
  /** Of the reply. */
  id: string
  /** Where it was asked for. */
  url: URL
}

/** A reply as a stream: each frame is a chunk. */
export function streamBeats(
  beats: Iterable<Beat>,
  { encodeReply, id, url }: Reading,
  service: SimulatedDialect,
  signal: AbortSignal,
): Response {
  const encoder = encodeReply(id)
  const framing = service.framing(url)
  const body = byteStream(
    async function* (stopped) {
      for (const beat of beats) {
        if ('wait' in beat) await pause(beat.wait, stopped)
        if (stopped.aborted) return
        let frames: Uint8Array[] = []
        const write = (frame: SseFrame): void => void frames.push(framing.encode(frame))
        if ('event' in beat) encoder.push(beat.event, write)
        yield* frames
        if ('fault' in beat) {
          frames = []
          yield* fail(beat.fault, service, framing, stopped)
          if (beat.fault.kind !== 'badJson') return
        }
      }
      if (framing.end) yield framing.end()
    },
    { signal },
  )
  return new Response(body, {
    headers: { 'content-type': framing.contentType, 'cache-control': 'no-cache' },
  })
}

async function* fail(
  fault: ScriptedFault,
  service: SimulatedDialect,
  framing: Framing,
  stopped: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  switch (fault.kind) {
    case 'cut':
      return
    case 'reset':
      throw connectionReset()
    case 'stall':
      await pause(Infinity, stopped)
      return
    case 'badJson':
      yield framing.broken()
      return
    case 'error':
      yield errorFrame(fault, service, framing)
  }
}

/** A reply as one JSON value, when all of it is there. What goes wrong goes wrong halfway. */
export async function wholeReply(
  beats: Iterable<Beat>,
  { encodeResponse, id }: Reading,
  service: SimulatedDialect,
  signal: AbortSignal,
): Promise<Response> {
  const events: ChatEvent[] = []
  const faults: ScriptedFault[] = []
  for (const beat of beats) {
    if ('wait' in beat) await pause(beat.wait, signal)
    signal.throwIfAborted()
    if ('event' in beat) events.push(beat.event)
    if ('fault' in beat) faults.push(beat.fault)
  }
  const [fault] = faults
  if (fault?.kind === 'error') {
    const { status, body } = service.encodeError(scriptedError(fault))
    throw new Refusal(status, body)
  }
  const text = JSON.stringify(await encodeResponse(events, id))
  const whole = new Response(text, { headers: { 'content-type': 'application/json' } })
  if (fault === undefined) return whole
  const afterBytes = Math.ceil(text.length / 2)
  return withFaults(whole, [
    fault.kind === 'badJson' ? { kind: 'badJson', event: 1 } : { kind: fault.kind, afterBytes },
  ])
}
