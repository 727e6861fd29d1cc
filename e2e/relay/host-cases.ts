// What a host of replies does, whichever it is: in memory, or in Durable Objects.
import type { Script } from '@ratatoskr/testkit'
import type { LogEntry } from '@ratatoskr/relay'
import { expect, vi } from 'vitest'
import { createStreamId } from '../../packages/relay/src/wire/stream-id.ts'
import { endOf, readEvents, relayClient, saidIn, type Fetch } from './relay-client.ts'
import type { Asked, Upstream } from './upstream.ts'

/** A relay with the limits of {@link limits}. */
export interface HostKit {
  fetch: Fetch
  upstream: Upstream
  seen: () => Promise<{ entries: LogEntry[]; usages: [caller: string, completionTokens: number][] }>
}

/** Of all cases but those that say another. */
export const limits = {
  streams: {
    maxEvents: 32,
    detachedMs: 60_000,
    keptMs: 60_000,
    keepAliveMs: 50,
    statusMs: 400,
  },
  limits: { streams: 2, requestsPerMinute: 8 },
}

/** Of the cases that are `brief`. */
export const briefLimits = {
  ...limits,
  streams: { ...limits.streams, detachedMs: 250, keptMs: 250 },
}

export interface HostCase {
  name: string
  /** It waits for what is given up and forgotten. */
  isBrief?: true
  run(kit: HostKit & { caller: string; model: string }): Promise<void>
}

/** Nobody waits this long. */
const until = { timeout: 15_000, interval: 10 }
const closing = (asked: Asked): Promise<void> =>
  vi.waitFor(() => expect(asked.closed).toBe(1), until)
const isText = (text: string) => (event: { data: string }) => event.data.includes(text)

const endless: Script = [{ text: 'Well' }, { fault: { kind: 'stall' } }]
const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7 }

export const hostCases: readonly HostCase[] = [
  {
    name: 'begins one reply for requests that come together, and tells its tokens once',
    async run({ fetch, upstream, seen, caller, model }) {
      const { post } = relayClient(fetch, caller)
      const asked = upstream.use(model, {
        script: [{ wait: 30 }, { text: 'One for all.' }, { usage }],
      })
      const id = createStreamId()
      const all = await Promise.all(
        Array.from({ length: 6 }, async () => (await readEvents(await post(id, model))).events),
      )
      for (const events of all) expect(events).toEqual(all[0])
      expect(saidIn(all[0] ?? [])).toBe('One for all.')
      expect(endOf(all[0] ?? [])).toBeUndefined()
      expect(asked.requests).toBe(1)
      const { usages } = await seen()
      expect(usages.filter(([who]) => who === caller)).toEqual([[caller, 4]])
    },
  },
  {
    name: 'logs each request: events, tokens, and how it ended',
    async run({ fetch, upstream, seen, caller, model }) {
      const { post, get } = relayClient(fetch, caller)
      upstream.use(model, { script: [{ text: 'Hello' }, { usage }] })
      const id = createStreamId()
      await readEvents(await post(id, model))
      await readEvents(await get(id, { after: 1 }))
      const { entries } = await vi.waitFor(async () => {
        const own = (await seen()).entries.filter((entry) => entry.caller === caller)
        expect(own).toHaveLength(2)
        return { entries: own }
      }, until)
      const common = { status: 200, promptTokens: 3, completionTokens: 4, ended: 'done' }
      expect(entries[0]).toMatchObject({ ...common, route: 'POST /chat', events: 3 })
      expect(entries[0]?.attached).toBeUndefined()
      expect(entries[0]?.firstEventMs).toBeGreaterThanOrEqual(0)
      expect(entries[1]).toMatchObject({
        ...common,
        route: 'GET /chat/:id',
        events: 2,
        attached: true,
      })
    },
  },
  {
    name: 'goes on while nobody is connected, and gives what was missed',
    async run({ fetch, upstream, caller, model }) {
      const { post, get } = relayClient(fetch, caller)
      const script = Array.from({ length: 10 }, (_, i) => [
        { text: `word-${i} ` },
        { wait: 20 },
      ]).flat()
      const asked = upstream.use(model, { script })
      const id = createStreamId()
      const { events, drop } = await readEvents(await post(id, model), isText('word-1'))
      await drop()
      const after = Number(events.at(-1)?.id)
      const { events: rest } = await readEvents(await get(id, { after }))
      const all = [...events, ...rest]
      expect(all.map((event) => event.id)).toEqual(all.map((_, i) => String(i + 1)))
      expect(saidIn(all)).toBe(Array.from({ length: 10 }, (_, i) => `word-${i} `).join(''))
      expect(endOf(all)).toBeUndefined()
      expect(asked.requests).toBe(1)
    },
  },
  {
    name: 'logs that a client went away',
    async run({ fetch, upstream, seen, caller, model }) {
      const { post, stop } = relayClient(fetch, caller)
      const asked = upstream.use(model, { script: endless })
      const id = createStreamId()
      const { drop } = await readEvents(await post(id, model), isText('Well'))
      await drop()
      await vi.waitFor(async () => {
        const own = (await seen()).entries.filter((entry) => entry.caller === caller)
        expect(own).toMatchObject([
          { route: 'POST /chat', status: 200, ended: 'detached', events: 1 },
        ])
      }, until)
      expect(asked.closed).toBe(0)
      expect((await stop(id)).status).toBe(204)
      await closing(asked)
    },
  },
  {
    name: 'keeps nothing of a reply that was not admitted',
    async run({ fetch, upstream, caller, model }) {
      const { post, stop } = relayClient(fetch, caller)
      const asked = upstream.use(model, {
        script: endless,
      })
      const [first, second, third] = [createStreamId(), createStreamId(), createStreamId()]
      await post(first, model)
      await post(second, model)
      for (let i = 0; i < 2; i += 1) {
        const refused = await post(third, model)
        expect(refused.status).toBe(429)
        expect(await refused.json()).toMatchObject({ code: 'rate_limited', retryable: true })
      }
      expect(asked.requests).toBe(2)
      expect((await stop(first)).status).toBe(204)
      // The limiter may hear of it a moment later.
      await vi.waitFor(async () => {
        expect((await post(third, model)).status).toBe(200)
      }, until)
      expect(asked.requests).toBe(3)
      await Promise.all([second, third].map((id) => stop(id)))
    },
  },
  {
    name: 'counts requests by the minute, and says when the next may come',
    async run({ fetch, upstream, caller, model }) {
      const { post } = relayClient(fetch, caller)
      upstream.use(model, { script: [{ text: 'Well' }] })
      for (let i = 0; i < limits.limits.requestsPerMinute; i += 1) {
        await readEvents(await post(createStreamId(), model))
      }
      const refused = await post(createStreamId(), model)
      expect(refused.status).toBe(429)
      const after = Number(refused.headers.get('retry-after'))
      expect(after).toBeGreaterThan(0)
      expect(after).toBeLessThanOrEqual(60)
      // Another caller has limits of its own.
      const other = await post(createStreamId(), model, { caller: `${caller}2` })
      expect(other.status).toBe(200)
      await readEvents(other)
    },
  },
  {
    name: 'keeps what kept a reply from beginning, and tells it to whoever asks again',
    async run({ fetch, upstream, caller, model }) {
      const { post, get } = relayClient(fetch, caller)
      const asked = upstream.use(model, {
        faults: [{ kind: 'status', status: 429, retryAfter: 7 }],
      })
      const id = createStreamId()
      const answers = [await post(id, model), await post(id, model), await get(id)]
      const failures = await Promise.all(answers.map((answer) => answer.json()))
      for (const [i, answer] of answers.entries()) {
        expect(answer.status).toBe(429)
        expect(answer.headers.get('retry-after')).toBe('7')
        expect(failures[i]).toEqual(failures[0])
      }
      expect(failures[0]).toMatchObject({ code: 'rate_limited', retryable: true, retryAfter: 7000 })
      expect(asked.requests).toBe(1)
    },
  },
  {
    name: 'tells the provider’s words where the request is at fault',
    async run({ fetch, upstream, caller, model }) {
      const { post } = relayClient(fetch, caller)
      upstream.use(model, { faults: [{ kind: 'status', status: 400 }] })
      const answer = await post(createStreamId(), model)
      expect(answer.status).toBe(400)
      const failure = (await answer.json()) as {
        code: string
        status: number
        providerMessage?: string
      }
      expect(failure).toMatchObject({ code: 'invalid_request', status: 400, retryable: false })
      expect(failure.providerMessage).toMatch(/\w/)
    },
  },
  {
    name: 'begins the stream when the provider is slow, and tells the failure in it',
    async run({ fetch, upstream, caller, model }) {
      const { post } = relayClient(fetch, caller)
      const script: Script = [{ wait: 800 }, { fault: { kind: 'error', code: 'overloaded' } }]
      upstream.use(model, { script })
      const { events, text } = await readEvents(await post(createStreamId(), model))
      expect(text).toMatch(/^: ratatoskr\n\n/)
      expect(text).toContain(': keep-alive')
      expect(endOf(events)).toBe('overloaded')
    },
  },
  {
    name: 'stops: the provider’s connection is closed, and readers are told',
    async run({ fetch, upstream, seen, caller, model }) {
      const { post, get, stop } = relayClient(fetch, caller)
      const asked = upstream.use(model, {
        script: endless,
      })
      const id = createStreamId()
      const response = await post(id, model)
      const reading = readEvents(response)
      const { drop } = await readEvents(await get(id), isText('Well'))
      await drop()
      expect((await stop(id)).status).toBe(204)
      const { events } = await reading
      expect(endOf(events)).toBe('cancelled')
      await closing(asked)
      // It has ended: whoever comes now is told the same.
      expect((await readEvents(await get(id, { after: 1 }))).events).toHaveLength(1)
      await vi.waitFor(async () => {
        const own = (await seen()).entries.filter((entry) => entry.caller === caller)
        expect(own.find(({ route }) => route === 'POST /chat')?.ended).toBe('stopped')
      }, until)
    },
  },
  {
    name: 'begins nothing that was stopped before it came',
    async run({ fetch, upstream, caller, model }) {
      const { post, stop } = relayClient(fetch, caller)
      const asked = upstream.use(model, { script: [{ text: 'Well' }] })
      const id = createStreamId()
      expect((await stop(id)).status).toBe(404)
      const refused = await post(id, model)
      expect(refused.status).toBe(410)
      expect(await refused.json()).toMatchObject({ code: 'cancelled', retryable: false })
      expect(asked.requests).toBe(0)
      await readEvents(await post(createStreamId(), model))
    },
  },
  {
    name: 'refuses another body, another caller, and events that there have not been',
    async run({ fetch, upstream, caller, model }) {
      const { post, get } = relayClient(fetch, caller)
      const asked = upstream.use(model, { script: [{ text: 'Well' }] })
      const id = createStreamId()
      await readEvents(await post(id, model))
      const statuses = await Promise.all([
        post(id, model, { text: 'Something else' }),
        get(id, { caller: `${caller}2` }),
        get(createStreamId()),
        post(createStreamId(), model, { after: 1 }),
        get(id, { after: 99 }),
      ])
      expect(statuses.map(({ status }) => status)).toEqual([409, 404, 404, 410, 400])
      expect(asked.requests).toBe(1)
    },
  },
  {
    name: 'drops what was sent beyond its limits, and says that it is too late',
    async run({ fetch, upstream, caller, model }) {
      const { post, get } = relayClient(fetch, caller)
      upstream.use(model, { script: [{ text: 'word '.repeat(300) }] })
      const id = createStreamId()
      const { events } = await readEvents(await post(id, model))
      expect(events.length).toBeGreaterThan(300)
      const late = await get(id, { after: 1 })
      expect(late.status).toBe(410)
      const { events: newest } = await readEvents(await get(id, { after: events.length - 5 }))
      expect(newest).toEqual(events.slice(-5))
    },
  },
  {
    name: 'stops what nobody reads',
    isBrief: true,
    async run({ fetch, upstream, caller, model }) {
      const { post } = relayClient(fetch, caller)
      const asked = upstream.use(model, {
        script: endless,
      })
      const { drop } = await readEvents(await post(createStreamId(), model), isText('Well'))
      await drop()
      await closing(asked)
    },
  },
  {
    name: 'forgets what has ended, and begins it no second time',
    isBrief: true,
    async run({ fetch, upstream, caller, model }) {
      const { post, get } = relayClient(fetch, caller)
      const asked = upstream.use(model, { script: [{ text: 'Well' }] })
      const id = createStreamId()
      await readEvents(await post(id, model))
      await vi.waitFor(async () => {
        // Looks without reading, which would keep it.
        expect((await get(id, { after: 99 })).status).toBe(410)
      }, until)
      expect((await post(id, model, { after: 1 })).status).toBe(410)
      expect((await post(id, model)).status).toBe(410)
      expect(asked.requests).toBe(1)
    },
  },
]
