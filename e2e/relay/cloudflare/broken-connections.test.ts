// Connections to a relay in workerd break wherever they can: the client's events are the uninterrupted ones, of one
// request that the provider saw.
import { createGateway } from 'ratatoskr'
import type { SseEvent } from 'ratatoskr/dialects'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { createRelay, memoryHost } from '@ratatoskr/relay'
import { simulatorFetch, type Script, type SimulatorOptions } from '@ratatoskr/testkit'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  connections,
  lineOf,
  readOver,
  scripts,
  type BrokenConnection,
} from '../../../packages/relay/test/broken-connections.ts'
import { createStreamId } from '../../../packages/relay/src/wire/stream-id.ts'
import { lacksWorkerd } from '../../examples/run-worker.ts'
import { endOf, readEvents, relayClient } from '../relay-client.ts'
import type { Upstream } from '../upstream.ts'
import {
  startWorkerdKit,
  streamObject,
  type WorkerdKit,
  type WorkerdRelay,
} from './workerd-relay.ts'

const seed = 20_261_126
/** At once, each with a caller of its own. */
const lanes = 8

describe.skipIf(await lacksWorkerd())('a relay in workerd whose connections break', () => {
  let kit: WorkerdKit
  let upstream: Upstream
  let relay: WorkerdRelay
  beforeAll(async () => {
    kit = await startWorkerdKit({ limits: { requestsPerMinute: 1e6, streams: 1e6 } })
    ;({ upstream, relay } = kit)
  })
  afterAll(() => kit?.close())

  interface Run {
    script: Script
    attempts: readonly BrokenConnection[]
    /** When the object is evicted between connections: at once, or as soon as the reply is over. */
    evicted?: 'at once' | 'when it is over'
  }

  /** Reads a reply twice: over a connection that holds, and over those that break. */
  async function perform({ script, attempts, evicted }: Run, lane: number) {
    const model = `model-${lane}`
    const caller = `lane${lane}`
    const { post, get } = relayClient((path, init) => fetch(`${relay.url}${path}`, init), caller)
    // Slow enough to be still running then.
    const delay = evicted === 'at once' ? 2 : 0
    const options = { script, pace: { perDelta: 3, delay } }
    const expected = await uninterrupted(options, model)
    const asked = upstream.use(model, options)
    const id = createStreamId()
    const { received } = await readOver(attempts, {
      post: async (after) => asStream(await post(id, model, { after })),
      get: async (after) => asStream(await get(id, { after })),
      ...(evicted && {
        async between() {
          if (evicted === 'when it is over') await over(streamObject(caller, id))
          await relay.evict(streamObject(caller, id))
        },
      }),
    })
    return { received, expected: expected.map(lineOf), requests: asked.requests }
  }

  async function over(name: string): Promise<void> {
    await vi.waitFor(
      async () => {
        const { tables } = await relay.storage(name)
        expect(JSON.stringify(tables['stream'])).toContain('over')
      },
      { timeout: 15_000, interval: 5 },
    )
  }

  /** All of them, some at once; the first that fails says which it was. */
  async function performAll(
    runs: readonly Run[],
    check: (result: Awaited<ReturnType<typeof perform>>, run: Run) => void,
  ): Promise<void> {
    let next = 0
    await Promise.all(
      Array.from({ length: lanes }, async (_, lane) => {
        while (next < runs.length) {
          const number = next
          next += 1
          const run = runs[number]
          if (!run) return
          try {
            check(await perform(run, lane), run)
          } catch (cause) {
            next = runs.length
            const said = `run ${number} of seed ${seed}: ${JSON.stringify(run)}`
            throw new Error(said, { cause })
          }
        }
      }),
    )
  }

  const isWhole = ({ received, expected, requests }: Awaited<ReturnType<typeof perform>>): void => {
    expect(received.map(lineOf)).toEqual(expected)
    expect(received.map((event) => event.id)).toEqual(received.map((_, i) => String(i + 1)))
    expect(requests).toBe(1)
  }

  test('at every event', async () => {
    const script: Script = [
      { text: 'One, two, three, four: 🌞 Łódź!' },
      { usage: { promptTokens: 3 } },
    ]
    const id = createStreamId()
    const { post } = relayClient((path, init) => fetch(`${relay.url}${path}`, init), 'ann')
    upstream.use('whole', { script, pace: { perDelta: 3 } })
    const { text } = await readEvents(await post(id, 'whole'))
    const ends = [...text.matchAll(/\n\n/g)].map(
      ({ index }) => new TextEncoder().encode(text.slice(0, index + 2)).length,
    )
    expect(ends.length).toBeGreaterThan(12)
    const runs = ends.flatMap((end) =>
      [-1, 0, 1].map((more): Run => {
        const bytes = end + more
        return { script, attempts: [{ bytes, byGet: more === 0, pause: 0, overlaps: false }] }
      }),
    )
    await performAll(runs, isWhole)
  })

  test('at random bytes, a thousand times', { timeout: 240_000 }, async () => {
    const run = fc.record({ script: scripts, attempts: connections })
    await performAll(fc.sample(run, { seed, numRuns: 1000 }), isWhole)
  })

  test(
    'and whose objects are evicted: a reply is whole, or says that it was cut off',
    { timeout: 240_000 },
    async () => {
      const run = fc.record({
        script: scripts,
        attempts: connections.filter((attempts) => attempts.length > 0),
        evicted: fc.constantFrom<'at once' | 'when it is over'>('at once', 'when it is over'),
      })
      let cut = 0
      await performAll(fc.sample(run, { seed, numRuns: 120 }), (result, { evicted }) => {
        const lines = result.received.map(lineOf)
        const isSame = lines.join() === result.expected.join()
        expect(result.requests).toBe(1)
        if (isSame) return
        expect(evicted).toBe('at once')
        expect(endOf(result.received)).toBe('truncated')
        expect(lines.slice(0, -1)).toEqual(result.expected.slice(0, lines.length - 1))
        cut += 1
      })
      // Or it has shown nothing.
      expect(cut).toBeGreaterThan(10)
    },
  )
})

/** What was cut off before its first event was kept is told with a status. */
async function asStream(response: Response): Promise<Response> {
  return response.status === 502
    ? new Response(`event: error\ndata: ${await response.text()}\n\n`)
    : response
}

/** The events of a reply, of a relay and a provider in this process. */
async function uninterrupted(options: SimulatorOptions, model: string): Promise<SseEvent[]> {
  const host = memoryHost()
  const provider = openaiCompatible({
    name: 'upstream',
    baseURL: 'https://upstream.test/v1',
    apiKey: 'sk-upstream-0123456789',
    fetch: simulatorFetch(options),
  })
  const relay = createRelay({
    gateway: createGateway({ retry: false, providers: [provider] }),
    host,
    authorize: () => ({ id: 'nobody' }),
  })
  const { post } = relayClient(
    async (path, init) => relay(new Request(`https://relay.test${path}`, init)),
    '',
  )
  const { events } = await readEvents(await post(createStreamId(), model))
  host.close()
  return events
}
