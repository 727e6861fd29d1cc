import { SseDecoder, type SseEvent } from 'ratatoskr/dialects'
import type { Script, Step } from '@ratatoskr/testkit'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chatRequest, createKit, sseOf, streamRequest, type Kit } from '../../test/relay-kit.ts'
import { createStreamId } from '../wire/stream-id.ts'

const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: texts.map((text): Step => ({ text })) },
  texts.map((reasoning): Step => ({ reasoning })),
  fc
    .dictionary(texts, fc.jsonValue({ maxDepth: 1 }))
    .map((input): Step => ({ toolCalls: [{ name: 'weather', arguments: input }] })),
  fc.constant<Step>({ wait: 1 }),
)

/** Whole replies, and some that fail on their way. */
const scripts: fc.Arbitrary<Script> = fc
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

interface Connection {
  /** The connection breaks at this byte; the client may have read less than an event, or several. */
  bytes: number
  /** Reconnects by `GET`, not by the same `POST`. */
  byGet: boolean
  /** Milliseconds until it comes back. */
  pause: number
  /** Another comes before this one is gone. */
  overlaps: boolean
}

const connections: fc.Arbitrary<Connection[]> = fc.array(
  fc.record({
    bytes: fc.oneof(fc.nat(40), fc.nat(600)),
    byGet: fc.boolean(),
    pause: fc.constantFrom(0, 0, 1, 3),
    overlaps: fc.boolean(),
  }),
  { maxLength: 8 },
)

const kitOf = (script: Script): Kit =>
  createKit({ simulator: { script, pace: { perDelta: 3 } }, limits: { requestsPerMinute: 1e9 } })

const keyOf = ({ event, id, data }: SseEvent): string => `${event} ${id} ${data}`

/** Reads up to a byte; then the connection is gone, and what is no whole event is lost with it. */
async function readUntil(
  response: Response,
  bytes: number,
): Promise<{ events: SseEvent[]; over: boolean; drop: () => Promise<void> }> {
  const events: SseEvent[] = []
  const decoder = new SseDecoder()
  const reader = response.body?.getReader()
  let left = bytes
  for (;;) {
    const piece = await reader?.read()
    if (piece?.value === undefined) return { events, over: true, drop: async () => {} }
    decoder.push(piece.value.subarray(0, left), (event) => events.push(event))
    left -= piece.value.length
    if (left < 0) return { events, over: false, drop: async () => reader?.cancel() }
  }
}

it('gives the uninterrupted events, whatever breaks wherever, of one request upstream', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, connections, async (script, attempts) => {
      const uninterrupted = await sseOf(await kitOf(script).relay(chatRequest()))
      const { relay, upstream, host, entries } = kitOf(script)
      const id = createStreamId()
      const received: SseEvent[] = []
      const drops: (() => Promise<void>)[] = []
      const last = { bytes: Infinity, byGet: false, pause: 0, overlaps: false }
      let asked = 0
      for (const { bytes, byGet, pause, overlaps } of [...attempts, last]) {
        const after = Number(received.at(-1)?.id ?? 0)
        const isFirst = asked === 0
        const response = await relay(
          byGet && !isFirst
            ? streamRequest('GET', id, { after })
            : chatRequest({ id, ...(after > 0 && { after }) }),
        )
        asked += 1
        const { events, over, drop } = await readUntil(response, bytes)
        received.push(...events)
        if (overlaps) drops.push(drop)
        else await drop()
        if (over) break
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
      }
      await Promise.all(drops.map((drop) => drop()))
      expect(received.map(keyOf)).toEqual(uninterrupted.map(keyOf))
      expect(received.map((event) => event.id)).toEqual(received.map((_, i) => String(i + 1)))
      expect(upstream).toHaveLength(1)
      // Each request has its entry, and only one of them is the reply's end.
      expect(entries).toHaveLength(asked)
      host.close()
    }),
    { numRuns: 150 },
  )
})

it('begins one reply however many ask at once, before its first event', async () => {
  const { relay, upstream, host } = kitOf([{ wait: 5 }, { text: 'One for all.' }])
  const id = createStreamId()
  const responses = await Promise.all(Array.from({ length: 20 }, () => relay(chatRequest({ id }))))
  const all = await Promise.all(responses.map(sseOf))
  expect(new Set(all.map((events) => events.map(keyOf).join('\n'))).size).toBe(1)
  expect(upstream).toHaveLength(1)
  host.close()
})
