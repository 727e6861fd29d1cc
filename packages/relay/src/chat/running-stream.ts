import { RatatoskrError, type ChatEvent } from 'ratatoskr'
import { encodeFailure } from './encode-failure.ts'
import type { EventLog, LogRecord } from './event-log.ts'
import type { ResponseObserver } from './stream-host.ts'
import type { StreamLimits } from './stream-limits.ts'
import { StreamReader } from './stream-reader.ts'
import { StreamWindow } from './stream-window.ts'
import { aheadOfReply, nothingFollows, tooLate } from './stream-refusals.ts'

/** What a {@link RunningStream} is made of. */
export interface RunningStreamOptions {
  log: EventLog
  limits: StreamLimits
  /**
   * Begins the reply; called once, at once. Absent where the process that ran it is gone: then only what
   * the log has is given, and a log without an end gets a failure with code `truncated`.
   */
  begin?: (signal: AbortSignal) => Promise<ReadableStream<ChatEvent>>
  /** The log was cut off in an earlier process already, and may have less than its readers. */
  wasCut?: boolean
  /** The upstream is over, however it ended. Called once. */
  onEnd?: () => void
  /** It has been kept for long enough after its end. Called once. */
  onExpired?: () => void
}

/**
 * One reply, from its provider into a log, and from there to whoever reads it.
 *
 * The provider is read ahead of the readers until what nobody was sent fills the window, and then not at all
 * until somebody reads on. What was sent is kept, as much again, for a reader that comes back. So memory has a limit, however slow the
 * readers are, and however many.
 */
export class RunningStream {
  readonly #log: EventLog
  readonly #limits: StreamLimits
  readonly #window: StreamWindow
  readonly #onEnd: (() => void) | undefined
  readonly #onExpired: (() => void) | undefined
  readonly #readers = new Set<StreamReader>()
  readonly #abort = new AbortController()
  readonly #begun: Promise<void>
  #upstream: ReadableStreamDefaultReader<ChatEvent> | undefined
  #ended = false
  #closed = false
  #resume = (): void => {}
  /** When somebody was last seen reading, or the reply began or ended. */
  #present = Date.now()
  #lastRead = 0
  /** It was cut off in a process that is gone, and with it what that one had sent last. */
  #isCut: boolean
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor({ log, limits, begin, wasCut, onEnd, onExpired }: RunningStreamOptions) {
    this.#isCut = wasCut ?? false
    this.#log = log
    this.#limits = limits
    this.#window = new StreamWindow(log, limits)
    this.#onEnd = onEnd
    this.#onExpired = onExpired
    this.#begun = begin ? this.#begin(begin) : Promise.resolve(this.#restore())
    // Nobody may be waiting for it.
    this.#begun.catch(() => {})
    this.#look()
  }

  /** Whether the reply is over; its events are there until it expires. */
  get ended(): boolean {
    return this.#ended
  }

  /** When somebody has last read, in milliseconds since 1970; 0 where nobody has. */
  get lastRead(): number {
    return this.#lastRead
  }

  /**
   * Resolves when the reply has begun, or after `statusMs`, when nobody should wait longer for headers. Rejects with
   * what kept it from beginning.
   */
  async began(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#limits.statusMs)
    })
    try {
      await Promise.race([this.#begun, late])
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * The events after an id, as the body of a response: it takes from the log when it is read from. Throws a
   * `Refusal` with 410 where they are gone or the reply has ended with this id, with 400 where there have not been as many.
   */
  read(
    after: number,
    observer?: ResponseObserver,
    signal?: AbortSignal,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const isBeyond = this.#isCut && after >= this.#log.last
    if (after > this.#log.last && !isBeyond) throw aheadOfReply()
    if (this.#closed || after + 1 < this.#log.first) throw tooLate()
    // An empty answer would read as a connection that was lost, also for a browser's own EventSource.
    if (this.#ended && after > 0 && after === this.#log.last && !isBeyond) throw nothingFollows()
    const reader = new StreamReader({
      log: this.#log,
      after: isBeyond ? this.#log.last : after,
      isBeyond,
      keepAliveMs: this.#limits.keepAliveMs,
      observer,
      signal,
      isOver: () => this.#ended,
      taken: (upTo) => {
        this.#window.sent(upTo)
        if (!this.#window.isFull) this.#resume()
      },
      present: () => this.#seen(),
      gone: () => {
        this.#seen()
        this.#readers.delete(reader)
      },
    })
    this.#readers.add(reader)
    this.#seen()
    return reader.body
  }

  /** Stops the provider; readers get a failure with code `cancelled`. */
  stop(): void {
    this.#fail(new RatatoskrError('cancelled', 'The reply was stopped.'))
  }

  /** Stops it at once, and forgets it: readers get no more than that they come too late. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#end(new RatatoskrError('cancelled', 'The relay gave the reply up.'))
    clearTimeout(this.#timer)
    this.#log.drop(this.#log.last)
    for (const reader of this.#readers) reader.wake()
    this.#onExpired?.()
  }

  async #begin(begin: NonNullable<RunningStreamOptions['begin']>): Promise<void> {
    let events: ReadableStream<ChatEvent>
    try {
      events = await begin(this.#abort.signal)
    } catch (error) {
      this.#fail(error)
      throw error
    }
    const upstream = events.getReader()
    this.#upstream = upstream
    if (this.#ended) {
      upstream.cancel(this.#abort.signal.reason).catch(() => {})
      return
    }
    void this.#pump(upstream)
  }

  async #pump(upstream: ReadableStreamDefaultReader<ChatEvent>): Promise<void> {
    try {
      while (!this.#ended) {
        if (this.#window.isFull) {
          await new Promise<void>((resolve) => {
            this.#resume = resolve
          })
          continue
        }
        const { done, value } = await upstream.read()
        if (this.#ended) return
        if (done) throw new RatatoskrError('truncated', 'The reply was cut off before its end.')
        const { type } = value
        const kind = type === 'done' || type === 'usage' ? type : 'event'
        this.#append(kind, JSON.stringify(value))
        if (kind === 'done') this.#end()
      }
    } catch (error) {
      this.#fail(error)
    }
  }

  #append(kind: LogRecord['kind'], data: string): void {
    const record = { id: this.#log.last + 1, kind, data }
    this.#log.append(record)
    this.#window.added(record)
    for (const reader of this.#readers) reader.wake()
  }

  #fail(error: unknown): void {
    if (this.#ended) return
    const { body } = encodeFailure(error)
    // First, so that nothing more is appended, whatever the log makes of this.
    this.#end(error)
    this.#append('error', JSON.stringify(body))
  }

  /** The upstream is over, or to be stopped. */
  #end(reason?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#abort.abort(reason)
    this.#upstream?.cancel(reason).catch(() => {})
    this.#resume()
    this.#present = Date.now()
    this.#look()
    this.#onEnd?.()
  }

  #restore(): void {
    this.#window.restore()
    const newest = this.#log.newest()
    if (newest?.kind === 'done' || newest?.kind === 'error') this.#ended = true
    else {
      this.#isCut = true
      this.#fail(new RatatoskrError('truncated', 'The relay was restarted while it replied.'))
    }
  }

  #seen(): void {
    this.#present = Date.now()
    this.#lastRead = this.#present
  }

  /**
   * Looks whether anybody is there: one timer for the stream, set again for what is left, not one for each read.
   * A reader that takes nothing though it could is nobody.
   */
  #look(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    const patience = this.#ended ? this.#limits.keptMs : this.#limits.detachedMs
    // Somebody else looks, without a timer.
    if (patience === Infinity) return
    const isWaiting = [...this.#readers].some((reader) => reader.isWaiting)
    const left = isWaiting ? patience : this.#present + patience - Date.now()
    if (left > 0) {
      // Timers hold 31 bits.
      this.#timer = setTimeout(() => this.#look(), Math.min(left, 2 ** 31 - 1))
    } else if (this.#ended) this.close()
    else {
      const { detachedMs } = this.#limits
      const said = `Nobody read the reply for ${detachedMs} ms, so it was stopped.`
      this.#fail(new RatatoskrError('timeout', said))
    }
  }
}
