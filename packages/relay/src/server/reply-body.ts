import type { ChatEvent } from 'ratatoskr'
import { SseEncoder, type ReplyEncoder, type SseFrame } from 'ratatoskr/dialects'

/** What a {@link replyBody} is made of. */
export interface ReplyBodyOptions {
  /** Settles with the first event, or rejects where there is none. */
  events: Promise<ReadableStream<ChatEvent>>
  encoder: ReplyEncoder
  /** Sent while the model is silent; a text is a comment. */
  ping: SseFrame | string
  /** Milliseconds of silence before a ping. */
  keepAliveMs: number
  /** An event was sent. */
  onEvent: (event: ChatEvent) => void
  /** The reply has failed; the client is told in the words of its protocol. */
  onFailure: (error: unknown) => void
  /** Nothing more is sent: the reply is over, or the client went away. Called once. */
  onClose: () => void
  /** The client went away. */
  onGone: () => void
}

/**
 * A reply as server-sent events of a protocol, read on demand. The connection to the client is kept alive while the
 * model is silent, before its first event too.
 */
export function replyBody(options: ReplyBodyOptions): ReadableStream<Uint8Array<ArrayBuffer>> {
  const body = new ReplyBody(options)
  return new ReadableStream(
    {
      pull: (controller) => body.pull(controller),
      cancel: () => body.cancel(),
    },
    { highWaterMark: 0 },
  )
}

type Read = { event: ChatEvent } | { error: unknown } | 'end'
type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>

class ReplyBody {
  readonly #options: ReplyBodyOptions
  readonly #sse = new SseEncoder()
  #reader: ReadableStreamDefaultReader<ChatEvent> | undefined
  #isReading = false
  /** What was read, and not taken yet. */
  #read: Read | undefined
  #over = false
  #isCancelled = false
  #lastSent = Date.now()
  #wake: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(options: ReplyBodyOptions) {
    this.#options = options
    // Whoever never reads the body has not left it unhandled.
    options.events.catch(() => {})
  }

  async pull(controller: Controller): Promise<void> {
    const frames: (SseFrame | string)[] = []
    const emit = (frame: SseFrame | string): void => {
      frames.push(frame)
    }
    while (frames.length === 0 && !this.#over) {
      const left = this.#lastSent + this.#options.keepAliveMs - Date.now()
      if (this.#read) this.#take(this.#read, emit)
      else if (left <= 0) emit(this.#options.ping)
      else await this.#wait(left)
    }
    if (this.#isCancelled) return
    this.#lastSent = Date.now()
    for (const frame of frames) this.#sse.push(frame, (bytes) => controller.enqueue(bytes))
    if (this.#over) controller.close()
  }

  async cancel(): Promise<void> {
    this.#isCancelled = true
    this.#options.onGone()
    this.#finish()
    await this.#reader?.cancel()
  }

  #take(read: Read, emit: (frame: SseFrame) => void): void {
    this.#read = undefined
    const { encoder, onEvent } = this.#options
    try {
      if (read === 'end') encoder.end(emit)
      else if ('error' in read) throw read.error
      else {
        onEvent(read.event)
        encoder.push(read.event, emit)
      }
      if (read === 'end' || ('event' in read && read.event.type === 'done')) this.#finish()
    } catch (error) {
      this.#fail(error, emit)
    }
  }

  #fail(failure: unknown, emit: (frame: SseFrame) => void): void {
    const { encoder, onFailure } = this.#options
    onFailure(failure)
    this.#finish()
    // What the encoder cannot write any more is over all the same.
    this.#reader?.cancel().catch(() => {})
    encoder.fail(failure, emit)
  }

  async #next(): Promise<Read> {
    try {
      this.#reader ??= (await this.#options.events).getReader()
      const { done, value } = await this.#reader.read()
      return done ? 'end' : { event: value }
    } catch (error) {
      return { error }
    }
  }

  /** Until something was read, or the silence is too long. */
  #wait(time: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      if (!this.#isReading) {
        this.#isReading = true
        void this.#next().then((read) => {
          this.#isReading = false
          this.#read = read
          this.#wake?.()
        })
      }
      // One timer that is left to run, not a new one for each event.
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#wake?.()
      }, time)
    })
  }

  #finish(): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#wake?.()
    this.#options.onClose()
  }
}
