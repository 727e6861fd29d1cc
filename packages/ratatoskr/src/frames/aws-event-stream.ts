import type { Decoder } from '../decoder.ts'
import { checkSize, defaultLimit, need } from '../errors.ts'
import { crc32 } from './crc32.ts'
import type { FrameLimits, TextFrame } from './text-frame.ts'

/** Two lengths and their checksum. */
const preludeSize = 12

/**
 * Decodes bytes into the messages of Amazon's event streams (`application/vnd.amazon.eventstream`):
 * each becomes JSON with one field, named after the event or the exception, that holds the payload;
 * a `chunk` becomes the JSON that its bytes hold. The name of what went wrong ends in `Exception`,
 * `Failure` or `Error`, so that no reader takes it for an event that it does not know. Both checksums of each message are checked. What
 * the end of the input cuts is dropped. Linear in the bytes, however they are split.
 *
 * Throws a `RatatoskrError`: `protocol` for what is no message, or a damaged one; `too_large` when
 * one message passes its limit, in bytes.
 *
 * Format: https://smithy.io/2.0/aws/amazon-eventstream.html
 *
 * @example
 * ```ts
 * import { AwsEventStreamDecoder } from 'ratatoskr/dialects'
 *
 * const decoder = new AwsEventStreamDecoder()
 * decoder.push(new Uint8Array(), (message) => console.log(message.data)) // {"messageStop":{…}}
 * ```
 */
export class AwsEventStreamDecoder implements Decoder<Uint8Array, TextFrame> {
  readonly #limit: number
  readonly #utf8 = new TextDecoder()
  #pieces: Uint8Array[] = []
  #held = 0
  /** The length of the message that has begun; 0 where it is not known yet. */
  #length = 0

  constructor({ maxEventSize = defaultLimit }: FrameLimits = {}) {
    this.#limit = maxEventSize
  }

  push(bytes: Uint8Array, emit: (message: TextFrame) => void): void {
    if (bytes.length === 0) return
    this.#pieces.push(bytes)
    this.#held += bytes.length
    for (;;) {
      if (this.#length === 0 && this.#held >= preludeSize) this.#readPrelude()
      if (this.#length === 0 || this.#held < this.#length) return
      const all = this.#join()
      const message = all.subarray(0, this.#length)
      this.#pieces = [all.subarray(this.#length)]
      this.#held = all.length - this.#length
      this.#length = 0
      emit({ data: this.#readMessage(message) })
    }
  }

  end(): void {}

  #join(): Uint8Array {
    const [first = new Uint8Array(), second] = this.#pieces
    if (!second) return first
    const all = new Uint8Array(this.#held)
    let at = 0
    for (const piece of this.#pieces) {
      all.set(piece, at)
      at += piece.length
    }
    this.#pieces = [all]
    return all
  }

  #readPrelude(): void {
    const prelude = this.#join()
    const view = viewOf(prelude)
    const isSound = crc32(prelude.subarray(0, 8)) === view.getUint32(8)
    const [length, headers] = [view.getUint32(0), view.getUint32(4)]
    need(
      isSound && length >= headers + 16,
      'protocol',
      'The reply must be an event stream of Amazon’s',
    )
    checkSize('maxEventSize', length, this.#limit)
    this.#length = length
  }

  #readMessage(message: Uint8Array): string {
    const view = viewOf(message)
    const end = message.length - 4
    const isSound = crc32(message.subarray(0, end)) === view.getUint32(end)
    need(isSound, 'protocol', 'A message of the event stream must not be damaged')
    const start = preludeSize + view.getUint32(4)
    const headers = this.#readHeaders(message.subarray(preludeSize, start))
    const payload = this.#utf8.decode(message.subarray(start, end)) || '{}'
    const event = headers.get(':event-type')
    if (event === 'chunk') return this.#readChunk(payload)
    if (event !== undefined) return `{${JSON.stringify(event)}:${payload}}`
    const exception = headers.get(':exception-type')
    if (exception !== undefined) return `{${JSON.stringify(failureName(exception))}:${payload}}`
    // No exception of the service's model: what went wrong stands in the headers.
    const code = failureName(headers.get(':error-code') ?? 'Unknown')
    return JSON.stringify({ [code]: { message: headers.get(':error-message') ?? '' } })
  }

  /** What a model wrote in a format of its own. */
  #readChunk(payload: string): string {
    const [, bytes = '%'] = /"bytes"\s*:\s*"([\w+/=]+)"/.exec(payload) ?? []
    try {
      return this.#utf8.decode(Uint8Array.from(atob(bytes), (byte) => byte.charCodeAt(0)))
    } catch {
      need(false, 'protocol', 'A chunk of the event stream must be base64')
      return ''
    }
  }

  /** The headers that are texts. */
  #readHeaders(bytes: Uint8Array): Map<string, string> {
    const view = viewOf(bytes)
    const headers = new Map<string, string>()
    let at = 0
    while (at < bytes.length) {
      const nameEnd = at + 1 + (bytes[at] ?? 0)
      const type = bytes[nameEnd] ?? 0
      const fixed = sizes[type]
      const start = nameEnd + (fixed === undefined ? 3 : 1)
      const isKnown = type < sizes.length && start <= bytes.length
      const size = isKnown ? (fixed ?? view.getUint16(nameEnd + 1)) : 0
      need(
        isKnown && start + size <= bytes.length,
        'protocol',
        'A header of the event stream must be whole',
      )
      if (type === 7) {
        const name = this.#utf8.decode(bytes.subarray(at + 1, nameEnd))
        headers.set(name, this.#utf8.decode(bytes.subarray(start, start + size)))
      }
      at = start + size
    }
    return headers
  }
}

/** The sizes of the types of headers: yes, no, four of whole numbers, bytes, text, time, UUID. */
const sizes = [0, 0, 1, 2, 4, 8, undefined, undefined, 8, 16]

function failureName(name: string): string {
  return /(Exception|Failure|Error)$/.test(name) ? name : `${name}Error`
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
