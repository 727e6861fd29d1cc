import { RatatoskrError } from './errors.ts'
import type { ChatEvent, DoneEvent } from './event.ts'
import type { Reply } from './reply.ts'
import type { ChatResponse, PartialChatResponse } from './response.ts'

interface Waiter {
  resolve: (response: ChatResponse) => void
  reject: (error: unknown) => void
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
  readonly #reply: Reply
  readonly #controller: ReadableStreamDefaultController<ChatEvent> | undefined
  #outcome: { done: DoneEvent } | { error: unknown } | undefined
  #response: Promise<ChatResponse> | undefined
  #waiter: Waiter | undefined

  /** Made by {@link Gateway.chatStream}. */
  constructor(reply: Reply) {
    let controller: ReadableStreamDefaultController<ChatEvent> | undefined
    super(
      {
        start(own) {
          controller = own
        },
        async pull(own) {
          const event = await reply.next()
          if (event !== undefined) own.enqueue(event)
          if (event === undefined || event.type === 'done') own.close()
        },
        cancel() {
          reply.stop(cancelled())
        },
      },
      { highWaterMark: 0 },
    )
    this.#reply = reply
    this.#controller = controller
    reply.observe({
      onDone: (done) => {
        this.#outcome = { done }
        this.#settle()
      },
      onFailure: (error) => {
        this.#outcome = { error }
        this.#controller?.error(error)
        this.#settle()
      },
    })
  }

  /** The provider's id of the request, for its support. */
  get requestId(): string | undefined {
    return this.#reply.requestId
  }

  /** The headers of the provider's response, as far as the platform shows them. */
  get headers(): Headers | undefined {
    return this.#reply.headers
  }

  /**
   * What has been collected so far, in every state: the text to keep after Stop. Throws with code
   * `configuration` where the request said `collect: false`.
   */
  get partial(): PartialChatResponse {
    const { collector } = this.#reply
    if (collector === undefined) throw notCollected()
    return collector.partial()
  }

  /**
   * The whole reply; the same promise at every call. A stream that nobody reads is read to its
   * end; one with a reader is followed, and where that reader gives up early, the next call reads
   * the rest. Rejects as the read does: with code `cancelled` after `break` or `cancel()`, with
   * the signal's reason after an abort. Left alone, it is no unhandled rejection.
   */
  response(): Promise<ChatResponse> {
    if (this.#response === undefined) {
      this.#response = new Promise((resolve, reject) => {
        this.#waiter = { resolve, reject }
      })
      this.#response.catch(() => {})
      this.#settle()
    }
    if (this.#waiter !== undefined && !this.locked) void this.#drain()
    return this.#response
  }

  /** The content of the whole reply; see {@link ChatStream.response}. */
  async text(): Promise<string> {
    const response = await this.response()
    return response.content
  }

  /**
   * Iterates over the events. Ending the loop early closes the connection, unless told otherwise.
   * While it runs, the stream is locked.
   */
  override values(options?: { preventCancel?: boolean }): ChatEventIterator {
    return new ChatEventIterator(
      this.#reply,
      this.getReader(),
      () => {
        this.#controller?.close()
      },
      options?.preventCancel ?? false,
    )
  }

  // The native iterator is missing in WebKit (mozilla/pdf.js#21924), its return() waits for a
  // silent model, and it costs half as much again as reading the decoded events directly.
  override [Symbol.asyncIterator](options?: { preventCancel?: boolean }): ChatEventIterator {
    return this.values(options)
  }

  /** Reads to the end; how it ends is told to the waiter. */
  async #drain(): Promise<void> {
    const iterator = this.values()
    try {
      while ((await iterator.next()).done !== true);
    } catch {
      // The observer has told the waiter.
    }
  }

  #settle(): void {
    const waiter = this.#waiter
    const { collector } = this.#reply
    if (waiter === undefined) return
    if (collector === undefined) {
      waiter.reject(notCollected())
    } else if (this.#outcome === undefined) {
      return
    } else if ('done' in this.#outcome) {
      waiter.resolve(collector.response(this.#outcome.done))
    } else {
      waiter.reject(this.#outcome.error)
    }
    this.#waiter = undefined
  }
}

/** Iterates over a reply, in the same way in every engine. */
export class ChatEventIterator implements AsyncIterableIterator<ChatEvent, undefined> {
  readonly #reply: Reply
  readonly #reader: ReadableStreamDefaultReader<ChatEvent>
  readonly #close: () => void
  readonly #preventCancel: boolean
  #over = false

  /** Made by {@link ChatStream.values}. */
  constructor(
    reply: Reply,
    reader: ReadableStreamDefaultReader<ChatEvent>,
    close: () => void,
    preventCancel: boolean,
  ) {
    this.#reply = reply
    this.#reader = reader
    this.#close = close
    this.#preventCancel = preventCancel
  }

  next(): Promise<IteratorResult<ChatEvent, undefined>> {
    if (this.#over) return Promise.resolve({ done: true, value: undefined })
    if (!this.#reply.hasEvent) return this.#wait()
    try {
      return Promise.resolve(this.#deliver(this.#reply.take()))
    } catch (error) {
      this.#finish()
      return Promise.reject(error)
    }
  }

  return(): Promise<IteratorResult<ChatEvent, undefined>> {
    if (!this.#over) {
      this.#over = true
      if (!this.#preventCancel) this.#reader.cancel().catch(() => {})
      this.#reader.releaseLock()
    }
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async #wait(): Promise<IteratorResult<ChatEvent, undefined>> {
    try {
      return this.#deliver(await this.#reply.next())
    } catch (error) {
      // Given up by return(), while this was waiting.
      if (this.#over) return { done: true, value: undefined }
      this.#finish()
      throw error
    }
  }

  #deliver(event: ChatEvent | undefined): IteratorResult<ChatEvent, undefined> {
    if (event === undefined) {
      this.#finish()
      return { done: true, value: undefined }
    }
    if (event.type === 'done') {
      this.#close()
      this.#finish()
    }
    return { done: false, value: event }
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    this.#reader.releaseLock()
  }
}

function cancelled(): RatatoskrError {
  return new RatatoskrError(
    'cancelled',
    'The stream was given up before its end. What had arrived is in stream.partial.',
  )
}

function notCollected(): RatatoskrError {
  return new RatatoskrError(
    'configuration',
    'There is nothing collected: the request said collect: false. Leave it out, or handle the events.',
  )
}
