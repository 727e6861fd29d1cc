import {
  createGateway,
  RatatoskrError,
  user,
  type ChatEvent,
  type ChatStream,
  type Message,
} from 'ratatoskr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { becomePage, type FakePage } from '../../test/page.ts'
import { createKit, textOf, type Kit, type KitOptions } from '../../test/relay-kit.ts'
import { shakyNetwork, type Fate, type ShakyNetwork } from '../../test/shaky-network.ts'
import { relay, type RelayClientOptions, type RelayProvider } from './relay.ts'

let page: FakePage
const kits: Kit[] = []
beforeEach(() => {
  page = becomePage()
})
afterEach(() => {
  vi.unstubAllGlobals()
  for (const { host } of kits.splice(0)) host.close()
})

const model = 'vendor/model'
const ask = [user('Hi')]

interface Client {
  kit: Kit
  network: ShakyNetwork
  provider: RelayProvider
  begin: (signal?: AbortSignal) => Promise<ChatStream>
}

function createClient(
  fates: readonly Fate[] = ['whole'],
  kitOptions: KitOptions = {},
  options: Partial<RelayClientOptions> = {},
): Client {
  const script = [{ text: 'One two three four five six.' }]
  const kit = createKit({ simulator: { script, pace: { perDelta: 4 } }, ...kitOptions })
  kits.push(kit)
  const network = shakyNetwork(kit, fates)
  const provider = relay({
    url: `${network.url}/`,
    fetch: (url, init) => network.fetch(url, init),
    headers: { Authorization: 'Bearer ann' },
    ...options,
    reconnect: { minDelay: 0, ...options.reconnect },
  })
  const gateway = createGateway({ providers: [provider], retry: { minDelay: 0 } })
  return {
    kit,
    network,
    provider,
    begin: (signal) => gateway.chatStream(ask, { model, ...(signal && { signal }) }),
  }
}

/** A reply that never ends. */
const endless: KitOptions = {
  simulator: { script: [{ text: 'A squirrel' }, { wait: 1e8 }], pace: { perDelta: 4 } },
}

async function readAll(stream: ChatStream): Promise<ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

async function failureOf(promise: Promise<unknown>): Promise<RatatoskrError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof RatatoskrError) return error
  throw new Error('It did not fail as it should.', { cause: error })
}

const afterOf = ({ requests }: ShakyNetwork): (string | null)[] =>
  requests.map(({ headers }) => headers.get('last-event-id'))

describe('a provider like any other', () => {
  it('sends the request as the relay takes it, and gives the events', async () => {
    const { begin, kit, network } = createClient()
    const stream = await begin(new AbortController().signal)
    const { content } = await stream.response()
    expect(content).toBe('One two three four five six.')
    expect(network.requests).toHaveLength(1)
    const [request] = network.requests
    expect(request?.url).toBe('https://relay.test/chat')
    expect(await request?.json()).toEqual({
      id: stream.requestId,
      messages: ask,
      options: { model },
    })
    expect(kit.upstream).toHaveLength(1)
    expect(stream.headers?.get('content-type')).toContain('text/event-stream')
  })

  it('tells the id before the request is sent, once, and with its request', async () => {
    const told: unknown[] = []
    const client: Client = createClient(
      ['unanswered', 'whole'],
      {},
      {
        onId: (id, { messages }) => told.push([id, messages, client.network.requests.length]),
      },
    )
    const stream = await client.begin()
    await stream.response()
    expect(told).toEqual([[stream.requestId, ask, 0]])
    expect(stream.requestId).toMatch(/^[0-9a-f]{32}$/)
  })

  it('makes the headers anew for each connection', async () => {
    const tokens = ['ann', 'ann']
    const headers = vi.fn(async () => ({ Authorization: `Bearer ${tokens.shift() ?? ''}` }))
    const { begin } = createClient([{ bytes: 90, as: 'error' }, 'whole'], {}, { headers })
    expect(textOf(await readAll(await begin()))).toBe('One two three four five six.')
    expect(headers).toHaveBeenCalledTimes(2)
  })

  it('leaves out what other providers want back, and sends what the relay has signed', async () => {
    const { network, provider } = createClient(['whole', 'whole'])
    const gateway = createGateway({ providers: [provider] })
    const from = (dialect: string): Message => ({
      role: 'assistant',
      content: 'Well.',
      continuation: { dialect, data: { blocks: [] } },
    })
    await gateway.chat([...ask, from('anthropic'), ...ask], { model })
    expect(await network.requests[0]?.json()).toMatchObject({
      messages: [ask[0], { role: 'assistant', content: 'Well.' }, ask[0]],
    })
    const refused = await failureOf(gateway.chat([...ask, from('relay'), ...ask], { model }))
    expect(refused).toMatchObject({ code: 'invalid_request', status: 400 })
  })

  it('lists the models of the relay', async () => {
    const { provider } = createClient([
      { response: () => Response.json({ data: [{ id: 'a/b' }] }) },
    ])
    const gateway = createGateway({ providers: [provider] })
    expect(await gateway.models()).toMatchObject({ models: [{ provider: 'relay', id: 'a/b' }] })
  })

  it('says what to use where there is no page', async () => {
    vi.stubGlobal('document', undefined)
    Reflect.deleteProperty(globalThis, 'document')
    const { begin, provider, network } = createClient()
    for (const asked of [begin(), provider.resume('0'.repeat(32))]) {
      expect(await failureOf(asked)).toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining("baseURL: 'https://relay.test/v1'") as unknown,
      })
    }
    expect(network.requests).toEqual([])
  })

  it('refuses a missing address, and a header that cannot be sent without telling it', async () => {
    // @ts-expect-error: plain JavaScript can.
    expect(() => relay({})).toThrow(/url must be/)
    const { begin } = createClient(
      ['whole'],
      {},
      { headers: { authorization: 'Bearer \n secret' } },
    )
    const error = await failureOf(begin())
    expect(error).toMatchObject({
      code: 'configuration',
      message: expect.not.stringMatching(/secret/) as unknown,
    })
    expect(error.cause).toBeUndefined()
  })
})

describe('what fetch-event-source does wrong', () => {
  it('opens no second connection when the tab hides or returns', async () => {
    const { begin, network } = createClient()
    const stream = await begin()
    page.setHidden(true)
    page.setHidden(false)
    const events = await readAll(stream)
    expect(textOf(events)).toBe('One two three four five six.')
    expect(network.requests).toHaveLength(1)
  })

  it('leaves no listener behind', async () => {
    const { begin } = createClient([{ bytes: 90, as: 'error' }, 'whole'])
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    await (await begin(signal)).response()
    expect(page.listeners).toBe(0)
    expect(added.mock.calls.length).toBeGreaterThan(0)
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      expect.arrayContaining(added.mock.calls.map(([, listener]) => listener)),
    )
  })

  it('leaves none at the signal that it is given itself', async () => {
    const { provider } = createClient()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const timeouts = { headers: false, firstEvent: false, idle: false } as const
    const callId = String
    const source = await provider.open(
      { model, messages: ask, options: { model } },
      {
        signal,
        timeouts,
        callId,
      },
    )
    while (await source.read(() => {}));
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    )
    expect(added).toHaveBeenCalledTimes(1)
  })

  it('asks nothing with a signal that has aborted', async () => {
    const { provider, begin, network } = createClient()
    const reason = new Error('Never mind.')
    const signal = AbortSignal.abort(reason)
    const context = { signal, timeouts: { headers: 1, firstEvent: 1, idle: 1 }, callId: String }
    const request = { model, messages: ask, options: { model } }
    await expect(provider.open(request, context)).rejects.toBe(reason)
    await expect(begin(signal)).rejects.toBe(reason)
    await expect(provider.resume('0'.repeat(32), { signal })).rejects.toBe(reason)
    expect(network.requests).toEqual([])
  })

  it('tries a bounded number of times, with growing waits', async () => {
    const { begin, network } = createClient(
      [{ bytes: 90, as: 'error' }, 'lost'],
      {},
      { reconnect: { minDelay: 4, maxDelay: 16, limit: 5 } },
    )
    const stream = await begin()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    const error = await failureOf(readAll(stream))
    const waits = timers.mock.calls.filter(([task]) => task.name === 'create').map(([, ms]) => ms)
    timers.mockRestore()
    expect(error).toMatchObject({
      code: 'truncated',
      provider: 'relay',
      requestId: stream.requestId,
      retryable: true,
      partial: { content: 'One ' },
    })
    expect(network.requests).toHaveLength(6)
    expect(waits).toHaveLength(5)
    for (const [i, most] of [4, 8, 16, 16, 16].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(most / 2)
      expect(waits[i]).toBeLessThanOrEqual(most)
    }
    // It is not stopped: who comes back may resume it.
    expect(network.stops).toEqual([])
  })

  it('counts the tries anew after each event', async () => {
    const fates: Fate[] = Array.from({ length: 7 }, () => ({ bytes: 80, as: 'error' }))
    const { begin, network } = createClient([...fates, 'whole'], {}, { reconnect: { limit: 1 } })
    expect(textOf(await readAll(await begin()))).toBe('One two three four five six.')
    expect(network.requests.length).toBeGreaterThan(6)
  })

  it('reads the body only on demand', async () => {
    const text = 'word '.repeat(40)
    const { begin, network } = createClient(['whole'], {
      simulator: { script: [{ text }], pace: { perDelta: 5, delay: 1 } },
    })
    const stream = await begin()
    const iterator = stream.values()
    let reads = 0
    for (let i = 0; i < 10; i += 1) {
      await iterator.next()
      await new Promise((resolve) => setTimeout(resolve, 5))
      // Whoever reads ahead has read more after the wait.
      if (i > 0) expect(network.reads - reads).toBeLessThanOrEqual(1)
      reads = network.reads
    }
    expect(reads).toBeLessThan(14)
    await iterator.return()
  })

  it('keeps what a refusal says', async () => {
    const fault = { kind: 'status', status: 429, retryAfter: 90 } as const
    const { begin, network, kit } = createClient(['whole'], { simulator: { faults: [fault] } })
    const error = await failureOf(begin())
    expect(error).toMatchObject({ code: 'rate_limited', provider: 'relay', status: 429 })
    expect(error.retryable).toBe(true)
    // More than the gateway waits.
    expect(error.retryAfter).toBe(90_000)
    expect(network.requests).toHaveLength(1)
    expect(kit.upstream).toHaveLength(1)
  })

  it('keeps what the provider said of a wrong request, and what a proxy sent', async () => {
    const failure = {
      code: 'context_length',
      message: 'The provider refused the request; see providerMessage.',
      retryable: false,
      status: 400,
      requestId: 'req_1',
      providerMessage: 'Too long by 7 tokens.',
    }
    const { begin } = createClient([{ response: () => Response.json(failure, { status: 400 }) }])
    expect(await failureOf(begin())).toMatchObject(failure)

    const html = '<h1>Sign in</h1>'
    const page200 = (): Response => new Response(html, { headers: { 'content-type': 'text/html' } })
    expect(await failureOf(createClient([{ response: page200 }]).begin())).toMatchObject({
      code: 'protocol',
      status: 200,
      body: html,
    })
    const full = (): Response =>
      new Response(html, { status: 503, headers: { 'retry-after': '90' } })
    expect(await failureOf(createClient([{ response: full }]).begin())).toMatchObject({
      code: 'overloaded',
      status: 503,
      retryable: true,
      retryAfter: 90_000,
      body: html,
    })
  })

  it('keeps a failure in the stream, after the events before it', async () => {
    const { begin, network } = createClient(['whole'], {
      simulator: {
        script: [{ text: 'Well, ' }, { fault: { kind: 'error', code: 'overloaded' } }],
      },
    })
    const stream = await begin()
    expect(await failureOf(stream.response())).toMatchObject({
      code: 'overloaded',
      provider: 'relay',
      partial: { content: 'Well, ' },
    })
    expect(network.requests).toHaveLength(1)
    expect(network.stops).toEqual([])
  })

  it('asks after the last event that was delivered, not after an id that was seen', async () => {
    const { kit } = createClient()
    const whole = await (
      await kit.relay(
        new Request('https://relay.test/chat', {
          method: 'POST',
          headers: { authorization: 'Bearer ann' },
          body: JSON.stringify({ id: '1'.repeat(32), messages: ask, options: { model } }),
        }),
      )
    ).text()
    const cut = new TextEncoder().encode(whole.slice(0, whole.indexOf('id: 3\n') + 6)).length
    const { begin, network } = createClient([{ bytes: cut, as: 'end' }, 'whole'])
    expect(textOf(await readAll(await begin()))).toBe('One two three four five six.')
    expect(afterOf(network)).toEqual([null, '2'])
    expect(network.requests.map(({ method }) => method)).toEqual(['POST', 'GET'])
  })

  it('takes an end before done for a lost connection', async () => {
    const { begin, network } = createClient([{ bytes: 90, as: 'end' }, 'whole'])
    expect((await readAll(await begin())).at(-1)).toMatchObject({ type: 'done' })
    expect(network.requests).toHaveLength(2)
  })

  it('makes nothing of comments', async () => {
    const { begin, network } = createClient(['whole'], {
      simulator: { script: [{ text: 'a' }, { wait: 40 }, { text: 'b' }] },
      streams: { keepAliveMs: 5 },
    })
    expect(textOf(await readAll(await begin()))).toBe('ab')
    expect(network.reads).toBeGreaterThan(4)
  })
})

describe('lost connections', () => {
  it('sends a request again under its id where no answer came', async () => {
    const { begin, network, kit } = createClient(['unanswered', 'lost', 'whole'])
    await (await begin()).response()
    const bodies = await Promise.all(network.requests.map((request) => request.text()))
    expect(bodies).toHaveLength(3)
    expect(new Set(bodies).size).toBe(1)
    expect(kit.upstream).toHaveLength(1)
  })

  it('begins another reply where it has stopped the first, for which nobody would wait longer', async () => {
    let asked = 0
    const script = () => (asked++ === 0 ? [{ wait: 1e8 }] : [{ text: 'At last.' }])
    const { network, provider } = createClient(['whole'], { simulator: { script } })
    const gateway = createGateway({
      providers: [provider],
      retry: { minDelay: 0 },
      timeouts: { firstEvent: 100 },
    })
    const { content } = await gateway.chat(ask, { model })
    expect(content).toBe('At last.')
    const sent = await Promise.all(network.requests.map((request) => request.text()))
    expect(new Set(sent).size).toBe(2)
    expect(network.stops).toHaveLength(1)
  })

  it('ends where the relay does not let it in any more', async () => {
    const tokens = ['ann']
    const headers = () => ({ authorization: `Bearer ${tokens.shift() ?? '-'}` })
    const { begin, network } = createClient([{ bytes: 90, as: 'error' }, 'whole'], endless, {
      headers,
    })
    const error = await failureOf((await begin()).response())
    expect(error).toMatchObject({ code: 'authentication', status: 401 })
    expect(error.partial?.content).toBe('A sq')
    expect(network.requests).toHaveLength(2)
  })

  it('waits without an end where that is asked for, though timers cannot', async () => {
    const kit = { simulator: { script: [{ text: 'a' }, { wait: 50 }, { text: 'b' }] } }
    const reconnect = { silence: Infinity, maxDelay: Infinity }
    let id = ''
    const onId = (told: string): void => {
      id = told
    }
    const { network, provider } = createClient(['whole'], kit, { reconnect, onId })
    const gateway = createGateway({ providers: [provider], retry: false, timeouts: false })
    expect(await gateway.chat(ask, { model })).toHaveProperty('content', 'ab')
    expect(network.requests).toHaveLength(1)
    page.setOnline(false)
    const again = provider.resume(id)
    await new Promise((resolve) => {
      setTimeout(resolve, 30)
    })
    expect(network.requests).toHaveLength(1)
    page.setOnline(true)
    expect(await (await again).response()).toHaveProperty('content', 'ab')
  })

  it('are tried by numbers alone', () => {
    for (const wrong of [Number.NaN, -1]) {
      for (const name of ['limit', 'minDelay', 'maxDelay', 'silence']) {
        const make = () => relay({ url: 'https://relay.test', reconnect: { [name]: wrong } })
        expect(make).toThrow(expect.objectContaining({ code: 'configuration' }))
      }
    }
  })

  it('begins another reply where the relay said that the first has failed', async () => {
    const { begin, network, kit } = createClient(['whole'], {
      simulator: { faults: [{ kind: 'error', code: 'overloaded', times: 1 }] },
    })
    expect((await (await begin()).response()).content).not.toBe('')
    expect(network.requests).toHaveLength(2)
    expect(kit.upstream).toHaveLength(2)
  })

  it('leaves a silent connection', async () => {
    const { begin, network } = createClient(
      ['whole'],
      {
        simulator: { script: [{ text: 'a' }, { wait: 120 }, { text: 'b' }] },
        streams: { keepAliveMs: 10_000 },
      },
      { reconnect: { silence: 30, limit: 1000 } },
    )
    expect(textOf(await readAll(await begin()))).toBe('ab')
    expect(network.requests.length).toBeGreaterThan(1)
    expect(network.open).toBe(0)
  })

  it('waits for the browser to be online', async () => {
    const { begin, network } = createClient([{ bytes: 90, as: 'error' }, 'whole'])
    const stream = await begin()
    page.setOnline(false)
    const events = readAll(stream)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(network.requests).toHaveLength(1)
    page.setOnline(true)
    expect(textOf(await events)).toBe('One two three four five six.')
    expect(network.requests).toHaveLength(2)
  })

  it('passes over what others answer meanwhile', async () => {
    const signIn = (): Response =>
      new Response('<h1>Welcome to the hotel</h1>', { headers: { 'content-type': 'text/html' } })
    const { begin, network } = createClient([
      { bytes: 90, as: 'error' },
      { response: signIn },
      { response: () => new Response('', { status: 502 }) },
      'whole',
    ])
    expect(textOf(await readAll(await begin()))).toBe('One two three four five six.')
    expect(network.requests).toHaveLength(4)
  })

  it('ends with what the relay says where the reply is gone', async () => {
    const { begin, kit, network } = createClient([{ bytes: 90, as: 'error' }, 'whole'], endless)
    const stream = await begin()
    kit.host.close()
    const error = await failureOf(stream.response())
    expect(error).toMatchObject({ code: 'invalid_request', status: 404 })
    expect(error.partial?.content).toBe('A sq')
    expect(network.requests).toHaveLength(2)
  })
})

describe('what a relay may send', () => {
  const sent = (...parts: string[]): Fate => ({
    response: () =>
      new Response(parts.map((part) => `${part}\n\n`).join(''), {
        headers: { 'content-type': 'text/event-stream; charset=utf-8' },
      }),
  })
  const content = (id: number, text: string): string =>
    `id: ${id}\ndata: {"type":"content","text":"${text}"}`
  const done = (id: number): string => `id: ${id}\ndata: {"type":"done","finishReason":"stop"}`

  it('events that were delivered, which are left out', async () => {
    const { begin } = createClient([
      sent(content(1, 'a'), content(2, 'b')),
      sent(content(1, 'a'), content(2, 'b'), content(3, 'c'), done(4)),
    ])
    expect(textOf(await readAll(await begin()))).toBe('abc')
  })

  it('events of a type that is not known, which are left out', async () => {
    const { begin } = createClient([
      sent(content(1, 'a'), 'id: 2\ndata: {"type":"video"}', content(3, 'b'), done(4)),
    ])
    expect((await readAll(await begin())).map(({ type }) => type)).toEqual([
      'content',
      'content',
      'done',
    ])
  })

  it.each([
    ['a gap', content(3, 'c')],
    ['no id', 'data: {"type":"content","text":"b"}'],
    ['no event', 'id: 2\ndata: {"type":"content","text":7}'],
    ['no JSON', 'id: 2\ndata: [DONE]'],
    ['no failure', 'event: error\ndata: {}'],
  ])('not %s, after which nothing is tried', async (_, part) => {
    const { begin, network } = createClient([sent(content(1, 'a'), part), 'whole'])
    const stream = await begin()
    expect(await failureOf(stream.response())).toMatchObject({
      code: 'protocol',
      provider: 'relay',
      partial: { content: 'a' },
    })
    expect(network.requests).toHaveLength(1)
  })

  it('a failure whose code is not known', async () => {
    const failure = { code: 'tired', message: 'The relay is tired.', retryable: false }
    const more = { ...failure, name: 'Mallory', partial: {} }
    const { begin } = createClient([
      sent(content(1, 'a'), `event: error\nid: 2\ndata: ${JSON.stringify(more)}`),
    ])
    const stream = await begin()
    expect(await failureOf(stream.response())).toMatchObject({
      ...failure,
      code: 'api',
      name: 'RatatoskrError',
      partial: { content: 'a' },
    })
  })
})

describe('stopping', () => {
  const stopped = async ({ kit, network }: Client, id: string | undefined): Promise<void> => {
    await vi.waitFor(() => expect(kit.upstream[0]?.signal.aborted).toBe(true))
    expect(network.open).toBe(0)
    expect(network.stops.map(({ method, url, keepalive }) => ({ method, url, keepalive }))).toEqual(
      [{ method: 'DELETE', url: `https://relay.test/chat/${id}`, keepalive: true }],
    )
    expect(network.stops[0]?.headers.get('authorization')).toBe('Bearer ann')
  }

  it.each(['break', 'cancel', 'abort'])('at the provider, by %s', async (by) => {
    const client = createClient(['whole'], endless)
    const controller = new AbortController()
    const stream = await client.begin(controller.signal)
    if (by === 'break') for await (const _ of stream) break
    if (by === 'cancel') await stream.cancel()
    if (by === 'abort') {
      const reason = new Error('Enough.')
      const reading = readAll(stream)
      controller.abort(reason)
      await expect(reading).rejects.toBe(reason)
    }
    await stopped(client, stream.requestId)
  })

  it('before the first event', async () => {
    let id: string | undefined
    const client = createClient(
      ['whole'],
      { simulator: { script: [{ wait: 1e8 }] }, streams: { statusMs: 5 } },
      { onId: (told) => (id = told) },
    )
    const controller = new AbortController()
    const asked = client.begin(controller.signal)
    await vi.waitFor(() => expect(client.kit.upstream).toHaveLength(1))
    controller.abort()
    await expect(asked).rejects.toBe(controller.signal.reason)
    await stopped(client, id)
  })

  it('while it waits for the connection to come back, which it then does not', async () => {
    const client = createClient([{ bytes: 90, as: 'error' }, 'lost'], endless, {
      reconnect: { minDelay: 200 },
    })
    const stream = await client.begin()
    const iterator = stream.values()
    await iterator.next()
    const waiting = iterator.next()
    await vi.waitFor(() => expect(client.network.open).toBe(0))
    await iterator.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    await stopped(client, stream.requestId)
    await new Promise((resolve) => setTimeout(resolve, 250))
    expect(client.network.requests).toHaveLength(1)
  })

  it('nothing where the reply is over', async () => {
    const { begin, network } = createClient()
    const stream = await begin()
    await stream.response()
    await stream.cancel()
    expect(network.stops).toEqual([])
  })
})

describe('resume', () => {
  const reload = (client: Client): RelayProvider =>
    relay({
      url: client.network.url,
      fetch: (url, init) => client.network.fetch(url, init),
      headers: { authorization: 'Bearer ann' },
      reconnect: { minDelay: 0 },
    })

  it('gives a reply from its first event on, and follows it as any other', async () => {
    const client = createClient(['whole', { bytes: 90, as: 'error' }, 'whole'])
    const { requestId = '' } = await client.begin()
    const stream = await reload(client).resume(requestId)
    const { content, finishReason } = await stream.response()
    expect({ content, finishReason }).toEqual({
      content: 'One two three four five six.',
      finishReason: 'stop',
    })
    expect(client.network.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET'])
    expect(client.kit.upstream).toHaveLength(1)
  })

  it('gives what comes after the events that are there', async () => {
    const client = createClient()
    const stream = await client.begin()
    const events = await readAll(stream)
    const rest = await reload(client).resume(stream.requestId ?? '', { after: 3 })
    expect(await readAll(rest)).toEqual(events.slice(3))
    expect(rest.partial.content).toBe(textOf(events.slice(3)))
  })

  it('stops it', async () => {
    const client = createClient(['whole'], endless)
    const { requestId = '' } = await client.begin()
    const stream = await reload(client).resume(requestId)
    for await (const _ of stream) break
    await vi.waitFor(() => expect(client.kit.upstream[0]?.signal.aborted).toBe(true))
  })

  it('says that nothing follows what is there, without trying again', async () => {
    const { begin, network, provider } = createClient()
    const stream = await begin()
    const events = await readAll(stream)
    const error = await failureOf(provider.resume(stream.requestId ?? '', { after: events.length }))
    expect(error).toMatchObject({ status: 410, retryable: false })
    expect(error.message).toContain('over')
    expect(network.requests).toHaveLength(2)
  })

  it('says that there is no such reply, and what is no id', async () => {
    const { provider, network } = createClient()
    expect(await failureOf(provider.resume('f'.repeat(32)))).toMatchObject({
      code: 'invalid_request',
      status: 404,
    })
    expect(network.requests).toHaveLength(1)
    for (const [id, after] of [
      ['../models', 0],
      ['f'.repeat(32), -1],
    ] as const) {
      expect(await failureOf(provider.resume(id, { after }))).toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('onId') as unknown,
      })
    }
    expect(network.requests).toHaveLength(1)
  })
})
