import type { Decoder } from '../decoder.ts'
import { need } from '../errors.ts'

/** A server-sent event to write: what is left out is not written. */
export interface SseFrame {
  /** The event's type. Readers take `message` where there is none. */
  event?: string
  /** May hold line breaks; readers get each as LF. */
  data: string
  id?: string
  /** Milliseconds after which a reader that lost the connection comes back. */
  retry?: number
}

/**
 * Encodes events as an event stream: the way back of `SseDecoder`. A text of its own, in place of
 * an event, is written as a comment, which readers ignore and proxies count as life.
 *
 * Throws a `RatatoskrError` with code `invalid_request` for an `event` or `id` that has a line
 * break, which would end the field, and for a `retry` that is no whole number.
 *
 * Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 *
 * @example
 * ```ts
 * import { SseEncoder } from 'ratatoskr/dialects'
 *
 * const encoder = new SseEncoder()
 * encoder.push({ event: 'ping', data: '{}' }, (bytes) => console.log(bytes.length))
 * ```
 */
export class SseEncoder implements Decoder<SseFrame | string, Uint8Array<ArrayBuffer>> {
  readonly #utf8 = new TextEncoder()

  push(frame: SseFrame | string, emit: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    emit(this.#utf8.encode(typeof frame === 'string' ? lines('', frame) : fields(frame)))
  }

  end(): void {}
}

function fields({ event, data, id, retry }: SseFrame): string {
  need(!/[\r\n\0]/.test(`${event}${id}`), 'invalid_request', 'event and id must be one line each')
  const isTime = retry === undefined || /^\d+$/.test(String(retry))
  need(isTime, 'invalid_request', 'retry must be whole milliseconds')
  return (
    (event === undefined ? '' : `event: ${event}\n`) +
    (id === undefined ? '' : `id: ${id}\n`) +
    (retry === undefined ? '' : `retry: ${retry}\n`) +
    lines('data', data)
  )
}

function lines(field: string, text: string): string {
  const each = text.split(/\r\n?|\n/).map((line) => `${field}: ${line}\n`)
  return `${each.join('')}\n`
}
