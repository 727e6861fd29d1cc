// What the relay itself refuses on /v1, in the words of each protocol, and what it lets through to nobody.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { keyOf, startRelay, upstreamKey, type HttpRelay } from '../../test/http-relay.ts'

let relay: HttpRelay
beforeAll(async () => {
  relay = await startRelay({
    models: ['anthropic:*', 'openai-chat:*', 'openai-responses:*', 'gemini:*'],
    limits: { bodyBytes: 20_000, depth: 20, maxTokens: 5000 },
    providerOptions: ['logit_bias', 'top_logprobs', 'inference_geo'],
    urlHosts: ['images.example.com'],
    secrets: ['my-own-secret'],
  })
})
afterEach(() => relay.reset())
afterAll(() => relay.close())

interface Sent {
  body?: unknown
  method?: string
  key?: string
  headers?: Record<string, string>
  at?: string
}

async function send(path: string, sent: Sent = {}) {
  const { body, method = 'POST', key = keyOf('ann'), headers, at = relay.url } = sent
  const response = await fetch(at + path, {
    method,
    headers: { 'x-api-key': key, 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const openai = {
  error: (type: string) => ({
    error: {
      message: expect.stringMatching(/\.$/) as unknown,
      type,
      param: null,
      code: expect.anything() as unknown,
    },
  }),
  types: { 401: 'invalid_request_error', 404: 'invalid_request_error', 429: 'rate_limit_exceeded' },
}

/** By protocol: a whole request, and the form of an error of some type. */
const protocols = [
  {
    path: '/v1/chat/completions',
    model: 'openai-chat:m',
    body: { model: 'openai-chat:m', messages: [{ role: 'user', content: 'Hi' }] },
    ...openai,
  },
  {
    path: '/v1/responses',
    model: 'openai-responses:m',
    body: { model: 'openai-responses:m', input: 'Hi' },
    ...openai,
  },
  {
    path: '/v1/messages',
    model: 'anthropic:m',
    body: { model: 'anthropic:m', max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] },
    error: (type: string) => ({
      type: 'error',
      error: { type, message: expect.stringMatching(/\.$/) as unknown },
      request_id: expect.stringMatching(/^req_/) as unknown,
    }),
    types: { 401: 'authentication_error', 404: 'not_found_error', 429: 'rate_limit_error' },
  },
]

describe.each(protocols)('$path', ({ path, body, error, types }) => {
  test('answers, and with the request’s id', async () => {
    const { status, headers } = await send(path, { body })
    expect(status).toBe(200)
    expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{24}$/)
    expect(headers.get('request-id')).toBe(headers.get('x-request-id'))
    expect(relay.entries).toMatchObject([
      {
        caller: 'ann',
        route: `POST ${path}`,
        requestId: headers.get('x-request-id'),
        model: body.model,
        status: 200,
        ended: 'done',
      },
    ])
    expect(JSON.stringify(relay.entries)).not.toContain('Hi')
  })

  test('no key: 401', async () => {
    const { status, json, headers } = await send(path, { body, key: 'else' })
    expect(status).toBe(401)
    expect(json).toEqual(error(types[401]))
    expect(headers.get('x-request-id')).toMatch(/^req_/)
    expect(headers.get('x-should-retry')).toBe('false')
  })

  test('a model outside of the list: 404, whether there is one or not', async () => {
    for (const model of ['cohere:m', 'nowhere', 'anthropic', '']) {
      const { status, json } = await send(path, { body: { ...body, model } })
      expect(status).toBe(model === '' ? 400 : 404)
      if (model !== '') expect(json).toEqual(error(types[404]))
    }
    expect(relay.upstream).toEqual([])
  })

  test('another method: 405', async () => {
    const { status, headers, json } = await send(path, { method: 'GET' })
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
    expect(json).toHaveProperty('error.message', 'This address takes another method.')
  })

  test('a body that is too large, too deep, or no JSON', async () => {
    const large = await send(path, { body: { ...body, pad: 'x'.repeat(20_000) } })
    expect(large.status).toBe(413)
    if (path === '/v1/messages') expect(large.json).toEqual(error('request_too_large'))
    const deep = await send(path, { body: `${'['.repeat(5000)}${']'.repeat(5000)}` })
    const broken = await send(path, { body: '{"model": "my-own-prompt' })
    expect([deep.status, broken.status]).toEqual([400, 400])
    expect(broken.text).not.toContain('my-own-prompt')
    expect((await send(path, { body: {} })).status).toBe(400)
    expect((await send(path, { body: { ...body, n: 2, background: true } })).status).toBe(400)
    expect(relay.upstream).toEqual([])
    expect(relay.entries.map(({ ended }) => ended)).toEqual(Array(5).fill('refused'))
  })

  test('more tokens than allowed, or a number that some take for no limit: 400', async () => {
    const field = { '/v1/chat/completions': 'max_tokens', '/v1/responses': 'max_output_tokens' }[
      path
    ]
    for (const most of [5001, 0, -1]) {
      const sent = { ...body, [field ?? 'max_tokens']: most }
      const { status, text } = await send(path, { body: sent })
      expect(status).toBe(400)
      expect(text).toContain('from 1 to 5000')
    }
    expect(relay.upstream).toEqual([])
  })

  test('too many requests: 429, which may be tried again', async () => {
    const strict = await startRelay({ limits: { requestsPerMinute: 1 } })
    try {
      await send(path, { body, at: strict.url })
      const { status, json, headers } = await send(path, { body, at: strict.url })
      expect(status).toBe(429)
      expect(json).toEqual(error(types[429]))
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(50)
      expect(headers.get('x-should-retry')).toBe('true')
      expect(strict.upstream).toHaveLength(1)
    } finally {
      await strict.close()
    }
  })

  test('too many replies at once: 429, until one is over', async () => {
    const strict = await startRelay({ limits: { streams: 1 } })
    try {
      strict.simulated = { script: [{ text: 'a' }, { wait: 3_600_000 }] }
      const controller = new AbortController()
      const first = await fetch(strict.url + path, {
        method: 'POST',
        headers: { 'x-api-key': keyOf('ann') },
        body: JSON.stringify({ ...body, stream: true }),
        signal: controller.signal,
      })
      expect(first.status).toBe(200)
      expect((await send(path, { body, at: strict.url })).status).toBe(429)
      strict.simulated = {}
      controller.abort()
      for (;;) {
        const { status } = await send(path, { body, at: strict.url })
        if (status === 200) break
      }
    } finally {
      await strict.close()
    }
  })

  test.each([400, 401, 403, 404, 429, 500, 503])(
    'keys stand in no answer, although the provider repeats them with %i',
    async (status) => {
      const says = `No: ${upstreamKey} my-own-secret Bearer abcdefgh12345678`
      relay.answer = () =>
        Response.json(
          { type: 'error', error: { type: 'invalid_request_error', message: says, code: says } },
          { status, headers: { 'x-request-id': upstreamKey } },
        )
      for (const stream of [true, false]) {
        const answer = await send(path, { body: { ...body, stream } })
        expect(answer.status).toBeGreaterThanOrEqual(400)
        const all =
          answer.text + JSON.stringify([...answer.headers]) + JSON.stringify(relay.entries)
        for (const secret of [upstreamKey, 'my-own-secret', 'abcdefgh12345678']) {
          expect(all).not.toContain(secret)
        }
        // Where the request is at fault, the client must know why.
        if (status === 400) expect(answer.text).toContain('No: [hidden] ***')
      }
    },
  )

  test('nor in a stream that fails with them', async () => {
    const message = `No: ${upstreamKey} my-own-secret`
    for (const code of ['invalid_request', 'overloaded'] as const) {
      relay.simulated = { script: [{ text: 'a' }, { fault: { kind: 'error', code, message } }] }
      const { status, text } = await send(path, { body: { ...body, stream: true } })
      expect(status).toBe(200)
      expect(text).toMatch(/error|failed/)
      expect(text).not.toContain(upstreamKey)
      expect(text).not.toContain('my-own-secret')
    }
  })

  test('the client’s headers go no further', async () => {
    const headers = {
      'anthropic-beta': 'files-api-2025',
      'openai-organization': 'org-else',
      'x-forwarded-host': 'else.test',
      'x-request-id': 'of-the-client',
      cookie: 'session=1',
    }
    const answer = await send(path, { body, headers })
    expect(answer.headers.get('x-request-id')).not.toBe('of-the-client')
    const sent = relay.upstream[0]?.headers
    for (const name of Object.keys(headers)) expect(sent?.has(name)).toBe(false)
    expect([...(sent?.values() ?? [])].join()).not.toContain(keyOf('ann'))
  })

  test('while the model is silent, something comes, and a failure then is told in the stream', async () => {
    const slow = await startRelay({ streams: { keepAliveMs: 10, statusMs: 10 } })
    try {
      slow.simulated = { script: [{ wait: 400 }, { fault: { kind: 'error', code: 'overloaded' } }] }
      const { status, text } = await send(path, { body: { ...body, stream: true }, at: slow.url })
      expect(status).toBe(200)
      const ping =
        path === '/v1/messages' ? /^event: ping\ndata: {"type":"ping"}\n\n/ : /^: keep-alive\n\n/
      expect(text).toMatch(ping)
      expect(text).toContain('overloaded')
      expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed/)
      expect(slow.entries).toMatchObject([{ status: 200, ended: 'failed:overloaded', events: 0 }])
    } finally {
      await slow.close()
    }
  })

  test('a stream has headers against whatever would hold it back', async () => {
    const { headers } = await send(path, { body: { ...body, stream: true } })
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    })
  })
})

describe('addresses', () => {
  test('that are unknown are 404, in the words of the one who asks', async () => {
    const unknown = await send('/v1/embeddings', { body: {} })
    expect([unknown.status, unknown.json]).toMatchObject([
      404,
      { error: { type: 'invalid_request_error', param: null } },
    ])
    const counting = await send('/v1/messages/count_tokens', { body: {} })
    const versioned = await send('/v1/files', { headers: { 'anthropic-version': '2023-06-01' } })
    for (const { status, json } of [counting, versioned]) {
      expect(status).toBe(404)
      expect(json).toMatchObject({ type: 'error', error: { type: 'not_found_error' } })
    }
  })

  test('of models: one by its name, encoded or not', async () => {
    relay.simulated = { models: ['vendor/a'] }
    for (const id of ['openai-chat:vendor/a', encodeURIComponent('openai-chat:vendor/a')]) {
      expect((await send(`/v1/models/${id}`, { method: 'GET' })).json).toMatchObject({
        id: 'openai-chat:vendor/a',
        object: 'model',
      })
    }
    for (const id of ['cohere:vendor/a', '%', '%2e%2e%2f', 'x']) {
      const { status, text } = await send(`/v1/models/${id}`, { method: 'GET' })
      expect(status).toBe(404)
      expect(text).not.toContain(id === '%' ? '"%"' : id)
    }
  })

  test('a model’s name does not lead to another address of the provider’s', async () => {
    const [, { body } = { body: {} }] = protocols
    for (const model of ['gemini:../../v1/files?x=', 'gemini:mini/../models/large']) {
      expect((await send('/v1/responses', { body: { ...body, model } })).status).toBe(404)
    }
    expect(relay.upstream).toEqual([])
  })

  const at = (url: string): readonly (readonly [string, unknown])[] => [
    [
      '/v1/chat/completions',
      {
        model: 'openai-chat:m',
        messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
      },
    ],
    [
      '/v1/responses',
      {
        model: 'openai-responses:m',
        input: [
          { role: 'user', content: [{ type: 'input_image', image_url: url, detail: 'auto' }] },
        ],
      },
    ],
    [
      '/v1/responses',
      {
        model: 'openai-responses:m',
        input: [{ role: 'user', content: [{ type: 'input_file', file_url: url }] }],
      },
    ],
    ...['image', 'document'].map((type): readonly [string, unknown] => [
      '/v1/messages',
      {
        model: 'anthropic:m',
        max_tokens: 50,
        messages: [{ role: 'user', content: [{ type, source: { type: 'url', url } }] }],
      },
    ]),
  ]

  test.each([
    ['https://images.example.com/a.png', 200],
    ['http://images.example.com/a.png', 400],
    ['https://169.254.169.254/latest/meta-data', 400],
    ['https://images.example.com@evil.test/', 400],
    ['file:///etc/passwd', 400],
  ])('of images and files: %s', async (url, expected) => {
    for (const [path, body] of at(url)) {
      expect([path, (await send(path, { body })).status]).toEqual([path, expected])
    }
    if (expected !== 200) expect(relay.upstream).toEqual([])
  })

  const hidden = 'https://169.254.169.254/'
  const asking = (part: unknown, model = 'openai-chat:m') => ({
    model,
    max_tokens: 50,
    messages: [{ role: 'user', content: [part] }],
  })
  const base64 = { type: 'base64', media_type: 'image/png', data: hidden }

  // Some servers take an address where the protocol has bytes.
  test.each<[string, string, unknown]>([
    [
      'a sound',
      '/v1/chat/completions',
      asking({ type: 'input_audio', input_audio: { data: hidden, format: 'wav' } }),
    ],
    [
      'an image',
      '/v1/chat/completions',
      asking({ type: 'image_url', image_url: { url: `data:image/png;base64,${hidden}` } }),
    ],
    ['an image', '/v1/messages', asking({ type: 'image', source: base64 }, 'anthropic:m')],
    [
      'an image',
      '/ui-message-stream',
      {
        messages: [
          {
            role: 'user',
            parts: [
              { type: 'file', mediaType: 'image/png', url: `data:image/png;base64,${hidden}` },
            ],
          },
        ],
        options: { model: 'openai-chat:m' },
      },
    ],
  ])('in place of bytes: %s on %s', async (_, path, body) => {
    const { status, text } = await send(path, { body })
    expect([status, text]).toEqual([400, expect.stringContaining('base64')])
    expect(text).not.toContain('169.254')
    expect(relay.upstream).toEqual([])
  })

  test('bytes may have line ends within', async () => {
    const data = 'iVBORw0KGgo\r\nAAAA'
    const part = { type: 'image', source: { ...base64, data } }
    const { status } = await send('/v1/messages', { body: asking(part, 'openai-chat:m') })
    expect([status, relay.upstream.length]).toEqual([200, 1])
  })

  const turn = (content: unknown) => ({
    model: 'anthropic:m',
    max_tokens: 50,
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
      { role: 'user', content: 'Go on' },
    ],
  })
  const source = { type: 'url', url: 'https://169.254.169.254/' }

  test.each<[string, string, unknown]>([
    ['an image', '/v1/messages', turn([{ type: 'image', source }])],
    ['a file', '/v1/messages', turn([{ type: 'container_upload', file_id: 'file_1' }])],
    [
      'a page in a result',
      '/v1/messages',
      turn([
        { type: 'text', text: 'See' },
        {
          type: 'web_fetch_tool_result',
          tool_use_id: 'srvtoolu_1',
          content: { type: 'web_fetch_result', content: { type: 'document', source } },
        },
      ]),
    ],
    [
      'a screenshot',
      '/v1/responses',
      {
        model: 'openai-responses:m',
        input: [
          { role: 'user', content: 'Hi' },
          {
            type: 'computer_call_output',
            call_id: 'c',
            output: { type: 'computer_screenshot', image_url: 'https://169.254.169.254/' },
          },
          { role: 'user', content: 'Go on' },
        ],
      },
    ],
    [
      'an address in place of a picture’s bytes',
      '/v1/responses',
      {
        model: 'openai-responses:m',
        input: [
          { role: 'user', content: 'Hi' },
          { type: 'image_generation_call', id: 'ig_1', result: 'https://169.254.169.254/' },
          { role: 'user', content: 'Go on' },
        ],
      },
    ],
    [
      'an unknown kind of reasoning',
      '/v1/chat/completions',
      {
        model: 'openai-chat:m',
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Yes', reasoning_details: [{ type: 'else', url: 'x' }] },
          { role: 'user', content: 'Go on' },
        ],
      },
    ],
  ])('within what the model has said: %s', async (_, path, body) => {
    const { status, text } = await send(path, { body })
    expect(status).toBe(400)
    expect(text).not.toContain('169.254')
    expect(relay.upstream).toEqual([])
  })

  test('thinking that a provider has signed goes back to it', async () => {
    relay.simulated = { script: [{ reasoning: 'Hm.' }, { text: 'Yes.' }] }
    const [, , { body } = { body: {} }] = protocols
    const first = await send('/v1/messages', { body: { ...body, thinking: { type: 'adaptive' } } })
    const { content } = first.json as { content: { type: string; thinking?: string }[] }
    expect((await send('/v1/messages', { body: turn(content) })).status).toBe(200)
    // It is not the relay that judges of it.
    const forged = content.map((block) => ({
      ...block,
      ...(block.thinking && { thinking: 'No.' }),
    }))
    const refused = await send('/v1/messages', { body: turn(forged) })
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('signature')])
  })
})

describe('fields without a unified form', () => {
  const [chat, responses, messages] = protocols
  const sentBody = (): unknown => relay.upstream.at(-1)?.body

  test('that are named go to a provider of the same dialect, and to no other', async () => {
    const extra = { logit_bias: { '5': 1 } }
    await send('/v1/chat/completions', { body: { ...chat?.body, ...extra } })
    expect(sentBody()).toMatchObject(extra)
    const other = await send('/v1/chat/completions', {
      body: { ...chat?.body, ...extra, model: 'anthropic:m' },
    })
    expect([other.status, other.text]).toEqual([400, expect.stringContaining('logit_bias')])
    await send('/v1/messages', { body: { ...messages?.body, inference_geo: 'eu' } })
    expect(sentBody()).toMatchObject({ inference_geo: 'eu' })
    await send('/v1/responses', { body: { ...responses?.body, top_logprobs: 2 } })
    expect(sentBody()).toMatchObject({ top_logprobs: 2 })
    expect(relay.upstream).toHaveLength(3)
  })

  test.each<[string, object]>([
    ['/v1/chat/completions', { logprobs: true }],
    ['/v1/chat/completions', { models: ['another/model'] }],
    ['/v1/chat/completions', { provider: { order: ['x'] } }],
    ['/v1/chat/completions', { modalities: ['text', 'audio'] }],
    ['/v1/chat/completions', { tools: [{ type: 'custom', custom: { name: 'x' } }] }],
    ['/v1/chat/completions', { web_search_options: { search_context_size: 'low' } }],
    ['/v1/responses', { previous_response_id: 'resp_1' }],
    ['/v1/responses', { conversation: 'conv_1' }],
    ['/v1/responses', { background: true }],
    ['/v1/responses', { tools: [{ type: 'mcp', server_url: 'https://evil.test' }] }],
    ['/v1/responses', { include: ['file_search_call.results'] }],
    ['/v1/messages', { mcp_servers: [{ type: 'url', url: 'https://evil.test', name: 'x' }] }],
    ['/v1/messages', { container: 'container_1' }],
    ['/v1/messages', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
  ])('that would change the reply are refused: %s %j', async (path, extra) => {
    const { body } = protocols.find((one) => one.path === path) ?? {}
    const { status, text } = await send(path, { body: { ...body, ...extra } })
    expect(status).toBe(400)
    expect(text).toContain(Object.keys(extra)[0])
    expect(text).not.toMatch(/evil|another|resp_1|conv_1/)
    expect(relay.upstream).toEqual([])
  })

  test('are not repeated where their names may be anything', async () => {
    const name = 'sk-0123456789abcdefghij'
    const { status, text } = await send('/v1/chat/completions', {
      body: { ...chat?.body, [name]: 1 },
    })
    expect(status).toBe(400)
    expect(text).not.toContain(name)
  })

  test.each<[string, object]>([
    ['/v1/chat/completions', { user: 'u', metadata: { a: 'b' }, store: true, logprobs: false }],
    ['/v1/chat/completions', { prediction: null, modalities: ['text'], service_tier: 'auto' }],
    ['/v1/responses', { store: true, truncation: 'auto', text: { verbosity: 'low' } }],
    ['/v1/responses', { include: ['reasoning.encrypted_content'], parallel_tool_calls: true }],
    ['/v1/messages', { metadata: { user_id: 'u' }, service_tier: 'auto', speed: 'fast' }],
    ['/v1/messages', { cache_control: { type: 'ephemeral' }, thinking: { type: 'disabled' } }],
  ])('that are hints are left out: %s %j', async (path, extra) => {
    const { body } = protocols.find((one) => one.path === path) ?? {}
    expect((await send(path, { body: { ...body, ...extra } })).status).toBe(200)
    for (const field of ['user', 'metadata', 'service_tier', 'prediction', 'speed']) {
      expect(sentBody()).not.toHaveProperty(field)
    }
  })
})
