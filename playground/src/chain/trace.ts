import type { ChatEvent } from 'ratatoskr'
import { Log } from './log.ts'

/** What a piece of the body was, or what stood around it. */
export type Transfer =
  | { kind: 'request'; method: string; url: string; headers: [string, string][]; body: string }
  | { kind: 'response'; status: number; headers: [string, string][] }
  | { kind: 'chunk'; bytes: Uint8Array; size: number; offset: number }
  | { kind: 'end'; how: string }

/** A frame, as the pane shows it: a server-sent event, if nothing else is said. */
export interface Frame {
  event?: string
  /** What it is where it is no server-sent event. */
  unit?: 'line' | 'message'
  data: string
  /** Its number, where it has one. */
  id?: string
  unfinished?: boolean
  stray?: boolean
}

/** What the frames of a reply are, and the stage that makes them of the bytes. */
export interface Framing {
  title: string
  stage: string
  /** Beneath the title, while there are none. */
  about: string
  /** The stage that parses them, if it is not `JsonDecoderStream`. */
  json?: string
  /** The stage that makes events of that, if it is not `ChatEventDecoderStream`. */
  events?: string
}

/** That of most formats. */
export const sseFraming: Framing = {
  title: 'SSE events',
  stage: 'SseDecoderStream',
  about: 'The server-sent events in it.',
}

/** One entry of a pane. */
export interface Traced<Item> {
  /** Milliseconds since the request. */
  at: number
  item: Item
}

/** Of each chunk so much is kept, in bytes. */
const keptBytes = 16_384

/** What passes between the stages of a reply, for the panes. */
export class Trace {
  readonly transfers: Log<Traced<Transfer>> = new Log()
  readonly frames: Log<Traced<Frame>> = new Log()
  readonly values: Log<Traced<unknown>> = new Log()
  readonly events: Log<Traced<ChatEvent>> = new Log()
  /** Bytes of the body so far. */
  bytes = 0
  /** What stands in {@link Trace.frames}. */
  framing: Framing = sseFraming
  #writer: TraceWriter | undefined

  /** Begins anew. A reply that was given up may still write: nobody reads that any more. */
  restart(): TraceWriter {
    this.bytes = 0
    for (const log of [this.transfers, this.frames, this.values, this.events]) log.clear()
    const writer = new TraceWriter(this, () => this.#writer === writer)
    this.#writer = writer
    return writer
  }
}

/** Writes one reply into a {@link Trace}. */
export class TraceWriter {
  readonly #trace: Trace
  readonly #isCurrent: () => boolean
  readonly #began = performance.now()
  #frameLength = 0

  constructor(trace: Trace, isCurrent: () => boolean) {
    this.#trace = trace
    this.#isCurrent = isCurrent
  }

  /** What the frames will be. */
  framing(framing: Framing): void {
    if (this.#isCurrent()) this.#trace.framing = framing
  }

  /** What is sent. Headers that carry a key must already be hidden. */
  transfer(item: Transfer, weight = 200): void {
    this.#push(this.#trace.transfers, item, weight)
  }

  chunk(bytes: Uint8Array): void {
    if (!this.#isCurrent()) return
    const size = bytes.length
    // A copy of the beginning, for a view would keep all of a large chunk in memory.
    const kept = size > keptBytes ? bytes.slice(0, keptBytes) : bytes
    const offset = this.#trace.bytes
    this.transfer({ kind: 'chunk', bytes: kept, size, offset }, kept.length + 100)
    this.#trace.bytes += size
  }

  frame(item: Frame): void {
    this.#frameLength = item.data.length
    this.#push(this.#trace.frames, item, item.data.length + 100)
  }

  value(item: unknown): void {
    // What a parsed value weighs is not known; its text is near enough.
    this.#push(this.#trace.values, item, this.#frameLength + 100)
  }

  event(item: ChatEvent): void {
    this.#push(this.#trace.events, item, weightOf(item) + 100)
  }

  #push<Item>(log: Log<Traced<Item>>, item: Item, weight: number): void {
    if (this.#isCurrent()) log.push({ at: performance.now() - this.#began, item }, weight)
  }
}

function weightOf(event: ChatEvent): number {
  switch (event.type) {
    case 'content':
    case 'reasoning':
    case 'refusal':
      return event.text.length
    case 'tool_call_delta':
      return event.arguments.length
    case 'image':
      return (event.image.data ?? event.image.url ?? '').length
    case 'provider':
    case 'citation':
    case 'done':
      return 2000
    case 'tool_call_start':
    case 'tool_call_end':
    case 'usage':
      return 0
  }
}
