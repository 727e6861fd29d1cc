import type { Collector } from './collector.ts'
import { isRatatoskrError, RatatoskrError } from './errors.ts'
import type { ChatEvent, DoneEvent } from './event.ts'
import type { ChatEventSource } from './provider.ts'

/** A reply whose first event has come. */
export interface OpenedReply {
  source: ChatEventSource
  /** What has been decoded, and delivered to nobody. */
  events: ChatEvent[]
  /** The source has said that it is over. */
  ended: boolean
  /** The source failed after these events. */
  failure: { error: unknown } | undefined
}

/** What happens to the reply, for the stream around it. */
export interface ReplyObserver {
  onDone(done: DoneEvent): void
  onFailure(error: unknown): void
}

/**
 * One reply, read on demand: the queue of decoded events, the failure that waits behind them, and
 * the ways to give it up. The stream and its iterator are two faces of it.
 */
export class Reply {
  readonly collector: Collector | undefined
  readonly #source: ChatEventSource
  readonly #signal: AbortSignal | undefined
  #observer: ReplyObserver | undefined
  #events: ChatEvent[]
  #next = 0
  #ended: boolean
  #failure: { error: unknown } | undefined
  #finished = false
  #filling: Promise<void> | undefined
  #wake: () => void = () => {}
  #waiting = 0

  constructor(
    opened: OpenedReply,
    collector: Collector | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.collector = collector
    this.#source = opened.source
    this.#events = opened.events
    this.#ended = opened.ended
    this.#failure = opened.failure
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted === true) this.#onAbort()
  }

  get requestId(): string | undefined {
    return this.#source.requestId
  }

  get headers(): Headers | undefined {
    return this.#source.headers
  }

  /** Sets who is told of the end. */
  observe(observer: ReplyObserver): void {
    this.#observer = observer
    if (this.#finished && this.#failure !== undefined) observer.onFailure(this.#failure.error)
  }

  /**
   * Whether {@link Reply.take} may be called: an event is at hand, and nobody waits for it. Most
   * events come in one piece with others; for them no promise need be waited for.
   */
  get hasEvent(): boolean {
    return this.#waiting === 0 && this.#next < this.#events.length
  }

  /** Gives the reply up: what was decoded is dropped, the connection closed. */
  stop(error: unknown): void {
    if (this.#finished) return
    this.#events = []
    this.#next = 0
    this.#failure = { error }
    this.#fail()
    this.#wake()
  }

  /** The next event; undefined at the end. Rejects when the reply has failed. */
  async next(): Promise<ChatEvent | undefined> {
    this.#waiting += 1
    try {
      // Those who wait are served in turn: each goes on when the piece that all wait for is here.
      for (;;) {
        if (this.#next < this.#events.length) return this.take()
        if (this.#failure !== undefined) throw this.#fail()
        if (this.#finished) return undefined
        await this.#fill()
      }
    } finally {
      this.#waiting -= 1
    }
  }

  /** Reads on; never rejects. Resolves at once when the reply is stopped meanwhile. */
  #fill(): Promise<void> {
    this.#filling ??= new Promise((resolve) => {
      const settle = (): void => {
        this.#filling = undefined
        resolve()
      }
      this.#wake = settle
      if (this.#ended) {
        this.#failure ??= { error: withoutDone() }
        settle()
        return
      }
      this.#source
        .read((event) => {
          if (!this.#finished) this.#events.push(event)
        })
        .then(
          (more) => {
            if (!more) this.#ended = true
          },
          (error: unknown) => {
            this.#failure ??= { error }
          },
        )
        .then(settle, settle)
    })
    return this.#filling
  }

  /** The event at hand. */
  take(): ChatEvent {
    const event = this.#events[this.#next]
    if (event === undefined) throw withoutDone()
    this.#next += 1
    if (this.#next === this.#events.length) {
      this.#events = []
      this.#next = 0
    }
    try {
      this.collector?.add(event)
    } catch (error) {
      this.stop(error)
      throw error
    }
    if (event.type === 'done') this.#finish(event)
    return event
  }

  #finish(done: DoneEvent): void {
    this.#end()
    this.#source.cancel()
    this.#observer?.onDone(done)
  }

  /** Ends the reply with its failure, once, and returns the error. */
  #fail(): unknown {
    const error = this.#failure?.error
    if (this.#finished) return error
    this.#end()
    if (isRatatoskrError(error)) {
      error.partial ??= this.collector?.partial()
      error.requestId ??= this.requestId
    }
    this.#source.cancel(error)
    this.#observer?.onFailure(error)
    return error
  }

  #end(): void {
    this.#finished = true
    this.#events = []
    this.#next = 0
    this.#signal?.removeEventListener('abort', this.#onAbort)
  }

  readonly #onAbort = (): void => {
    this.stop(this.#signal?.reason)
  }
}

function withoutDone(): RatatoskrError {
  return new RatatoskrError(
    'truncated',
    'The reply was cut off: its source ended without done. What had arrived is in error.partial.',
  )
}
