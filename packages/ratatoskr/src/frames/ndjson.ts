import type { Decoder } from '../decoder.ts'
import { RatatoskrError } from '../errors.ts'
import { defaultMaxEventSize, type FrameLimits, type TextFrame } from './text-frame.ts'

/**
 * Decodes bytes into the lines of newline-delimited JSON. Lines end in LF or CRLF, blank ones are
 * left out, a leading BOM is dropped, and a last line without its LF is emitted marked
 * `unfinished`. Linear in the bytes, however they are split.
 *
 * Throws a {@link RatatoskrError} with code `too_large` when one line passes its limit.
 *
 * @example
 * ```ts
 * import { NdjsonDecoder } from 'ratatoskr/dialects'
 *
 * const decoder = new NdjsonDecoder()
 * decoder.push(new TextEncoder().encode('{"a":1}\n'), (line) => console.log(line.data))
 * ```
 */
export class NdjsonDecoder implements Decoder<Uint8Array, TextFrame> {
  readonly #utf8 = new TextDecoder()
  readonly #maxEventSize: number
  #line = ''

  constructor(options: FrameLimits = {}) {
    this.#maxEventSize = options.maxEventSize ?? defaultMaxEventSize
  }

  push(bytes: Uint8Array, emit: (line: TextFrame) => void): void {
    this.#pushText(this.#utf8.decode(bytes, { stream: true }), emit)
  }

  end(emit: (line: TextFrame) => void): void {
    this.#pushText(this.#utf8.decode(), emit)
    const data = this.#line
    this.#line = ''
    if (data.trim() !== '') emit({ data, unfinished: true })
  }

  #pushText(text: string, emit: (line: TextFrame) => void): void {
    let start = 0
    let end = text.indexOf('\n')
    while (end !== -1) {
      const data = this.#line + text.slice(start, end)
      this.#line = ''
      this.#checkSize(data.length)
      // JSON ignores the CR of a CRLF, so it may stay.
      if (data !== '' && data.trim() !== '') emit({ data })
      start = end + 1
      end = text.indexOf('\n', start)
    }
    if (start < text.length) {
      this.#line += start === 0 ? text : text.slice(start)
      this.#checkSize(this.#line.length)
    }
  }

  #checkSize(size: number): void {
    if (size > this.#maxEventSize) {
      throw new RatatoskrError(
        'too_large',
        `Cannot decode the stream: one line is larger than ${this.#maxEventSize} characters. ` +
          'Raise maxEventSize if such lines are expected.',
      )
    }
  }
}
