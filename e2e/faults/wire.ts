import type { DialectUnderTest } from '../../packages/ratatoskr/test/dialects.ts'
import { dialects, fixtureBytes } from '../../packages/ratatoskr/test/dialects.ts'
import { framingOf, type Framing } from '../../packages/ratatoskr/test/reply-parts.ts'
import { amazonFrames } from '../../packages/ratatoskr/test/recordings.ts'
import { runDecoder } from '../../packages/ratatoskr/test/run-decoder.ts'
import type { ChatEvent } from 'ratatoskr'
import { AwsEventStreamDecoder, type TextFrame } from 'ratatoskr/dialects'

/** A dialect's reply, whole and cut, for the faults to happen to. */
export interface Wire {
  readonly name: string
  readonly dialect: DialectUnderTest
  readonly framing: Framing
  readonly body: Uint8Array
  /** The first events of it: some text, and no end. */
  readonly begin: Uint8Array
  /** What comes after them. */
  readonly rest: Uint8Array
  /** What the library makes of the first events, and of all. */
  readonly begun: readonly ChatEvent[]
  readonly whole: readonly ChatEvent[]
}

/** One for each dialect and framing. */
export const wires: readonly Wire[] = dialects.map((dialect) => {
  const body = fixtureBytes(dialect)
  const ends = dialect.boundaries(body)
  const cut = ends[Math.floor(ends.length * 0.6)] ?? 0
  const begin = body.subarray(0, cut)
  return {
    name: dialect.name,
    dialect,
    framing: framingOf(dialect),
    body,
    begin,
    rest: body.subarray(cut),
    begun: runDecoder(dialect.decoder(), [begin]).output,
    whole: runDecoder(dialect.decoder(), [body]).output,
  }
})

/** The body with its JSON changed, in right frames. */
export function rewritten({ framing, body }: Wire, change: (json: string) => string): Uint8Array {
  if (framing !== 'binary') return encode(change(decode(body)))
  const messages = runDecoder<Uint8Array, TextFrame>(new AwsEventStreamDecoder(), [body]).output
  const isChunked = /"bytes":/.test(decode(body))
  return amazonFrames(
    messages.map(({ data }) => {
      const changed = change(data)
      const bytes = Buffer.from(changed).toString('base64')
      return isChunked ? JSON.stringify({ chunk: { bytes } }) : changed
    }),
  )
}

/** The body with fields more beside the first piece of text. */
export function withFields(wire: Wire, fields: string): Uint8Array {
  return rewritten(wire, (json) =>
    json.replace(/"(?:text|content|delta)":"Żółw/, (found) => `${fields},${found}`),
  )
}

/** The body with its longest text in place of its emoji. */
export function withText(wire: Wire, text: string): Uint8Array {
  return rewritten(wire, (json) => json.replaceAll('🐿️!', () => text))
}

/** The text of events, joined. */
export function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'content' ? event.text : '')).join('')
}

export function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
