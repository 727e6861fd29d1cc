import type { Decoder } from '../decoder.ts'
import { RatatoskrError } from '../errors.ts'
import { defaultMaxEventSize, type FrameLimits, type TextFrame } from './text-frame.ts'

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
 * ("Interpreting an event stream"). Linear in the bytes, however they are split.
 *
 * Throws a {@link RatatoskrError} with code `too_large` when one event passes its limit.
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
  /** The last event id that was in force when an event ended. */
  lastEventId = ''
  /** Milliseconds, from the last valid `retry` field. */
  reconnectionTime: number | undefined

  readonly #utf8 = new TextDecoder()
  readonly #maxEventSize: number
  readonly #keepDiscarded: boolean
  #skipLineFeed = false
  #line = ''
  #data: string | undefined
  #event = ''
  #id = ''
  #stray = ''

  constructor(options: SseDecoderOptions = {}) {
    this.#maxEventSize = options.maxEventSize ?? defaultMaxEventSize
    this.#keepDiscarded = options.keepDiscarded ?? false
  }

  push(bytes: Uint8Array, emit: (event: SseEvent) => void): void {
    this.#pushText(this.#utf8.decode(bytes, { stream: true }), emit)
  }

  end(emit: (event: SseEvent) => void): void {
    this.#pushText(this.#utf8.decode(), emit)
    if (!this.#keepDiscarded) return
    if (this.#line !== '') this.#takeLine(this.#line, 0, this.#line.length, emit)
    this.#emitStray(emit)
    if (this.#data !== undefined) {
      emit({ event: this.#event || 'message', data: this.#data, id: this.#id, unfinished: true })
    }
  }

  #pushText(chunk: string, emit: (event: SseEvent) => void): void {
    let text = chunk
    if (text === '') return
    if (this.#skipLineFeed) {
      this.#skipLineFeed = false
      if (text.charCodeAt(0) === lineFeed) text = text.slice(1)
    }
    // Two searches a line would cost more than this one a chunk: nearly no stream has a CR.
    if (text.includes('\r')) {
      this.#skipLineFeed = text.endsWith('\r')
      text = text.replace(/\r\n?/g, '\n')
    }

    let start = 0
    let end = text.indexOf('\n')
    if (this.#line !== '' && end !== -1) {
      const line = this.#line + text.slice(0, end)
      this.#line = ''
      this.#takeLine(line, 0, line.length, emit)
      start = end + 1
      end = text.indexOf('\n', start)
    }
    while (end !== -1) {
      this.#takeLine(text, start, end, emit)
      start = end + 1
      end = text.indexOf('\n', start)
    }
    if (start < text.length) {
      // Engines keep a concatenation as a rope and copy it once, when it is read: linear.
      this.#line += start === 0 ? text : text.slice(start)
      this.#checkSize(this.#line.length)
    }
  }

  #takeLine(text: string, start: number, end: number, emit: (event: SseEvent) => void): void {
    if (start === end) {
      this.#dispatch(emit)
      return
    }
    this.#checkSize(end - start)
    if (text.startsWith('data:', start)) {
      const value = text.slice(text.charCodeAt(start + 5) === space ? start + 6 : start + 5, end)
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
      return
    }
    if (text.charCodeAt(start) !== colon) this.#takeField(text.slice(start, end))
  }

  #takeField(line: string): void {
    const at = line.indexOf(':')
    const name = at === -1 ? line : line.slice(0, at)
    const value = at === -1 ? '' : line.slice(line.charCodeAt(at + 1) === space ? at + 2 : at + 1)
    switch (name) {
      case 'data':
        this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`
        break
      case 'event':
        this.#event = value
        break
      case 'id':
        if (!value.includes('\0')) this.#id = value
        break
      case 'retry':
        if (/^[0-9]+$/.test(value)) this.reconnectionTime = Number(value)
        break
      default:
        if (this.#keepDiscarded && (this.#stray !== '' || /^[{[]/.test(line))) {
          this.#stray += `${line}\n`
        }
    }
  }

  #dispatch(emit: (event: SseEvent) => void): void {
    this.lastEventId = this.#id
    if (this.#stray !== '') this.#emitStray(emit)
    const data = this.#data
    const event = this.#event
    this.#data = undefined
    this.#event = ''
    if (data !== undefined) emit({ event: event || 'message', data, id: this.#id })
  }

  #emitStray(emit: (event: SseEvent) => void): void {
    const data = this.#stray
    this.#stray = ''
    if (data !== '') emit({ event: 'message', data, id: this.#id, stray: true })
  }

  #checkSize(line: number): void {
    const size = line + (this.#data?.length ?? 0) + this.#stray.length
    if (size > this.#maxEventSize) {
      throw new RatatoskrError(
        'too_large',
        `Cannot decode the stream: one event is larger than ${this.#maxEventSize} characters. ` +
          'Raise maxEventSize if such events are expected.',
      )
    }
  }
}

const lineFeed = 10
const space = 32
const colon = 58
