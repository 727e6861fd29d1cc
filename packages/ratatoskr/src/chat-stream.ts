import type { Collector } from './collector.ts'
import { cutOff, isRatatoskrError, RatatoskrError } from './errors.ts'
import type { ChatEvent, DoneEvent } from './event.ts'
import type { ChatEventSource } from './provider.ts'
import type { ChatResponse, PartialChatResponse } from './response.ts'

/** A reply whose first event has come. */
export interface OpenedReply {
  source: ChatEventSource
  /** Ends the request. */
  attempt: AbortController
  /** What has been decoded, and delivered to nobody. */
  events: ChatEvent[]
  /** The source has said that it is over. */
  ended: boolean
  /** The source failed after these events. */
  failure?: { error: unknown }
}

/** Iterates over the events of a {@link ChatStream}. */
export interface ChatEventIterator extends AsyncIterableIterator<ChatEvent, undefined> {
  /** Gives the stream up; resolves at once, also while a `next()` waits. */
  return(): Promise<IteratorResult<ChatEvent, undefined>>
}

/**
 * A reply as it comes: a `ReadableStream` of {@link ChatEvent}s that can also be iterated in every
 * engine, and collected.
 *
 * It reads from the network only for a waiting reader. `break`, `return()`, `cancel()` and the
 * request's signal close the connection at once.
 *
 * @example
 * ```ts
 * import { createGateway, user } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 *
 * async function tell(apiKey: string): Promise<number | undefined> {
 *   const gateway = createGateway({ providers: [openrouter({ apiKey })] })
 *   const stream = await gateway.chatStream([user('Hello')], { model: 'openai/gpt-5-mini' })
 *   for await (const event of stream) if (event.type === 'content') console.log(event.text)
 *   const response = await stream.response()
 *   return response.usage?.totalTokens
 * }
 * ```
 */
export class ChatStream extends ReadableStream<ChatEvent> {
  readonly #opened: OpenedReply
  readonly #collector: Collector | undefined
  readonly #signal: AbortSignal | undefined
  readonly #controller: ReadableStreamDefaultController<ChatEvent> | undefined
  #next = 0
  #waiting = 0
  #filling: Promise<void> | undefined
  #resolveFilling = (): void => {}
  #outcome: { done: DoneEvent } | { error: unknown } | undefined
  #response: Promise<ChatResponse> | undefined
  #settle = (): void => {}

  /** Made by {@link Gateway.chatStream}. */
  constructor(opened: OpenedReply, collector?: Collector, signal?: AbortSignal) {
    // Called only once there is one.
    const self = (): this => this
    let controller: ReadableStreamDefaultController<ChatEvent> | undefined
    super(
      {
        start(own) {
          controller = own
        },
        async pull(own) {
          const event = await self().#read()
          if (event) own.enqueue(event)
          if (!event || event.type === 'done') own.close()
        },
        cancel() {
          self().#stop(new RatatoskrError('cancelled', 'The reply was given up.'))
          // As everywhere, a stream that was cancelled is over; only response() tells why.
          delete self().#opened.failure
        },
      },
      { highWaterMark: 0 },
    )
    this.#controller = controller
    this.#opened = opened
    this.#collector = collector
    this.#signal = signal
    signal?.addEventListener('abort', this.#onAbort)
    // Aborted between the first event and this.
    if (signal?.aborted) this.#onAbort()
  }

  /** The provider's id of the request, for its support. */
  get requestId(): string | undefined {
    return this.#opened.source.requestId
  }

  /** The headers of the provider's response, as far as the platform shows them. */
  get headers(): Headers | undefined {
    return this.#opened.source.headers
  }

  /**
   * What has been collected so far, in every state: the text to keep after Stop. Throws with code
   * `configuration` where the request said `collect: false`.
   */
  get partial(): PartialChatResponse {
    if (this.#collector) return this.#collector.partial()
    throw new RatatoskrError('configuration', 'collect: false keeps nothing.')
  }

  /**
   * The whole reply; the same promise at every call. A stream that nobody reads is read to its
   * end; one with a reader is followed, and where that reader gives up early, the next call reads
   * the rest. Rejects as the read does: with code `cancelled` after `break` or `cancel()`, with
   * the signal's reason after an abort. Left alone, it is no unhandled rejection.
   */
  response(): Promise<ChatResponse> {
    this.#response ??= quiet(
      new Promise<void>((resolve) => {
        this.#settle = () => resolve()
        if (this.#outcome) resolve()
      }).then(() => this.#result()),
    )
    if (!this.#outcome && !this.locked) void quiet(this.#drain())
    return this.#response
  }

  /** The content of the whole reply; see {@link ChatStream.response}. */
  text(): Promise<string> {
    return quiet(this.response().then(({ content }) => content))
  }

  /**
   * Iterates over the events. Ending the loop early closes the connection, unless told otherwise.
   * While it runs, the stream is locked.
   */
  override values(options?: { preventCancel?: boolean }): ChatEventIterator {
    // The native iterator is missing in WebKit (mozilla/pdf.js#21924), its return() waits for a
    // silent model, and it costs half as much again as taking the decoded events directly.
    const reader = this.getReader()
    let over = false
    const finish = (): IteratorReturnResult<undefined> => {
      if (!over) reader.releaseLock()
      over = true
      return { done: true, value: undefined }
    }
    const deliver = (event: ChatEvent | undefined): IteratorResult<ChatEvent, undefined> => {
      if (!event) return finish()
      if (event.type === 'done') {
        this.#controller?.close()
        finish()
      }
      return { done: false, value: event }
    }
    const read = async (): Promise<IteratorResult<ChatEvent, undefined>> => {
      if (over) return finish()
      try {
        return deliver(await this.#read())
      } catch (error) {
        // Given up by return(), while this was waiting.
        if (over) return finish()
        finish()
        throw error
      }
    }
    return {
      // Most events come in one piece with others; an async function costs them half as much again.
      next: () => {
        const isAtHand = !over && !this.#waiting && this.#next < this.#opened.events.length
        if (!isAtHand) return read()
        try {
          return Promise.resolve(deliver(this.#take()))
        } catch {
          // The stream has failed, which the read tells.
          return read()
        }
      },
      async return() {
        if (!over && !options?.preventCancel) void quiet(reader.cancel())
        return finish()
      },
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }

  override [Symbol.asyncIterator](): ChatEventIterator {
    return this.values()
  }

  /** The next event; undefined at the end. Rejects when the reply has failed. */
  async #read(): Promise<ChatEvent | undefined> {
    this.#waiting += 1
    try {
      // Those who wait are served in turn: each goes on when the piece that all wait for is here.
      for (;;) {
        const { events, failure } = this.#opened
        if (this.#next < events.length) return this.#take()
        if (failure) throw this.#stop(failure.error)
        if (this.#outcome) return undefined
        await (this.#filling ??= this.#fill())
      }
    } finally {
      this.#waiting -= 1
    }
  }

  #take(): ChatEvent | undefined {
    const opened = this.#opened
    const event = opened.events[this.#next]
    this.#next += 1
    if (this.#next === opened.events.length) {
      opened.events = []
      this.#next = 0
    }
    try {
      if (event) this.#collector?.add(event)
    } catch (error) {
      throw this.#stop(error)
    }
    if (event?.type === 'done') this.#end({ done: event })
    return event
  }

  /** Reads on; never rejects. Resolves at once when the reply is stopped meanwhile. */
  #fill(): Promise<void> {
    const { ended, source } = this.#opened
    const filling = new Promise<void>((resolve) => {
      this.#resolveFilling = resolve
    })
    try {
      if (ended) throw new RatatoskrError('truncated', cutOff)
      source.read(this.#emit).then(this.#onRead, this.#onFailure)
    } catch (error) {
      // A source of the user's own may throw at once.
      this.#onFailure(error)
    }
    return filling
  }

  // Closures for the whole stream: new ones for each read would cost an allocation a chunk.
  readonly #emit = (event: ChatEvent): void => {
    if (!this.#outcome) this.#opened.events.push(event)
  }

  readonly #onRead = (goesOn: boolean): void => {
    this.#opened.ended = !goesOn
    this.#wake()
  }

  readonly #onFailure = (error: unknown): void => {
    this.#opened.failure ??= { error }
    this.#wake()
  }

  #wake(): void {
    this.#filling = undefined
    this.#resolveFilling()
  }

  /**
   * Ends the reply with an error, unless it has ended: what was decoded is dropped, the connection
   * closed. Returns the error.
   */
  #stop(error: unknown): unknown {
    if (this.#outcome) return error
    this.#opened.failure = { error }
    if (isRatatoskrError(error)) error.partial ??= this.#collector?.partial()
    this.#end({ error })
    this.#controller?.error(error)
    return error
  }

  #end(outcome: { done: DoneEvent } | { error: unknown }): void {
    const { source, attempt } = this.#opened
    this.#outcome = outcome
    this.#opened.events = []
    this.#next = 0
    this.#signal?.removeEventListener('abort', this.#onAbort)
    source.cancel()
    // Firefox keeps the connection of a cancelled body open until the next byte; an abort closes it.
    attempt.abort()
    this.#settle()
    this.#wake()
  }

  readonly #onAbort = (): void => {
    this.#stop(this.#signal?.reason)
  }

  #result(): ChatResponse {
    const outcome = this.#outcome
    if (outcome && 'done' in outcome) {
      return { ...this.partial, finishReason: outcome.done.finishReason }
    }
    throw outcome?.error
  }

  async #drain(): Promise<void> {
    const iterator = this.values()
    while (!(await iterator.next()).done);
  }
}

/** The same promise, which nobody has to handle. */
function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {})
  return promise
}
