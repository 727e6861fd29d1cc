import type { Decoder } from '../decoder.ts'
import { checkSize, defaultLimit } from '../errors.ts'
import type { FrameLimits, TextFrame } from './text-frame.ts'

const quote = 0x22
const backslash = 0x5c

/**
 * Decodes bytes into the objects of one JSON array, each as soon as it is there; or into one object,
 * where the body is no array. Google streams so where it is not asked for server-sent events. An
 * object that the end of the input cuts is dropped, for it cannot be read. Linear in the bytes,
 * however they are split.
 *
 * Throws a `RatatoskrError` with code `too_large` when one object passes its limit.
 *
 * @example
 * ```ts
 * import { JsonArrayDecoder } from 'ratatoskr/dialects'
 *
 * const decoder = new JsonArrayDecoder()
 * decoder.push(new TextEncoder().encode('[{"a":1},{"a":'), (item) => console.log(item.data))
 * ```
 */
export class JsonArrayDecoder implements Decoder<Uint8Array, TextFrame> {
  readonly #utf8 = new TextDecoder()
  readonly #limit: number
  #item = ''
  #depth = 0
  #isText = false
  #isEscaped = false

  constructor({ maxEventSize = defaultLimit }: FrameLimits = {}) {
    this.#limit = maxEventSize
  }

  push(bytes: Uint8Array, emit: (item: TextFrame) => void): void {
    const text = this.#utf8.decode(bytes, { stream: true })
    let start = 0
    for (let i = 0; i < text.length; i += 1) {
      const step = this.#step(text.charCodeAt(i))
      if (step > 0 && this.#depth === 1) start = i
      if (step >= 0 || this.#depth > 0) continue
      const data = this.#item + text.slice(start, i + 1)
      this.#item = ''
      checkSize('maxEventSize', data.length, this.#limit)
      emit({ data })
    }
    if (this.#depth > 0) this.#item += text.slice(start)
    checkSize('maxEventSize', this.#item.length, this.#limit)
  }

  end(): void {}

  /** How much deeper a character leads: 1, 0 or -1. The array around the objects does not count. */
  #step(code: number): number {
    if (this.#isText) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (code === backslash) this.#isEscaped = true
      else if (code === quote) this.#isText = false
      return 0
    }
    if (code === quote) this.#isText = this.#depth > 0
    // `{` and `}` are 0x7b and 0x7d, `[` and `]` 0x5b and 0x5d.
    const bracket = code | 0x20
    const isOpening = bracket === 0x7b && (code === 0x7b || this.#depth > 0)
    const isClosing = bracket === 0x7d && this.#depth > 0
    const step = isOpening ? 1 : isClosing ? -1 : 0
    this.#depth += step
    return step
  }
}
