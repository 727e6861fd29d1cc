import type { Decoder } from '../decoder.ts'
import { RatatoskrError } from '../errors.ts'
import { defaultMaxEventSize, type FrameLimits, type TextFrame } from './text-frame.ts'

/**
 * Decodes bytes into one frame, the whole body: for a host that was asked to stream and answered
 * with one JSON value.
 *
 * Throws a {@link RatatoskrError} with code `too_large` when the body passes its limit.
 */
export class WholeBodyDecoder implements Decoder<Uint8Array, TextFrame> {
  readonly #utf8 = new TextDecoder()
  readonly #maxEventSize: number
  #text = ''

  constructor(options: FrameLimits = {}) {
    this.#maxEventSize = options.maxEventSize ?? defaultMaxEventSize
  }

  push(bytes: Uint8Array): void {
    this.#text += this.#utf8.decode(bytes, { stream: true })
    if (this.#text.length > this.#maxEventSize) {
      throw new RatatoskrError(
        'too_large',
        `Cannot decode the body: it is larger than ${this.#maxEventSize} characters.`,
      )
    }
  }

  end(emit: (frame: TextFrame) => void): void {
    const data = this.#text + this.#utf8.decode()
    this.#text = ''
    emit({ data })
  }
}
