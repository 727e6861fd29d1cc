// What a relay's Durable Objects keep when they are thrown out of memory, and when they forget it.
import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Script } from '@ratatoskr/testkit'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createStreamId } from '../../../packages/relay/src/wire/stream-id.ts'
import { lacksWorkerd } from '../../examples/run-worker.ts'
import { endOf, readEvents, relayClient, saidIn, type RelayClient } from '../relay-client.ts'
import type { Upstream } from '../upstream.ts'
import {
  startWorkerdKit,
  streamObject,
  type WorkerdKit,
  type WorkerdRelay,
} from './workerd-relay.ts'

/** Nobody waits this long. */
const until = { timeout: 15_000, interval: 20 }
const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7 }
const endless: Script = [{ text: 'Once upon a time' }, { fault: { kind: 'stall' } }]

describe.skipIf(await lacksWorkerd())('an object of a relay that was evicted', () => {
  let kit: WorkerdKit
  let upstream: Upstream
  let relay: WorkerdRelay
  let client: RelayClient
  beforeAll(async () => {
    kit = await startWorkerdKit({ limits: { streams: 1, requestsPerMinute: 1000 } })
    ;({ upstream, relay } = kit)
    client = relayClient((path, init) => fetch(`${relay.url}${path}`, init), 'ann')
  })
  afterAll(() => kit?.close())

  const evict = (id: string, caller = 'ann'): Promise<void> => relay.evict(streamObject(caller, id))

  test('gives a reply that had ended, whole', async () => {
    const asked = upstream.use('ended', { script: [{ text: 'Once upon a time 🌞' }, { usage }] })
    const id = createStreamId()
    const { events } = await readEvents(await client.post(id, 'ended'))
    expect(endOf(events)).toBeUndefined()
    for (const lose of [() => evict(id), () => relay.restart()]) {
      await lose()
      for (const after of [0, 1, events.length - 1]) {
        const again = await readEvents(await client.get(id, { after }))
        expect(again.events).toEqual(events.slice(after))
      }
      expect((await readEvents(await client.post(id, 'ended'))).events).toEqual(events)
      expect((await client.post(id, 'ended', { text: 'Another' })).status).toBe(409)
      expect((await client.get(id, { after: 99 })).status).toBe(400)
    }
    expect(asked.requests).toBe(1)
  })

  test('says of a reply that was running that it was cut off, and asks no provider again', async () => {
    const asked = upstream.use('running', { script: endless })
    const id = createStreamId()
    const { events, drop } = await readEvents(await client.post(id, 'running'), ({ data }) =>
      data.includes('time'),
    )
    // While somebody reads: the connection breaks, or ends without an end.
    await evict(id)
    await drop()
    const seen = events.length
    for (const lose of [async () => {}, () => evict(id), () => relay.restart()]) {
      await lose()
      const { events: rest } = await readEvents(await client.get(id, { after: seen }))
      expect(endOf(rest)).toBe('truncated')
      // Less was kept than this client has seen, or all of it.
      expect(rest).toHaveLength(1)
      const whole = await client.post(id, 'running')
      const failure: unknown = whole.status === 502 ? await whole.json() : undefined
      if (failure === undefined) expect(endOf((await readEvents(whole)).events)).toBe('truncated')
      else expect(failure).toMatchObject({ code: 'truncated' })
    }
    expect(asked.requests).toBe(1)
  })

  test('keeps what it had written, and says that there was more', async () => {
    const words: Script = [{ text: 'word '.repeat(14_000) }, { fault: { kind: 'stall' } }]
    upstream.use('long', { script: words, pace: { perDelta: 100 } })
    const id = createStreamId()
    let count = 0
    const { events, drop } = await readEvents(await client.post(id, 'long'), () => {
      count += 1
      return count === 700
    })
    await evict(id)
    await drop()
    const { events: kept } = await readEvents(await client.get(id))
    // 64 Ki were enough for one row.
    expect(kept.length).toBeGreaterThan(400)
    expect(kept.slice(0, -1)).toEqual(events.slice(0, kept.length - 1))
    expect(endOf(kept)).toBe('truncated')
  })

  test('gives back what the limiter gave', async () => {
    upstream.use('one', { script: endless })
    const bob = { caller: 'bob' }
    const [first, second] = [createStreamId(), createStreamId()]
    await client.post(first, 'one', bob)
    expect((await client.post(second, 'one', bob)).status).toBe(429)
    await evict(first, 'bob')
    await (await client.get(first, bob)).body?.cancel()
    await vi.waitFor(async () => {
      expect((await client.post(second, 'one', bob)).status).toBe(200)
    }, until)
    await client.stop(second, bob)
  })

  test('on /v1 gives it back when the client goes', async () => {
    const asked = upstream.use('protocol', { script: endless })
    const open = async (): Promise<ClientRequest> => {
      const asking = request(`${relay.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer carl', 'content-type': 'application/json' },
      })
      asking.on('error', () => {})
      const messages = [{ role: 'user', content: 'Hi' }]
      asking.end(JSON.stringify({ model: 'protocol', stream: true, messages }))
      const [response] = (await once(asking, 'response')) as [IncomingMessage]
      expect(response.statusCode).toBe(200)
      response.on('error', () => {}).resume()
      return asking
    }
    const first = await open()
    await expect(open()).rejects.toThrow()
    // workerd sees a reset at once.
    first.socket?.resetAndDestroy()
    const second = await vi.waitFor(open, until)
    second.socket?.resetAndDestroy()
    await vi.waitFor(() => expect(asked).toEqual({ requests: 2, closed: 2 }), until)
    await vi.waitFor(async () => {
      const { entries } = await relay.seen()
      const own = entries.filter(({ caller, status }) => caller === 'carl' && status === 200)
      expect(own.map(({ ended }) => ended)).toEqual(['detached', 'detached'])
    }, until)
  })

  test('tells what kept a reply from beginning, as before', async () => {
    const faults = [{ kind: 'status', status: 429, retryAfter: 7 }] as const
    const asked = upstream.use('limited', { faults })
    const id = createStreamId()
    const first = await client.post(id, 'limited')
    const failure: unknown = await first.json()
    await evict(id)
    const again = await client.post(id, 'limited')
    expect([first, again].map(({ status }) => status)).toEqual([429, 429])
    expect(again.headers.get('retry-after')).toBe('7')
    expect(await again.json()).toEqual(failure)
    expect(asked.requests).toBe(1)
  })

  test('knows that a reply was stopped before it came', async () => {
    const asked = upstream.use('stopped', { script: endless })
    const id = createStreamId()
    expect((await client.stop(id)).status).toBe(404)
    await evict(id)
    expect((await client.post(id, 'stopped')).status).toBe(410)
    expect(asked.requests).toBe(0)
  })

  test('keeps an event that is larger than a row', async () => {
    // Three bytes each in UTF-8, and one that is cut in half where texts are cut anywhere.
    const text = `${'ꙮ'.repeat(2 ** 19 - 40)}${'🌞'.repeat(60)}${'ꙮ'.repeat(2 ** 19)}`
    upstream.use('large', { script: [{ text }], pace: { perDelta: 2 ** 21 } })
    const id = createStreamId()
    const { events } = await readEvents(await client.post(id, 'large'))
    expect(saidIn(events)).toBe(text)
    await evict(id)
    const { events: again } = await readEvents(await client.get(id))
    expect(again).toEqual(events)
    const { tables } = await relay.storage(streamObject('ann', id))
    expect(tables['events']?.length).toBeGreaterThan(2)
  })

  test('writes one row for many events', async () => {
    upstream.use('rows', { script: [{ text: 'word '.repeat(500) }, { usage }] })
    const id = createStreamId()
    const before = (await relay.seen()).billed.rowsWritten
    const { events } = await readEvents(await client.post(id, 'rows'))
    expect(events.length).toBeGreaterThan(500)
    const { tables } = await relay.storage(streamObject('ann', id))
    expect(tables['events']).toHaveLength(1)
    // Of the object's tables and alarms and the limiter, too.
    await vi.waitFor(async () => {
      expect((await relay.seen()).billed.rowsWritten - before).toBeLessThan(25)
    }, until)
  })

  test('leaves nothing behind for whoever was not let in', async () => {
    upstream.use('never', { script: endless })
    const eve = { caller: 'eve' }
    const [first, second] = [createStreamId(), createStreamId()]
    await client.post(first, 'never', eve)
    expect((await client.post(second, 'never', eve)).status).toBe(429)
    expect((await client.get(createStreamId(), eve)).status).toBe(404)
    expect(await relay.storage(streamObject('eve', second))).toEqual({ alarm: null, tables: {} })
    await client.stop(first, eve)
  })

  test('keeps continuations under each of their calls, for a while', async () => {
    const ask = async (body: object): Promise<unknown> =>
      (
        await fetch(`${relay.url}/test/store`, { method: 'POST', body: JSON.stringify(body) })
      ).json()
    const value = JSON.stringify({ data: 'ꙮ🌞'.repeat(200_000) })
    expect(await ask({ get: 'a' })).toBeNull()
    expect(await ask({ put: value, keys: ['a', 'b'], get: 'b' })).toBe(value)
    await relay.evict('kept a ann')
    expect(await ask({ get: 'a' })).toBe(value)
    await ask({ put: value, keys: ['c'], keptMs: 1 })
    await vi.waitFor(async () => {
      expect(await relay.storage('kept c ann')).toEqual({ alarm: null, tables: {} })
    }, until)
    expect(await ask({ get: 'c' })).toBeNull()
  })
})

describe.skipIf(await lacksWorkerd())('an object of a relay whose time is over', () => {
  let kit: WorkerdKit
  let upstream: Upstream
  let relay: WorkerdRelay
  beforeAll(async () => {
    kit = await startWorkerdKit({ streams: { keptMs: 300 } })
    ;({ upstream, relay } = kit)
  })
  afterAll(() => kit?.close())

  test.each(['in memory', 'evicted', 'evicted while it ran'])(
    'keeps nothing but that there was a reply: %s',
    async (how) => {
      const isRunning = how === 'evicted while it ran'
      upstream.use(how, { script: isRunning ? endless : [{ text: 'The end' }] })
      const { post, get } = relayClient((path, init) => fetch(`${relay.url}${path}`, init), 'ann')
      const id = createStreamId()
      const name = streamObject('ann', id)
      const { drop } = await readEvents(await post(id, how), () => true)
      await drop()
      if (how !== 'in memory') await relay.evict(name)
      if (isRunning) await (await get(id)).text()
      expect((await relay.storage(name)).alarm).not.toBeNull()
      await vi.waitFor(async () => {
        const { alarm, tables } = await relay.storage(name)
        expect(Object.keys(tables)).toEqual(['stream'])
        expect(tables['stream']?.map(({ value }) => value)).toEqual([
          expect.stringContaining('"gone"'),
        ])
        expect(alarm).toBeGreaterThan(Date.now() + 3_500_000)
      }, until)
      await relay.evict(name)
      expect((await post(id, how)).status).toBe(410)
    },
  )
})
