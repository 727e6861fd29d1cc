import type { Decoder } from '../decoder.ts'
import { checkSize, defaultLimit } from '../errors.ts'
import type { FrameLimits, TextFrame } from './text-frame.ts'

/** One server-sent event, as the HTML standard dispatches it. */
export interface SseEvent extends TextFrame {
  /** The event's type; `message` where the stream names none. */
  event: string
  /** The `data` lines, joined with LF. */
  data: string
  /** The last event id that the stream has set, or ''. */
  id: string
}

/** Options of {@link SseDecoder}. */
export interface SseDecoderOptions extends FrameLimits {
  /**
   * Also emit what the standard discards: an event that the end of the input cut off (marked
   * `unfinished`), and JSON that stands outside of any field (marked `stray`). Default: false.
   */
  keepDiscarded?: boolean
}

/**
 * Decodes bytes into server-sent events, by the letter of the HTML standard, section 9.2.6
 * ("Interpreting an event stream"). Linear in the bytes, however they are split. `retry` is read over:
 * this is no user agent that reconnects.
 *
 * Throws a `RatatoskrError` with code `too_large` when one event passes its limit.
 *
 * @example
 * ```ts
 * import { SseDecoder } from 'ratatoskr/dialects'
 *
 * const decoder = new SseDecoder()
 * decoder.push(new TextEncoder().encode('data: hello\n\n'), (event) => console.log(event.data))
 * ```
 */
export class SseDecoder implements Decoder<Uint8Array, SseEvent> {
  readonly #utf8 = new TextDecoder()
  readonly #options: SseDecoderOptions
  #afterReturn = false
  #line = ''
  #data: string | undefined
  #event = ''
  #id = ''
  #stray = ''
  /** What is kept of the event: a line takes memory also where it is empty. */
  #size = 0

  constructor(options: SseDecoderOptions = {}) {
    this.#options = options
  }

  push(bytes: Uint8Array, emit: (event: SseEvent) => void): void {
    this.#pushText(this.#utf8.decode(bytes, { stream: true }), emit)
  }

  end(emit: (event: SseEvent) => void): void {
    this.#pushText(this.#utf8.decode(), emit)
    if (!this.#options.keepDiscarded) return
    // A field that was cut may say less than was meant.
    if (!/^(id|retry)/.test(this.#line)) this.#takeLine(this.#line || ':', emit)
    this.#emit(emit, true)
  }

  #pushText(chunk: string, emit: (event: SseEvent) => void): void {
    let text = this.#afterReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk
    if (chunk) this.#afterReturn = chunk.endsWith('\r')
    // One search a chunk for what nearly no stream has, instead of one a line.
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n')
    if (text.includes('\n')) {
      const lines = (this.#line + text).split('\n')
      this.#line = lines.pop() ?? ''
      for (const line of lines) this.#takeLine(line, emit)
    } else {
      // Engines keep a concatenation as a rope and copy it once, when it is read: linear.
      this.#line += text
    }
    if (this.#line) this.#checkSize(this.#line)
  }

  #takeLine(line: string, emit: (event: SseEvent) => void): void {
    if (!line) {
      this.#emit(emit)
      return
    }
    this.#checkSize(line)
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') {
      this.#size += line.length + 32
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
    } else if (field === 'event') {
      this.#event = value
    } else if (field === 'id') {
      if (!value.includes('\0')) this.#id = value
    } else if (field && this.#options.keepDiscarded && (this.#stray || /^[{[]/.test(line))) {
      this.#size += line.length + 32
      this.#stray += `${line}\n`
    }
  }

  #emit(emit: (event: SseEvent) => void, unfinished = false): void {
    const id = this.#id
    const event = this.#event || 'message'
    const data = this.#data
    const stray = this.#stray
    this.#event = this.#stray = ''
    this.#data = undefined
    this.#size = 0
    if (stray) emit({ event, data: stray, id, stray: true })
    if (data !== undefined) emit(unfinished ? { event, data, id, unfinished } : { event, data, id })
  }

  #checkSize(line: string): void {
    checkSize('maxEventSize', this.#size + line.length, this.#options.maxEventSize ?? defaultLimit)
  }
}
