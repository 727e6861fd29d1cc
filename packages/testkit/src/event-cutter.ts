import { joinBytes } from './byte-stream.ts'

/** Finds where the events of a body end. */
export interface EventCutter {
  /** Takes the next bytes and returns the events that they complete, each with the blank line after it. */
  push(bytes: Uint8Array): Uint8Array<ArrayBuffer>[]
  /** What is left: an event without its end, or nothing. */
  rest(): Uint8Array<ArrayBuffer>
}

const [lineFeed, carriageReturn] = [10, 13]

/**
 * Cuts a body where its events end: an event stream after blank lines, newline-delimited JSON after
 * lines. A body of another type is one event, which only its end completes.
 */
export function eventCutter(contentType: string): EventCutter {
  const isLines = /ndjson|jsonl/i.test(contentType)
  if (/amazon/i.test(contentType)) return messageCutter()
  const isEvents = /event-?stream/i.test(contentType)
  let held: Uint8Array[] = []
  /** Bytes of the line so far. */
  let lineLength = 0
  let afterReturn = false

  return {
    push(bytes) {
      const events: Uint8Array<ArrayBuffer>[] = []
      let start = 0
      const length = isLines || isEvents ? bytes.length : 0
      for (let i = 0; i < length; i += 1) {
        const byte = bytes[i]
        // The second half of CRLF.
        if (byte === lineFeed && afterReturn) {
          afterReturn = false
          continue
        }
        afterReturn = byte === carriageReturn
        if (byte !== lineFeed && !afterReturn) {
          lineLength += 1
          continue
        }
        const isEnd = isLines || lineLength === 0
        lineLength = 0
        if (!isEnd) continue
        if (afterReturn && bytes[i + 1] === lineFeed) {
          afterReturn = false
          i += 1
        }
        events.push(joinBytes([...held, bytes.subarray(start, i + 1)]))
        held = []
        start = i + 1
      }
      if (start < bytes.length) held.push(bytes.slice(start))
      return events
    },
    rest() {
      const rest = joinBytes(held)
      held = []
      return rest
    },
  }
}

/** Cuts messages of Amazon's, each of which begins with its length. */
function messageCutter(): EventCutter {
  let held = joinBytes([])
  return {
    push(bytes) {
      held = joinBytes([held, bytes])
      const events: Uint8Array<ArrayBuffer>[] = []
      while (held.length >= 4) {
        const length = new DataView(held.buffer, held.byteOffset).getUint32(0)
        if (length < 16 || held.length < length) break
        events.push(held.slice(0, length))
        held = held.slice(length)
      }
      return events
    },
    rest() {
      const rest = held
      held = joinBytes([])
      return rest
    },
  }
}

/** Whether an event says something: comments and pauses do not count. */
export function hasData(event: Uint8Array): boolean {
  // A message of Amazon's begins with its length, the first byte of which is 0.
  if (event[0] === 0) return true
  const text = new TextDecoder().decode(event)
  return /^data:/m.test(text.replaceAll('\r', '\n')) || /^\s*[[{]/.test(text)
}
