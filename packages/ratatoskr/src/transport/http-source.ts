import { maxBody } from '../dialects/api-error.ts'
import type { ReplyDecoder } from '../dialects/reply-decoder.ts'
import { isRatatoskrError, RatatoskrError } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import type { ChatEventSource } from '../provider.ts'
import { SilenceTimer } from './silence-timer.ts'

/** What {@link HttpSource} reads. */
export interface HttpSourceOptions {
  provider: string
  response: Response
  body: ReadableStream<Uint8Array>
  decoder: ReplyDecoder<Uint8Array>
  /** Milliseconds of silence that are too long. */
  idle: number | false
  requestId: string | undefined
}

/** After a finish reason, how long to wait for usage and the end. Milliseconds. */
const settleTime = 5000

/** A reply that comes as the body of an HTTP response: one read of the body for each of its own. */
export class HttpSource implements ChatEventSource {
  readonly requestId: string | undefined
  readonly headers: Headers
  readonly #provider: string
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder: ReplyDecoder<Uint8Array>
  readonly #idle: number | false
  readonly #timer: SilenceTimer
  #head: Uint8Array[] | undefined = []
  #silent = false

  constructor(options: HttpSourceOptions) {
    this.requestId = options.requestId
    this.headers = options.response.headers
    this.#provider = options.provider
    this.#reader = options.body.getReader()
    this.#decoder = options.decoder
    this.#idle = options.idle
    this.#timer = new SilenceTimer(() => {
      this.#silent = true
      this.#release()
    })
  }

  async read(emit: (event: ChatEvent) => void): Promise<boolean> {
    const decoder = this.#decoder
    try {
      const bytes = await this.#readBytes()
      if (this.#head === undefined) {
        if (bytes === undefined) decoder.end(emit)
        else decoder.push(bytes, emit)
      } else {
        this.#decodeFirst(bytes, emit)
      }
      if (decoder.phase !== 'done') return true
      this.cancel()
      return false
    } catch (error) {
      this.cancel()
      throw this.#head === undefined ? error : this.#withBody(error)
    }
  }

  cancel(): void {
    this.#timer.stop()
    this.#release()
  }

  /** The next chunk, or undefined where the body ends, or may be taken as ended. */
  async #readBytes(): Promise<Uint8Array | undefined> {
    const complete = this.#decoder.phase === 'complete'
    const limit = complete ? settleTime : this.#idle
    this.#timer.start(limit)
    let result: ReadableStreamReadResult<Uint8Array>
    try {
      result = await this.#reader.read()
    } catch (error) {
      if (complete) return undefined
      throw this.#broken(error)
    } finally {
      this.#timer.pause()
    }
    if (!result.done) return result.value
    if (this.#silent && !complete) {
      throw new RatatoskrError(
        'timeout',
        `${this.#provider} fell silent for ${Number(limit) / 1000} s in the middle of the reply. ` +
          'What had arrived is in error.partial. Raise timeouts.idle, or try again.',
        { provider: this.#provider, requestId: this.requestId, retryable: true },
      )
    }
    return undefined
  }

  #broken(cause: unknown): RatatoskrError {
    const details = { provider: this.#provider, requestId: this.requestId, retryable: true, cause }
    return this.#head === undefined
      ? new RatatoskrError(
          'truncated',
          `The connection to ${this.#provider} broke in the middle of the reply. ` +
            'What had arrived is in error.partial; do not run its incomplete tool calls.',
          details,
        )
      : new RatatoskrError(
          'network',
          `The connection to ${this.#provider} broke before the reply began. Try again.`,
          details,
        )
  }

  /** Until the first event, the body's beginning is kept: it may explain why there is none. */
  #decodeFirst(bytes: Uint8Array | undefined, emit: (event: ChatEvent) => void): void {
    const kept = this.#head?.reduce((sum, chunk) => sum + chunk.length, 0) ?? 0
    if (bytes !== undefined && kept < maxBody) this.#head?.push(bytes.slice(0, maxBody - kept))
    const first = (event: ChatEvent): void => {
      if (event.type !== 'provider') this.#head = undefined
      emit(event)
    }
    if (bytes === undefined) this.#decoder.end(first)
    else this.#decoder.push(bytes, first)
  }

  #withBody(error: unknown): unknown {
    const unreadable = isRatatoskrError(error) && /^(truncated|protocol)$/.test(error.code)
    if (!unreadable || error.body !== undefined) return error
    const utf8 = new TextDecoder()
    const body = (this.#head ?? []).map((chunk) => utf8.decode(chunk, { stream: true })).join('')
    const type = this.headers.get('content-type') ?? 'no content type'
    const isStream = type.includes('event-stream')
    return new RatatoskrError(
      isStream || body === '' ? error.code : 'protocol',
      `${this.#provider} answered without any event (${type}, status 200). ` +
        `${error.message.replace(/ What had arrived.*/, '')} The body's beginning is in error.body.`,
      {
        provider: this.#provider,
        requestId: this.requestId,
        retryable: error.retryable && isStream,
        body,
        cause: error,
      },
    )
  }

  #release(): void {
    // Resolves waiting reads as ended; what the source says to being cancelled is of no use.
    this.#reader.cancel().catch(() => {})
  }
}
