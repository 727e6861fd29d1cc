import { createGateway, RatatoskrError, user, type Usage } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { describe, expect, it, vi } from 'vitest'
import {
  base,
  chatRequest,
  createKit,
  eventsOf,
  headersOf,
  sseOf,
  streamRequest,
  textOf,
  type Ask,
} from '../test/relay-kit.ts'
import { createRelay } from './create-relay.ts'
import type { RelayOptions } from './server/relay-options.ts'
import { createStreamId } from './wire/stream-id.ts'

const failureOf = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as { code: string; message: string; retryable: boolean }),
})

const usage: Usage = { promptTokens: 5, completionTokens: 7, totalTokens: 12, cost: 0.25 }

describe('a reply', () => {
  it('comes as server-sent events that nothing on the way may hold back', async () => {
    const { relay, upstream } = createKit()
    const response = await relay(chatRequest())
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
    const events = await eventsOf(response)
    expect(textOf(events)).toBe('Hello, world!')
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' })
    expect(upstream).toHaveLength(1)
  })

  it('is logged in one entry, and its tokens are told once', async () => {
    const onUsage = vi.fn<() => void>()
    const { relay, entries } = createKit({
      onUsage,
      simulator: { script: [{ text: 'Hi' }, { usage }] },
    })
    const id = createStreamId()
    await eventsOf(await relay(chatRequest({ id })))
    await eventsOf(await relay(streamRequest('GET', id)))
    expect(onUsage.mock.calls).toEqual([
      [
        { id: 'ann' },
        {
          usage: expect.objectContaining(usage) as Usage,
          model: 'vendor/model',
          answeredBy: 'vendor/model',
        },
      ],
    ])
    const common = {
      time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      caller: 'ann',
      status: 200,
      answeredBy: 'vendor/model',
      ms: expect.any(Number) as number,
      firstEventMs: expect.any(Number) as number,
      events: 3,
      promptTokens: 5,
      completionTokens: 7,
      cost: 0.25,
      ended: 'done',
    }
    expect(entries).toEqual([
      { ...common, route: 'POST /chat', model: 'vendor/model' },
      { ...common, route: 'GET /chat/:id', attached: true },
    ])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
    ],
    // Which vitest would take for a failure of its own, and Node for its end.
    ['rejects', () => Promise.reject(new Error('disk full'))],
  ])('is none the worse for a log that %s', async (_, broken) => {
    const { relay } = createKit({
      log: broken,
      onUsage: broken,
      simulator: { script: [{ text: 'Hi' }, { usage }] },
    })
    expect((await eventsOf(await relay(chatRequest()))).at(-1)?.type).toBe('done')
  })

  it('fails in its stream with a code, after what came before', async () => {
    const { relay, entries } = createKit({
      simulator: { script: [{ text: 'Well' }, { fault: { kind: 'error', code: 'overloaded' } }] },
    })
    const events = await sseOf(await relay(chatRequest()))
    expect(events.map(({ event, id }) => [event, id])).toEqual([
      ['message', '1'],
      ['error', '2'],
    ])
    expect(JSON.parse(events[1]?.data ?? '')).toMatchObject({ code: 'overloaded', retryable: true })
    expect(entries[0]).toMatchObject({ status: 200, ended: 'failed:overloaded', events: 1 })
  })

  it('that does not begin has a status, and the same one when it is asked for again', async () => {
    const { relay, upstream, entries } = createKit({
      simulator: { faults: [{ kind: 'status', status: 429, retryAfter: 7 }] },
    })
    const id = createStreamId()
    const first = await relay(chatRequest({ id }))
    expect(first.headers.get('retry-after')).toBe('7')
    const failure = await failureOf(first)
    expect(failure).toMatchObject({
      status: 429,
      code: 'rate_limited',
      retryable: true,
      retryAfter: 7000,
    })
    expect(await failureOf(await relay(chatRequest({ id })))).toEqual(failure)
    expect(upstream).toHaveLength(1)
    expect(entries.map(({ ended }) => ended)).toEqual([
      'failed:rate_limited',
      'failed:rate_limited',
    ])
  })

  it('goes on when its client is gone, and is logged as detached', async () => {
    const { relay, entries, upstream } = createKit({
      simulator: { script: [{ text: 'a ' }, { wait: 5 }, { text: 'b ' }] },
    })
    const id = createStreamId()
    const response = await relay(chatRequest({ id }))
    const reader = response.body?.getReader()
    await reader?.read()
    await reader?.cancel()
    expect(entries[0]).toMatchObject({ ended: 'detached', status: 200 })
    expect(textOf(await eventsOf(await relay(streamRequest('GET', id))))).toBe('a b ')
    expect(upstream[0]?.signal.reason).not.toMatchObject({ code: 'cancelled' })
  })

  it('is stopped by DELETE, with its connection to the provider', async () => {
    const { relay, upstream, entries } = createKit({
      simulator: { script: [{ text: 'a' }, { wait: 60_000 }] },
    })
    const id = createStreamId()
    const response = await relay(chatRequest({ id }))
    const events = sseOf(response)
    expect((await relay(streamRequest('DELETE', id))).status).toBe(204)
    expect(JSON.parse((await events).at(-1)?.data ?? '')).toMatchObject({ code: 'cancelled' })
    expect(upstream[0]?.signal.aborted).toBe(true)
    expect(Object.fromEntries(entries.map(({ route, ended }) => [route, ended]))).toEqual({
      'POST /chat': 'stopped',
      'DELETE /chat/:id': 'done',
    })
  })

  it('is stopped by DELETE before its first event, too', async () => {
    const { relay, upstream, entries } = createKit({
      simulator: { script: [{ wait: 60_000 }] },
    })
    const id = createStreamId()
    const response = relay(chatRequest({ id }))
    await vi.waitUntil(() => upstream.length === 1)
    expect((await relay(streamRequest('DELETE', id))).status).toBe(204)
    expect(await failureOf(await response)).toMatchObject({ status: 499, code: 'cancelled' })
    expect(upstream[0]?.signal.aborted).toBe(true)
    expect(Object.fromEntries(entries.map(({ route, ended }) => [route, ended]))).toEqual({
      'POST /chat': 'stopped',
      'DELETE /chat/:id': 'done',
    })
  })

  it('whose request was cut off within its body has lost its client', async () => {
    const { relay, upstream, entries } = createKit()
    for (const path of ['/chat', '/v1/chat/completions']) {
      const body = new ReadableStream({
        pull: (controller) => controller.error(new TypeError('a socket that was closed')),
      })
      const init = { method: 'POST', headers: headersOf({}), body, duplex: 'half' }
      await relay(new Request(base + path, init))
    }
    expect(entries.map(({ ended }) => ended)).toEqual(['detached', 'detached'])
    expect(upstream).toEqual([])
  })
})

describe('an id', () => {
  it('leads nobody else to the reply', async () => {
    const { relay, upstream } = createKit()
    const id = createStreamId()
    await eventsOf(await relay(chatRequest({ id })))
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await failureOf(await relay(streamRequest(method, id, { caller: 'bob' })))
      const unknown = await failureOf(
        await relay(streamRequest(method, createStreamId(), { caller: 'bob' })),
      )
      expect(answer.status).toBe(404)
      expect(answer).toEqual(unknown)
    }
    // The same id of another caller is another reply.
    await eventsOf(await relay(chatRequest({ id, caller: 'cyd' })))
    expect(upstream).toHaveLength(2)
  })

  it('belongs to one body', async () => {
    const { relay } = createKit()
    const id = createStreamId()
    await eventsOf(await relay(chatRequest({ id })))
    const answer = await failureOf(await relay(chatRequest({ id, messages: [user('Else')] })))
    expect(answer).toMatchObject({ status: 409, code: 'invalid_request' })
  })

  it.each(['', '1', 'x'.repeat(23), '../../../secret', 'g'.repeat(32), ' '.repeat(22)])(
    'cannot be %j',
    async (id) => {
      const { relay, upstream } = createKit()
      const answer = await failureOf(await relay(chatRequest({ id })))
      expect(answer).toMatchObject({ status: 400, code: 'invalid_request' })
      expect(answer.message).not.toContain('secret')
      expect(upstream).toEqual([])
    },
  )

  it('with events that are gone never begins a second reply', async () => {
    const { relay, upstream } = createKit()
    const answer = await failureOf(await relay(chatRequest({ after: 3 })))
    expect(answer).toMatchObject({ status: 410, retryable: false })
    expect(upstream).toEqual([])
  })

  it.each(['-1', '1.5', 'x', '1'.repeat(16)])('is not followed by event %j', async (sent) => {
    const { relay } = createKit()
    const answer = await failureOf(await relay(chatRequest({ headers: { 'last-event-id': sent } })))
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request' })
  })
})

describe('authorize', () => {
  it('must be given', () => {
    const gateway = createGateway({ providers: [openrouter({ apiKey: 'k' })] })
    // @ts-expect-error Whoever writes JavaScript may forget it.
    expect(() => createRelay({ gateway })).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })

  it.each([
    ['POST', '/chat'],
    ['GET', `/chat/${createStreamId()}`],
    ['DELETE', `/chat/${createStreamId()}`],
    ['GET', '/v1/models'],
  ])('keeps out whoever it does not know: %s %s', async (method, path) => {
    const { relay, upstream, entries } = createKit()
    const response = await relay(new Request(base + path, { method }))
    expect(response.status).toBe(401)
    expect(upstream).toEqual([])
    expect(entries).toMatchObject([{ status: 401, ended: 'refused', events: 0 }])
    expect(entries[0]).not.toHaveProperty('caller')
  })

  it('may answer by itself', async () => {
    const { relay } = createKit({
      authorize: () => new Response('pay first', { status: 402, headers: { 'x-price': '1' } }),
    })
    const response = await relay(chatRequest())
    expect([response.status, response.headers.get('x-price')]).toEqual([402, '1'])
    expect(await response.text()).toBe('pay first')
  })

  it.each<[string, () => Partial<RelayOptions>, number[]]>([
    [
      'answers with one response again and again',
      () => {
        const denied = new Response('No.', { status: 402 })
        return { authorize: () => denied }
      },
      [402, 500],
    ],
    ['answers with what is no response', () => ({ authorize: () => Response.error() }), [500, 500]],
    [
      'reads the body away',
      () => ({
        authorize: async (request) => ({ id: `caller-${(await request.text()).length}` }),
      }),
      [500, 500],
    ],
  ])('that %s is told from a client at fault', async (_, options, statuses) => {
    const { relay, entries } = createKit({ ...options(), cors: { origins: ['https://a.test'] } })
    for (const status of statuses) {
      const response = await relay(chatRequest())
      await response.text()
      expect(response.status).toBe(status)
    }
    expect(entries.at(-1)).toMatchObject({ status: 500, ended: 'failed:configuration' })
  })

  it('may reject: what is the library’s is told, anything else is not', async () => {
    const thrown = [new RatatoskrError('permission', 'No credit.'), new Error('db at 10.0.0.1')]
    const answers: unknown[] = []
    for (const error of thrown) {
      const { relay } = createKit({ authorize: () => Promise.reject(error) })
      answers.push(await failureOf(await relay(chatRequest())))
    }
    expect(answers).toMatchObject([
      { status: 403, code: 'permission', message: 'No credit.' },
      { status: 500, code: 'api' },
    ])
    expect(JSON.stringify(answers)).not.toContain('10.0.0.1')
  })
})

describe('what may be asked for', () => {
  const ask = async (kit: Parameters<typeof createKit>[0], request: Ask) => {
    const { relay, upstream } = createKit(kit)
    const response = await relay(chatRequest(request))
    if (response.status === 200) {
      await eventsOf(response)
      return { status: 200, sent: upstream[0]?.body }
    }
    expect(upstream).toEqual([])
    return failureOf(response)
  }

  it.each([
    ['vendor/model', 200],
    ['vendor/other', 404],
    ['openrouter:vendor/model', 404],
    [['vendor/model', 'vendor/other'], 404],
  ])('of models: %j', async (model, status) => {
    const answer = await ask({ models: ['vendor/m*', 'free'] }, { options: { model } })
    expect(answer.status).toBe(status)
    if (status === 404) expect(answer).toMatchObject({ code: 'model_not_found' })
  })

  it('of models: none with a name that is a letter, nor one that no provider has', async () => {
    const { relay, entries } = createKit({
      gateway: createGateway({
        providers: [
          { ...openrouter({ apiKey: 'k' }), name: 'hidden-one', accepts: () => false },
          { ...openrouter({ apiKey: 'k' }), name: 'hidden-two', accepts: () => false },
        ].map((provider) => ({ ...provider, family: undefined })),
      }),
    })
    const long = await failureOf(await relay(chatRequest({ options: { model: 'x'.repeat(257) } })))
    const unknown = await failureOf(await relay(chatRequest({ options: { model: 'any' } })))
    expect(long).toEqual(unknown)
    expect(unknown).toMatchObject({ status: 404, code: 'model_not_found' })
    expect(unknown.message).not.toContain('hidden')
    expect(JSON.stringify(entries)).not.toContain('xxx')
  })

  it.each([
    // A router that looks at the first line alone would send the name before the pattern's end.
    'vendor/large\n-mini',
    'vendor/large\u2028-mini',
    // Some providers have the name in the path, where this is another one.
    'vendor/x-mini/../large/y-mini',
    'vendor/./y-mini',
    'vendor/..\\y-mini',
  ])('of models: none whose name means another one to somebody: %j', async (model) => {
    const answer = await ask({ models: ['vendor/*-mini'] }, { options: { model } })
    expect(answer).toMatchObject({ status: 404, code: 'model_not_found' })
  })

  it('of models, for one caller', async () => {
    const authorize = () => ({ id: 'ann', models: ['*/small'] })
    const models = ['vendor/*']
    const statuses = await Promise.all(
      ['vendor/small', 'vendor/large', 'other/small'].map(
        async (model) => (await ask({ models, authorize }, { options: { model } })).status,
      ),
    )
    expect(statuses).toEqual([200, 404, 404])
  })

  it('of tokens: what is too much is refused, and the limit is asked for where nothing is', async () => {
    const limits = { maxTokens: 100 }
    const answers = await Promise.all([
      ask({ limits }, {}),
      ask({ limits }, { options: { maxTokens: 50 } }),
      ask({ limits }, { options: { maxTokens: 101 } }),
      ask({ limits }, { options: { reasoning: { maxTokens: 101 } } }),
      // To some servers, as many as the model likes.
      ask({ limits }, { options: { maxTokens: -1 } }),
      ask({ limits }, { options: { maxTokens: 0 } }),
      ask({ limits }, { options: { reasoning: { maxTokens: -1 } } }),
      ask({ limits }, { options: { reasoning: { maxTokens: 0 } } }),
      ask(
        { limits, authorize: () => ({ id: 'ann', maxTokens: 200 }) },
        { options: { maxTokens: 150 } },
      ),
    ])
    expect(answers).toMatchObject([
      { status: 200, sent: { max_tokens: 100 } },
      { status: 200, sent: { max_tokens: 50 } },
      { status: 400, message: 'maxTokens must be from 1 to 100.' },
      { status: 400, message: 'reasoning.maxTokens must be from 0 to 100.' },
      { status: 400, message: 'maxTokens must be from 1 to 100.' },
      { status: 400, message: 'maxTokens must be from 1 to 100.' },
      { status: 400, message: 'reasoning.maxTokens must be from 0 to 100.' },
      { status: 200 },
      { status: 200, sent: { max_tokens: 150 } },
    ])
  })

  it('of provider options: only those that are named', async () => {
    const options = { providerOptions: { transforms: ['x'] } }
    expect(await ask({}, { options })).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(await ask({ providerOptions: ['transforms'] }, { options })).toMatchObject({
      status: 200,
      sent: { transforms: ['x'] },
    })
  })

  it.each([
    ['https://images.example.com/a.png', 200],
    ['data:image/png;base64,AAAA', 200],
    ['http://images.example.com/a.png', 400],
    ['https://user:pass@images.example.com/a.png', 400],
    ['https://images.example.com:8443/a.png', 400],
    ['https://169.254.169.254/latest/meta-data', 400],
    ['https://example.com.evil.test/', 400],
    ['file:///etc/passwd', 400],
    ['nonsense', 400],
  ])('of addresses: %s', async (url, status) => {
    const messages = [user(['Look', { type: 'image', url }])]
    const answer = await ask({ urlHosts: ['*.example.com'] }, { messages })
    expect(answer.status).toBe(status)
    // No address at all, but bytes, where none is named.
    const plain = await ask({}, { messages })
    expect(plain.status).toBe(url.startsWith('data:') ? 200 : 400)
  })

  it.each<[string, Ask, string]>([
    ['an unknown option', { options: { signal: {} } }, 'options must have no other fields.'],
    ['a header', { options: { headers: { 'x-a': '1' } } }, 'options must have no other fields.'],
    [
      'another base',
      { options: { baseURL: 'https://e.test' } },
      'options must have no other fields.',
    ],
    ['no model', { options: { model: '' } }, ''],
    ['no messages', { messages: [] }, 'messages must be a list such as [user(text)].'],
    ['another role', { messages: [{ role: 'secret-role', content: '' }] }, ''],
    [
      'an unknown field of a message',
      { messages: [{ role: 'user', content: 'Hi', secret: 1 }] },
      'messages.0 must have no other fields.',
    ],
    [
      'a number that is none',
      { options: { temperature: 'secret' } },
      'options.temperature must be a number.',
    ],
    ['messages that are none', { messages: 'secret' }, 'messages must be a list.'],
    [
      'a content that is none',
      { messages: [{ role: 'user', content: 5 }] },
      'messages.0.content must be a text or a list.',
    ],
  ])('nothing else: %s', async (_, request, message) => {
    const answer = await ask({}, request)
    expect(answer).toMatchObject({ status: 400, code: 'invalid_request' })
    if ('message' in answer) {
      expect(answer.message).not.toContain('secret')
      if (message) expect(answer.message).toBe(message)
    }
  })
})

describe('limits', () => {
  it('of replies at once, until one is over', async () => {
    const { relay } = createKit({
      limits: { streams: 2 },
      simulator: { script: [{ text: 'a' }, { wait: 60_000 }] },
    })
    const ids = [createStreamId(), createStreamId()]
    await Promise.all(ids.map((id) => relay(chatRequest({ id }))))
    const id = createStreamId()
    const refused = await failureOf(await relay(chatRequest({ id })))
    expect(refused).toMatchObject({ status: 429, code: 'rate_limited', retryable: true })
    // To attach is to begin nothing; others have their own.
    expect((await relay(chatRequest({ id: ids[0] ?? '' }))).status).toBe(200)
    expect((await relay(chatRequest({ caller: 'bob' }))).status).toBe(200)
    await relay(streamRequest('DELETE', ids[0] ?? ''))
    expect((await relay(chatRequest({ id }))).status).toBe(200)
  })

  it('of requests in a minute', async () => {
    const { relay, upstream } = createKit({ limits: { requestsPerMinute: 2 } })
    const statuses: number[] = []
    for (let i = 0; i < 3; i += 1) {
      const response = await relay(chatRequest())
      statuses.push(response.status)
      if (i === 2) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(50)
      await response.arrayBuffer()
    }
    expect(statuses).toEqual([200, 200, 429])
    expect(upstream).toHaveLength(2)
  })

  it('must be numbers above 0', () => {
    for (const options of [{ limits: { depth: 0 } }, { streams: { keptMs: Number.NaN } }]) {
      expect(() => createKit(options)).toThrow(expect.objectContaining({ code: 'configuration' }))
    }
  })

  it('of time may be without an end, though timers cannot', async () => {
    const wait = vi.spyOn(globalThis, 'setTimeout')
    const streams = { keepAliveMs: Infinity, statusMs: Infinity, keptMs: Infinity }
    const { relay } = createKit({
      streams: { ...streams, detachedMs: Infinity },
      simulator: {
        script: [{ wait: 20 }, { fault: { kind: 'error', code: 'overloaded' } }],
      },
    })
    // Nothing has been sent yet, so it has a status.
    expect((await relay(chatRequest())).status).toBe(503)
    expect(wait.mock.calls.every(([, time = 0]) => time < 2 ** 31)).toBe(true)
    wait.mockRestore()
  })

  it('hold also where somebody has written undefined', async () => {
    // @ts-expect-error Nobody's types allow it who is as strict as we are.
    const { relay } = createKit({ limits: { bodyBytes: undefined, depth: undefined } })
    const answer = await failureOf(await relay(chatRequest({ id: 'x'.repeat(2 ** 23) })))
    expect(answer.status).toBe(413)
  })
})

describe('keys', () => {
  const completionRequest = (): Request =>
    new Request(`${base}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer ann', 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'vendor/m',
        stream: true,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    })
  const key = 'sk-or-upstream-key-0123456789'

  it.each([400, 401, 403, 404, 429, 500, 503])(
    'are in no answer and no entry, although the provider says them with %i',
    async (status) => {
      const says = `Bad request for ${key} and my-own-secret and Bearer abcdefgh12345678`
      const gateway = createGateway({
        retry: false,
        providers: [
          openrouter({
            apiKey: key,
            fetch: async () =>
              Response.json({ error: { message: says, code: status } }, { status }),
          }),
        ],
      })
      const { relay, entries } = createKit({ gateway, secrets: ['my-own-secret'] })
      const response = await relay(chatRequest())
      const told = (await response.text()) + JSON.stringify([...response.headers])
      expect(response.status).toBeGreaterThanOrEqual(400)
      const all = told + JSON.stringify(entries)
      for (const secret of [key, 'my-own-secret', 'abcdefgh12345678']) {
        expect(all).not.toContain(secret)
      }
      // Where the request is at fault, the client must know why.
      if (status === 400) expect(told).toContain('Bad request for')
    },
  )

  it('that are named are no name of a reply or a model, in the answer, the log and the report', async () => {
    const own = 'my-own-secret'
    const chunk = (more: object): string =>
      `data: ${JSON.stringify({ id: `gen-${own}`, model: `m-${own}`, ...more })}\n\n`
    const tokens = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    const body = `${chunk({ choices: [{ delta: { content: 'Hi' } }] })}${chunk({ choices: [{ finish_reason: 'stop' }], usage: tokens })}data: [DONE]\n\n`
    const provider = openrouter({ apiKey: key, fetch: async () => new Response(body) })
    const gateway = createGateway({ retry: false, providers: [provider] })
    const onUsage = vi.fn()
    const { relay, entries } = createKit({ gateway, secrets: [own], onUsage })
    for (const request of [chatRequest(), completionRequest()]) {
      const answer = await (await relay(request)).text()
      const all = answer + JSON.stringify([entries, onUsage.mock.calls])
      expect(all).not.toContain(own)
    }
    expect(entries).toMatchObject([{ answeredBy: 'm-***' }, { answeredBy: 'm-***' }])
  })

  it('are in no id of a request that the provider has given back', async () => {
    const headers = { 'x-request-id': key, 'x-generation-id': key }
    const provider = openrouter({
      apiKey: key,
      fetch: async () => Response.json({ error: { message: 'No.' } }, { status: 400, headers }),
    })
    const gateway = createGateway({ retry: false, providers: [provider] })
    const { relay } = createKit({ gateway })
    expect(await (await relay(chatRequest())).text()).not.toContain(key)
  })
})

describe('pages', () => {
  const from = (origin: string, method = 'POST', headers: Record<string, string> = {}) =>
    method === 'OPTIONS'
      ? new Request(`${base}/chat`, {
          method,
          headers: { origin, 'access-control-request-method': 'POST', ...headers },
        })
      : chatRequest({ headers: { origin, ...headers } })

  it('of the relay’s own origin may ask, others may not', async () => {
    const { relay, upstream, entries } = createKit()
    expect((await relay(from(base))).status).toBe(200)
    const response = await relay(from('https://evil.test'))
    expect(await failureOf(response)).toMatchObject({ status: 403, code: 'permission' })
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
    expect((await relay(from('https://evil.test', 'OPTIONS'))).status).toBe(403)
    expect((await relay(from('null'))).status).toBe(403)
    // The address that the browser knows may be another than that behind a proxy.
    const proxied = from('https://public.test', 'POST', { 'sec-fetch-site': 'same-origin' })
    expect((await relay(proxied)).status).toBe(200)
    expect(upstream).toHaveLength(2)
    expect(entries.filter(({ ended }) => ended === 'refused')).toHaveLength(2)
  })

  it('of listed origins may ask, read, and send cookies', async () => {
    const origin = 'https://app.test'
    const { relay } = createKit({ cors: { origins: [origin] } })
    const preflight = await relay(
      from(origin, 'OPTIONS', { 'access-control-request-headers': 'authorization,last-event-id' }),
    )
    expect(preflight.status).toBe(204)
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization,last-event-id',
      'access-control-allow-methods': 'GET, POST, DELETE',
      vary: 'origin',
    })
    const response = await relay(from(origin))
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    expect(textOf(await eventsOf(response))).toBe('Hello, world!')
    // A refusal can be read, too.
    const refused = await relay(from(origin, 'POST', { authorization: '' }))
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      origin,
    ])
    expect((await relay(from('https://app.test.evil.test'))).status).toBe(403)
  })

  it('of all origins may ask where this is said, without cookies', async () => {
    const { relay } = createKit({ cors: { origins: '*' } })
    const response = await relay(from('https://any.test'))
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
    expect(response.headers.has('access-control-allow-credentials')).toBe(false)
  })
})

describe('addresses', () => {
  it('that are unknown are 404, with another method 405', async () => {
    const { relay } = createKit()
    const headers = headersOf({})
    const unknown = await relay(new Request(`${base}/else`, { headers }))
    const wrong = await relay(new Request(`${base}/chat`, { headers }))
    const nested = await relay(new Request(`${base}/chat/a/b`, { headers }))
    expect([unknown.status, wrong.status, nested.status]).toEqual([404, 405, 404])
    expect(wrong.headers.get('allow')).toBe('POST')
  })

  it.each<[string, Partial<RelayOptions>]>([
    ['cors.origins', { cors: { origins: ['https://app.example.com/'] } }],
    ['cors.origins', { cors: { origins: ['app.example.com'] } }],
    ['cors.origins', { cors: { origins: ['*'] } }],
    ['basePath', { basePath: 'api' }],
    ['basePath', { basePath: 'https://relay.example.com/api' }],
  ])('that nobody could ever ask are refused in %s: %j', (name, options) => {
    expect(() => createKit(options)).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining(name) as unknown,
      }),
    )
  })

  it('stand below the base path, and only there', async () => {
    const { relay } = createKit({ basePath: '/api/' })
    const at = (path: string) =>
      relay(new Request(base + path, { headers: headersOf({}) })).then(({ status }) => status)
    expect(await Promise.all(['/api/v1/models', '/v1/models', '/apiv1/models'].map(at))).toEqual([
      200, 404, 404,
    ])
  })
})
