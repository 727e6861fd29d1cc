// Whatever breaks wherever, the page gets the uninterrupted events, of one request to the provider.
import { createGateway, user, type ChatEvent } from 'ratatoskr'
import type { Script, Step } from '@ratatoskr/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { steps } from '../../test/broken-connections.ts'
import { becomePage } from '../../test/page.ts'
import { chatRequest, createKit, eventsOf, type Kit } from '../../test/relay-kit.ts'
import { shakyNetwork, type Fate } from '../../test/shaky-network.ts'
import { relay } from './relay.ts'

beforeAll(() => {
  becomePage()
})
afterAll(() => {
  vi.unstubAllGlobals()
})

const kitOf = (script: Script, perDelta = 3): Kit =>
  createKit({ simulator: { script, pace: { perDelta } }, limits: { requestsPerMinute: 1e9 } })

interface Received {
  events: ChatEvent[]
  upstream: number
  connections: number
}

/** What a page receives over a network of these fates. */
async function receive(
  script: Script,
  fates: readonly Fate[],
  perDelta?: number,
): Promise<Received> {
  const kit = kitOf(script, perDelta)
  const network = shakyNetwork(kit, [...fates, 'whole'])
  const provider = relay({
    url: network.url,
    fetch: (url, init) => network.fetch(url, init),
    headers: { authorization: 'Bearer ann' },
    reconnect: { minDelay: 0, limit: fates.length },
  })
  const gateway = createGateway({
    providers: [provider],
    retry: { minDelay: 0, limit: fates.length },
  })
  const stream = await gateway.chatStream([user('Hi')], { model: 'vendor/model' })
  const events: ChatEvent[] = []
  for await (const event of stream) events.push(event)
  expect(network.open).toBe(0)
  expect(network.stops).toEqual([])
  kit.host.close()
  return { events, upstream: kit.upstream.length, connections: network.requests.length }
}

// It begins with an event: a reply that fails before is another matter.
const scripts: fc.Arbitrary<Script> = fc
  .array(
    fc.oneof({ weight: 7, arbitrary: steps }, fc.constant<Step>({ usage: { promptTokens: 3 } })),
    { maxLength: 6 },
  )
  .map((said) => [{ text: 'Well' }, ...said])

const fates: fc.Arbitrary<Fate> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      bytes: fc.oneof(fc.nat(40), fc.nat(900)),
      as: fc.constantFrom('error' as const, 'end' as const),
    }),
  },
  fc.constantFrom<Fate>('lost', 'unanswered'),
  fc.constant<Fate>({ response: () => new Response('<h1>Bad gateway</h1>', { status: 502 }) }),
)

const fixed: Script = [
  { text: 'Ein Eichhörnchen 🐿️' },
  { toolCalls: [{ name: 'weather', arguments: { city: 'Köln' } }] },
  { usage: { promptTokens: 3 } },
]

it('at every byte of a reply, by an error and by an end', { timeout: 120_000 }, async () => {
  const uninterrupted = await eventsOf(await kitOf(fixed, 2).relay(chatRequest()))
  const size = (await (await kitOf(fixed, 2).relay(chatRequest())).arrayBuffer()).byteLength
  expect(uninterrupted.length).toBeGreaterThan(6)
  expect(size).toBeGreaterThan(400)
  const bytes = Array.from({ length: size }, (_, i) => i)
  // At once, for most of their time is waiting.
  for (let done = 0; done < size; done += 32) {
    await Promise.all(
      bytes.slice(done, done + 32).map(async (cut) => {
        const as = cut % 2 ? 'error' : 'end'
        const received = await receive(fixed, [{ bytes: cut, as }], 2)
        expect(received.events, `cut at ${cut}`).toEqual(uninterrupted)
        // The last byte is that of the blank line which completes the last event.
        expect(received).toMatchObject({ upstream: 1, connections: 2 })
      }),
    )
  }
})

it('at every boundary between two events, one after the other', async () => {
  const uninterrupted = await eventsOf(await kitOf(fixed).relay(chatRequest()))
  const text = await (await kitOf(fixed).relay(chatRequest())).text()
  const parts = text.split(/(?<=\n\n)/).map((part) => new TextEncoder().encode(part).length)
  const [greeting = 0, ...sizes] = parts
  const cuts = sizes.slice(0, -1).map((event): Fate => ({ bytes: greeting + event, as: 'error' }))
  const { events, upstream, connections } = await receive(fixed, cuts)
  expect(events).toEqual(uninterrupted)
  expect({ upstream, connections }).toEqual({ upstream: 1, connections: uninterrupted.length })
})

it('at random, 1,000 times', { timeout: 300_000 }, async () => {
  let connections = 0
  await fc.assert(
    fc.asyncProperty(scripts, fc.array(fates, { maxLength: 6 }), async (script, broken) => {
      const uninterrupted = await eventsOf(await kitOf(script).relay(chatRequest()))
      const received = await receive(script, broken)
      expect(received.events).toEqual(uninterrupted)
      expect(received.upstream).toBe(1)
      connections += received.connections
    }),
    { numRuns: 1000, seed: 20260801 },
  )
  // They did break.
  expect(connections).toBeGreaterThan(2000)
})
