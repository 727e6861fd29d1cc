import { SseDecoder, type SseEvent } from 'ratatoskr/dialects'
import type { Script, Step } from '@ratatoskr/testkit'
import fc from 'fast-check'

const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })

/** Steps of a reply that goes well. */
export const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: texts.map((text): Step => ({ text })) },
  texts.map((reasoning): Step => ({ reasoning })),
  fc
    .dictionary(texts, fc.jsonValue({ maxDepth: 1 }))
    .map((input): Step => ({ toolCalls: [{ name: 'weather', arguments: input }] })),
  fc.constant<Step>({ wait: 1 }),
)

/** Whole replies, and some that fail on their way. */
export const scripts: fc.Arbitrary<Script> = fc
  .tuple(
    fc.array(steps, { minLength: 1, maxLength: 8 }),
    fc.constantFrom<Step[]>(
      [],
      [{ usage: { promptTokens: 3 } }],
      [{ fault: { kind: 'cut' } }],
      [{ fault: { kind: 'error', code: 'overloaded' } }],
    ),
  )
  // It begins with an event, so that none fails before its first.
  .map(([said, end]) => [{ text: 'Well' }, ...said, ...end])

/** What becomes of one connection to the relay. */
export interface BrokenConnection {
  /** The connection breaks at this byte; the client may have read less than an event, or several. */
  bytes: number
  /** Reconnects by `GET`, not by the same `POST`. */
  byGet: boolean
  /** Milliseconds until it comes back. */
  pause: number
  /** Another comes before this one is gone. */
  overlaps: boolean
}

export const connections: fc.Arbitrary<BrokenConnection[]> = fc.array(
  fc.record({
    bytes: fc.oneof(fc.nat(40), fc.nat(600)),
    byGet: fc.boolean(),
    pause: fc.constantFrom(0, 0, 1, 3),
    overlaps: fc.boolean(),
  }),
  { maxLength: 8 },
)

/** All that a client sees of an event. */
export const lineOf = ({ event, id, data }: SseEvent): string => `${event} ${id} ${data}`

/** One that holds. */
const whole: BrokenConnection = { bytes: Infinity, byGet: false, pause: 0, overlaps: false }

/** How a relay is asked for one reply. */
export interface AskAgain {
  post: (after: number) => Promise<Response>
  get: (after: number) => Promise<Response>
  /** Called before each connection but the first. */
  between?: () => Promise<void>
}

/** Reads a reply over connections that break, and one that holds. Returns what was received, and how often was asked. */
export async function readOver(
  attempts: readonly BrokenConnection[],
  { post, get, between }: AskAgain,
): Promise<{ received: SseEvent[]; asked: number }> {
  const received: SseEvent[] = []
  const drops: (() => Promise<void>)[] = []
  let asked = 0
  for (const { bytes, byGet, pause, overlaps } of [...attempts, whole]) {
    const after = Number(received.at(-1)?.id ?? 0)
    const response = await (byGet && asked > 0 ? get(after) : post(after))
    asked += 1
    const { events, over, drop } = await readUntil(response, bytes)
    received.push(...events)
    if (overlaps) drops.push(drop)
    else await drop()
    if (over) break
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    await between?.()
  }
  await Promise.all(drops.map((drop) => drop()))
  return { received, asked }
}

/** Reads up to a byte; then the connection is gone, and what is no whole event is lost with it. */
async function readUntil(
  response: Response,
  bytes: number,
): Promise<{ events: SseEvent[]; over: boolean; drop: () => Promise<void> }> {
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  const events: SseEvent[] = []
  const decoder = new SseDecoder()
  const reader = response.body?.getReader()
  // It may have broken by itself.
  const drop = async (): Promise<void> => reader?.cancel().catch(() => {})
  let left = bytes
  for (;;) {
    const piece = await reader?.read()
    if (piece?.value === undefined) return { events, over: true, drop }
    decoder.push(piece.value.subarray(0, left), (event) => events.push(event))
    left -= piece.value.length
    if (left < 0) return { events, over: false, drop }
  }
}
