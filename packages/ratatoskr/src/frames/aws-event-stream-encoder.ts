import type { Decoder } from '../decoder.ts'
import { crc32 } from './crc32.ts'
import type { TextFrame } from './text-frame.ts'

/**
 * Encodes JSON with one field, named after an event, into the messages of Amazon's event streams:
 * the way back of `AwsEventStreamDecoder`. A name that ends in `Exception` makes an exception.
 *
 * Format: https://smithy.io/2.0/aws/amazon-eventstream.html
 *
 * @example
 * ```ts
 * import { AwsEventStreamEncoder } from 'ratatoskr/dialects'
 *
 * const encoder = new AwsEventStreamEncoder()
 * encoder.push({ data: '{"messageStop":{"stopReason":"end_turn"}}' }, (bytes) => console.log(bytes.length))
 * ```
 */
export class AwsEventStreamEncoder implements Decoder<
  Pick<TextFrame, 'data'>,
  Uint8Array<ArrayBuffer>
> {
  readonly #utf8 = new TextEncoder()

  push({ data }: Pick<TextFrame, 'data'>, emit: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    const sent: unknown = JSON.parse(data)
    for (const [name, payload] of Object.entries(sent ?? {})) {
      emit(this.#encode(name, this.#utf8.encode(JSON.stringify(payload))))
    }
  }

  end(): void {}

  #encode(name: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
    const isException = name.endsWith('Exception')
    const headers = [
      ...this.#header(isException ? ':exception-type' : ':event-type', name),
      ...this.#header(':content-type', 'application/json'),
      ...this.#header(':message-type', isException ? 'exception' : 'event'),
    ]
    const message = new Uint8Array(16 + headers.length + payload.length)
    const view = new DataView(message.buffer)
    view.setUint32(0, message.length)
    view.setUint32(4, headers.length)
    view.setUint32(8, crc32(message.subarray(0, 8)))
    message.set(headers, 12)
    message.set(payload, 12 + headers.length)
    view.setUint32(message.length - 4, crc32(message.subarray(0, -4)))
    return message
  }

  /** A text: its name, the type 7, and its value, each with its length before it. */
  #header(name: string, value: string): number[] {
    const [key, text] = [this.#utf8.encode(name), this.#utf8.encode(value)]
    return [key.length, ...key, 7, text.length >> 8, text.length & 0xff, ...text]
  }
}
