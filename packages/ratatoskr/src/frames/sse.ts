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
  readonly #keepDiscarded: boolean
  readonly #maxSize: number
  #afterReturn = false
  #line = ''
  #data: string | undefined
  #event = ''
  #id = ''
  #stray = ''
  /** What is kept of the event: a line takes memory also where it is empty. */
  #size = 0

  constructor({ keepDiscarded = false, maxEventSize = defaultLimit }: SseDecoderOptions = {}) {
    this.#keepDiscarded = keepDiscarded
    this.#maxSize = maxEventSize
  }

  push(bytes: Uint8Array, emit: (event: SseEvent) => void): void {
    this.#pushText(this.#utf8.decode(bytes, { stream: true }), emit)
  }

  end(emit: (event: SseEvent) => void): void {
    this.#pushText(this.#utf8.decode(), emit)
    if (!this.#keepDiscarded) return
    // A field that was cut may say less than was meant.
    if (!/^(id|retry)/.test(this.#line)) this.#takeLine(this.#line)
    this.#emit(emit, true)
  }

  #pushText(chunk: string, emit: (event: SseEvent) => void): void {
    let text = this.#afterReturn && chunk.startsWith('\n') ? chunk.slice(1) : chunk
    if (chunk) this.#afterReturn = chunk.endsWith('\r')
    // One search a chunk for what nearly no stream has, instead of one a line.
    if (text.includes('\r')) text = text.replace(/\r\n?/g, '\n')
    let end = text.indexOf('\n')
    if (end >= 0 && this.#line) {
      end += this.#line.length
      text = this.#line + text
      this.#line = ''
    }
    let begin = 0
    for (; end >= 0; end = text.indexOf('\n', begin)) {
      if (begin === end) this.#emit(emit)
      // Nearly all lines: they are not cut out whole, only to be cut again.
      else if (text.startsWith('data:', begin)) {
        this.#addData(text.slice(begin + (text[begin + 5] === ' ' ? 6 : 5), end), end - begin)
      } else this.#takeLine(text.slice(begin, end))
      begin = end + 1
    }
    // Engines keep a concatenation as a rope and copy it once, when it is read: linear.
    this.#line += begin ? text.slice(begin) : text
    if (this.#line) this.#checkSize(this.#line.length)
  }

  #takeLine(line: string): void {
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'data') this.#addData(value, line.length)
    else this.#checkSize(line.length)
    if (field === 'event') {
      this.#event = value
    } else if (field === 'id') {
      if (!value.includes('\0')) this.#id = value
    } else if (
      field &&
      field !== 'data' &&
      this.#keepDiscarded &&
      (this.#stray || /^[{[]/.test(line))
    ) {
      this.#size += line.length + 32
      this.#stray += this.#stray ? `\n${line}` : line
    }
  }

  #addData(value: string, length: number): void {
    this.#checkSize(length)
    this.#size += length + 32
    this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
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

  #checkSize(length: number): void {
    const size = this.#size + length
    if (size > this.#maxSize) checkSize('maxEventSize', size, this.#maxSize)
  }
}
