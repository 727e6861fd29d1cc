import type { Decoder } from '../decoder.ts'
import { checkSize, defaultLimit } from '../errors.ts'
import type { FrameLimits, TextFrame } from './text-frame.ts'

/**
 * Decodes bytes into the lines of newline-delimited JSON. Lines end in LF or CRLF, blank ones are
 * left out, a leading BOM is dropped, and a last line without its LF is emitted marked
 * `unfinished`. Linear in the bytes, however they are split.
 *
 * Throws a `RatatoskrError` with code `too_large` when one line passes its limit.
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
  readonly #limit: number
  #line = ''

  constructor({ maxEventSize = defaultLimit }: FrameLimits = {}) {
    this.#limit = maxEventSize
  }

  push(bytes: Uint8Array, emit: (line: TextFrame) => void): void {
    this.#pushText(this.#utf8.decode(bytes, { stream: true }), emit)
  }

  end(emit: (line: TextFrame) => void): void {
    this.#pushText(this.#utf8.decode(), emit)
    const data = this.#line
    this.#line = ''
    if (data.trim()) emit({ data, unfinished: true })
  }

  #pushText(text: string, emit: (line: TextFrame) => void): void {
    if (text.includes('\n')) {
      const lines = (this.#line + text).split('\n')
      this.#line = lines.pop() ?? ''
      for (const data of lines) {
        checkSize('maxEventSize', data.length, this.#limit)
        // JSON ignores the CR of a CRLF, so it may stay.
        if (data.trim()) emit({ data })
      }
    } else {
      this.#line += text
    }
    checkSize('maxEventSize', this.#line.length, this.#limit)
  }
}
