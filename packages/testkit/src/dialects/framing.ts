import { AwsEventStreamEncoder, NdjsonEncoder, SseEncoder, type SseFrame } from 'ratatoskr/dialects'

/** How a service writes the frames of one reply as bytes. */
export interface Framing {
  readonly contentType: string
  encode(frame: SseFrame): Uint8Array
  /** An event that nobody can read. */
  broken(): Uint8Array
  /** What stands behind the last. */
  end?(): Uint8Array
}

const utf8 = new TextEncoder()

/** Server-sent events. */
export function sseFraming(): Framing {
  return {
    contentType: 'text/event-stream; charset=utf-8',
    encode: (frame) => bytesOf((emit) => new SseEncoder().push(frame, emit)),
    broken: () => utf8.encode('data: {"broken": \n\n'),
  }
}

/** Lines of JSON. */
export function ndjsonFraming(): Framing {
  return {
    contentType: 'application/x-ndjson',
    encode: (frame) => bytesOf((emit) => new NdjsonEncoder().push(frame, emit)),
    broken: () => utf8.encode('{"broken": \n'),
  }
}

/** Objects of one JSON array, as Google sends them where it is not asked for events. */
export function jsonArrayFraming(): Framing {
  let begun = false
  const next = (text: string): Uint8Array => {
    const lead = begun ? ',\r\n' : '['
    begun = true
    return utf8.encode(lead + text)
  }
  return {
    contentType: 'application/json; charset=UTF-8',
    encode: ({ data }) => next(data),
    broken: () => next('{"broken": }'),
    end: () => utf8.encode(begun ? '\n]\n' : '[]\n'),
  }
}

/** Messages of Amazon's event streams. */
export function amazonFraming(): Framing {
  const encode = ({ data }: SseFrame): Uint8Array =>
    bytesOf((emit) => new AwsEventStreamEncoder().push({ data }, emit))
  return {
    contentType: 'application/vnd.amazon.eventstream',
    encode,
    broken: () => damaged(encode({ data: '{"broken":{}}' })),
  }
}

/** With another last byte, which is of its checksum. */
export function damaged(message: Uint8Array): Uint8Array {
  const copy = message.slice()
  copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
  return copy
}

function bytesOf(write: (emit: (bytes: Uint8Array) => void) => void): Uint8Array {
  let bytes: Uint8Array = new Uint8Array()
  write((written) => {
    bytes = written
  })
  return bytes
}
