import { stringify as stringifyAny } from '../src/dialects/api-error.ts'
import { AwsEventStreamDecoder } from '../src/frames/aws-event-stream.ts'
import { crc32 } from '../src/frames/crc32.ts'
import type { TextFrame } from '../src/frames/text-frame.ts'
import type { Framing } from './reply-parts.ts'
import { runDecoder } from './run-decoder.ts'

/** The texts of a body's frames, and the way back. */
export interface SplitBody {
  texts: string[]
  join: (texts: readonly string[]) => Uint8Array
}

/** The JSON of a body's frames, and the way back; undefined where there is none. */
export function splitBody(framing: Framing, bytes: Uint8Array): SplitBody | undefined {
  if (framing === 'binary') return splitMessages(bytes)
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  if (framing === 'array') {
    try {
      const items = JSON.parse(text) as unknown[]
      if (!Array.isArray(items)) return undefined
      return {
        texts: items.map((item) => stringify(item)),
        join: (texts) => encode(`[${texts.join(',\n')}]`),
      }
    } catch {
      return undefined
    }
  }
  const parts = framing === 'lines' ? text.split(/\n/) : text.split(/\n\n/)
  // What stands before the JSON of an event: its name, and `data:`.
  const starts = parts.map((part) => /^[^{[]*/.exec(part)?.[0] ?? '')
  const heads = new Map(parts.map((part, i) => [part.slice(starts[i]?.length), starts[i] ?? '']))
  const separator = framing === 'lines' ? '\n' : '\n\n'
  const first = starts.find((start) => start.includes('data:')) ?? ''
  return {
    texts: parts.map((part, i) => part.slice(starts[i]?.length)),
    join: (texts) =>
      encode(texts.map((each) => `${heads.get(each) ?? first}${each}`).join(separator)),
  }
}

function splitMessages(bytes: Uint8Array): SplitBody | undefined {
  const messages: Uint8Array[] = []
  for (let at = 0; at + 16 <= bytes.length;) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at)
    const length = view.getUint32(0)
    if (length < 16 || at + length > bytes.length) return undefined
    messages.push(bytes.subarray(at, at + length))
    at += length
  }
  const texts: string[] = []
  for (const message of messages) {
    const run = readMessage(message)
    if (run === undefined) return undefined
    texts.push(run)
  }
  const originals = new Map(texts.map((text, i) => [text, messages[i]]))
  return {
    texts,
    join: (changed) =>
      joinBytes(
        ...changed.map((text, i) => {
          const original = originals.get(text)
          const model = messages[Math.min(i, messages.length - 1)]
          return original ?? (model ? withPayload(model, text) : new Uint8Array())
        }),
      ),
  }
}

/** A payload that holds the model's own JSON as base64. */
const chunk = '{"bytes":'

/** The JSON of a message: the payload, or what its bytes hold. */
function readMessage(message: Uint8Array): string | undefined {
  try {
    const { output } = runDecoder<Uint8Array, TextFrame>(new AwsEventStreamDecoder(), [message])
    const headers = new DataView(message.buffer, message.byteOffset).getUint32(4)
    const payload = new TextDecoder().decode(message.subarray(12 + headers, -4))
    return payload.startsWith(chunk) ? output[0]?.data : payload
  } catch {
    return undefined
  }
}

/** A message with another payload, and the right lengths and checksums. */
function withPayload(message: Uint8Array, text: string): Uint8Array {
  const headers = new DataView(message.buffer, message.byteOffset).getUint32(4)
  const old = Buffer.from(message.subarray(12 + headers, -4)).toString('latin1')
  const payload = encode(
    old.startsWith(chunk) ? JSON.stringify({ bytes: Buffer.from(text).toString('base64') }) : text,
  )
  const made = new Uint8Array(16 + headers + payload.length)
  made.set(message.subarray(0, 12 + headers))
  made.set(payload, 12 + headers)
  const view = new DataView(made.buffer)
  view.setUint32(0, made.length)
  view.setUint32(8, crc32(made.subarray(0, 8)))
  view.setUint32(made.length - 4, crc32(made.subarray(0, -4)))
  return made
}

/** JSON text; that of an empty object where a value is too deep. */
export function stringify(value: unknown): string {
  return stringifyAny(value) || '{}'
}

/** Bytes one after the other. */
export function joinBytes(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
