import type { Decoder } from '../decoder.ts'
import { need } from '../errors.ts'

/**
 * Encodes JSON texts as newline-delimited JSON: the way back of `NdjsonDecoder`. Throws a
 * `RatatoskrError` with code `invalid_request` for a text of several lines.
 *
 * @example
 * ```ts
 * import { NdjsonEncoder } from 'ratatoskr/dialects'
 *
 * const encoder = new NdjsonEncoder()
 * encoder.push({ data: '{"a":1}' }, (bytes) => console.log(bytes.length))
 * ```
 */
export class NdjsonEncoder implements Decoder<{ data: string }, Uint8Array<ArrayBuffer>> {
  readonly #utf8 = new TextEncoder()

  push({ data }: { data: string }, emit: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    need(!/[\r\n]/.test(data), 'invalid_request', 'JSON for a line must be one line')
    emit(this.#utf8.encode(`${data}\n`))
  }

  end(): void {}
}
