import { encodeFailure } from './encode-failure.ts'
import type { EventLog, LogRecord } from './event-log.ts'
import type { ResponseObserver } from './stream-host.ts'
import { tooLate } from './stream-refusals.ts'

/** What a {@link StreamReader} is given by its stream. */
export interface StreamReaderOptions {
  log: EventLog
  /** The id of the last event that the client has. */
  after: number
  /** The client has seen what is lost: all that there is for it is how the reply ended. */
  isBeyond?: boolean
  /** Milliseconds of silence before a comment. */
  keepAliveMs: number
  observer?: ResponseObserver | undefined
  /** Aborted when the client goes away, also where nobody cancels the body. */
  signal?: AbortSignal | undefined
  /** Whether the stream is over: nothing follows what the log has. */
  isOver: () => boolean
  /** All up to this id were given out. */
  taken: (upTo: number) => void
  /** It reads. */
  present: () => void
  /** It will not read any more. */
  gone: () => void
}

/** How many UTF-16 units of events one read takes at most, where there is more than one event. */
const chunk = 16_384

/**
 * One client's view of a stream: server-sent events that are taken from the log when the client
 * asks for them. It keeps nothing but its place.
 *
 * Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class StreamReader {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>
  readonly #options: StreamReaderOptions
  readonly #utf8 = new TextEncoder()
  #place: number
  #greeted = false
  #over = false
  #cancelled = false
  #lastSent = Date.now()
  #wake: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: StreamReaderOptions) {
    this.#options = options
    this.#place = options.after
    this.body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          const text = await this.#next()
          if (this.#cancelled) return
          if (text) controller.enqueue(this.#utf8.encode(text))
          if (this.#over) controller.close()
        },
        cancel: () => this.#leave(),
      },
      { highWaterMark: 0 },
    )
    const { signal } = options
    if (signal?.aborted) this.#leave()
    else signal?.addEventListener('abort', this.#leave)
  }

  /** The client waits for an event that has not come yet. */
  get isWaiting(): boolean {
    return this.#wake !== undefined
  }

  /** There is something new to look at. */
  wake(): void {
    this.#wake?.()
  }

  /** What is sent next; waits for it. */
  async #next(): Promise<string> {
    const { log, keepAliveMs, isBeyond = false, isOver, present } = this.#options
    present()
    // At once, before any event: proxies and browsers pass on the headers with the first byte.
    let text = this.#greeted ? '' : ': ratatoskr\n\n'
    this.#greeted = true
    while (!this.#over) {
      if (isBeyond) return text + this.#tell(log.newest()?.data ?? '')
      if (log.first > this.#place + 1) {
        // Others have read on, and what this one has not seen is dropped.
        return text + this.#tell(JSON.stringify(encodeFailure(tooLate()).body))
      }
      const records = log.read(this.#place, chunk)
      if (records.length > 0) text += this.#take(records)
      else if (isOver()) this.#finish()
      if (text || this.#over) break
      const left = this.#lastSent + keepAliveMs - Date.now()
      if (left <= 0) text = ': keep-alive\n\n'
      else await this.#wait(left)
    }
    this.#lastSent = Date.now()
    present()
    return text
  }

  #take(records: readonly LogRecord[]): string {
    const { observer, taken } = this.#options
    let text = ''
    for (const record of records) {
      const { id, kind, data } = record
      text += `${kind === 'error' ? 'event: error\n' : ''}id: ${id}\ndata: ${data}\n\n`
      this.#place = id
      observer?.sent(record)
      if (kind === 'done' || kind === 'error') this.#finish()
    }
    taken(this.#place)
    return text
  }

  /** Ends with a failure that has no id: it is no event of the reply. */
  #tell(data: string): string {
    this.#options.observer?.sent({ id: 0, kind: 'error', data })
    this.#finish()
    return `event: error\ndata: ${data}\n\n`
  }

  /** Until there is something new, or the silence is too long. */
  #wait(time: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        resolve()
      }
      // One timer that is left to run, not a new one for each event.
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#wake?.()
      }, time)
    })
  }

  readonly #leave = (): void => {
    this.#cancelled = true
    this.#finish()
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#options.signal?.removeEventListener('abort', this.#leave)
    clearTimeout(this.#timer)
    this.#wake?.()
    this.#options.gone()
    this.#options.observer?.closed()
  }
}
