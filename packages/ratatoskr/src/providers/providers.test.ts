import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { caught, shown } from '../../test/caught.ts'
import { recordingFetch, type FetchCall } from '../../test/recording-fetch.ts'
import { content, finish, TestServer } from '../../test/server.ts'
import { isRatatoskrError } from '../errors.ts'
import { user } from '../message.ts'
import type { ChatOptions } from '../options.ts'
import type { ChatEventSource, Provider } from '../provider.ts'
import type { ApiKey, LocalProviderOptions, ProviderOptions } from './openai-compatible.ts'
import * as compatible from './openai-compatible.ts'
import { openai } from './openai.ts'
import { openrouter } from './openrouter.ts'

const apiKey = 'sk-0123456789'

function open(provider: Provider, options: Partial<ChatOptions> = {}): Promise<ChatEventSource> {
  const request = { model: 'm', messages: [user('Hello')], options: { model: 'm', ...options } }
  return provider.open(request, {
    signal: new AbortController().signal,
    timeouts: { headers: 60_000, firstEvent: false, idle: false },
    callId: (index) => `call_${index}`,
  })
}

/** Reads a reply to its end. */
async function readAll(provider: Provider): Promise<void> {
  const source = await open(provider)
  while (await source.read(() => {}));
}

/** The one call that a provider makes for a request. */
async function callOf(
  make: (fetch: ProviderOptions['fetch'] & {}) => Provider,
  options: Partial<ChatOptions> = {},
): Promise<FetchCall> {
  const { fetch, calls } = recordingFetch()
  await open(make(fetch), options)
  const [call] = calls
  if (call === undefined || calls.length !== 1) throw new Error(`${calls.length} calls`)
  return call
}

type WithKey = (options: ProviderOptions) => Provider
type WithoutKey = (options?: LocalProviderOptions) => Provider

const azure: WithKey = (options) =>
  compatible.azureOpenAI({ baseURL: 'https://mine.openai.azure.com', ...options })

const withKey: [name: string, make: WithKey, url: string][] = [
  ['openai', openai, 'https://api.openai.com/v1/chat/completions'],
  ['openrouter', openrouter, 'https://openrouter.ai/api/v1/chat/completions'],
  ['azure', azure, 'https://mine.openai.azure.com/openai/v1/chat/completions'],
  ['groq', compatible.groq, 'https://api.groq.com/openai/v1/chat/completions'],
  ['deepseek', compatible.deepseek, 'https://api.deepseek.com/chat/completions'],
  ['mistral', compatible.mistral, 'https://api.mistral.ai/v1/chat/completions'],
  ['xai', compatible.xai, 'https://api.x.ai/v1/chat/completions'],
  ['together', compatible.together, 'https://api.together.xyz/v1/chat/completions'],
  ['fireworks', compatible.fireworks, 'https://api.fireworks.ai/inference/v1/chat/completions'],
  ['cerebras', compatible.cerebras, 'https://api.cerebras.ai/v1/chat/completions'],
  ['perplexity', compatible.perplexity, 'https://api.perplexity.ai/chat/completions'],
  ['huggingface', compatible.huggingface, 'https://router.huggingface.co/v1/chat/completions'],
  ['nvidia', compatible.nvidia, 'https://integrate.api.nvidia.com/v1/chat/completions'],
]
const withoutKey: [name: string, make: WithoutKey, url: string][] = [
  ['lmstudio', compatible.lmstudio, 'http://localhost:1234/v1/chat/completions'],
  ['vllm', compatible.vllm, 'http://localhost:8000/v1/chat/completions'],
  ['llamacpp', compatible.llamacpp, 'http://localhost:8080/v1/chat/completions'],
  ['ollama', compatible.ollamaCompatible, 'http://localhost:11434/v1/chat/completions'],
]
const all: [name: string, make: WithKey][] = [
  ...withKey.map(([name, make]): [string, WithKey] => [name, make]),
  ...withoutKey.map(([name, make]): [string, WithKey] => [name, make]),
  [
    'mine',
    (options) =>
      compatible.openaiCompatible({ name: 'mine', baseURL: 'http://a.example', ...options }),
  ],
]

describe('where and how a provider connects', () => {
  test.each(withKey)('%s posts with its key and no more', async (name, make, url) => {
    const call = await callOf((fetch) => make({ apiKey, fetch }))
    expect(call.url).toBe(url)
    expect(call.method).toBe('POST')
    const keyHeader =
      name === 'azure' ? { 'api-key': apiKey } : { authorization: `Bearer ${apiKey}` }
    expect(call.headers).toStrictEqual({ 'content-type': 'application/json', ...keyHeader })
    expect(call.body).toMatchObject({ model: 'm', stream: true })
    expect(make({ apiKey }).name).toBe(name)
  })

  test.each(withoutKey)('%s posts without a key, or with one', async (name, make, url) => {
    const call = await callOf((fetch) => make({ fetch }))
    expect(call.url).toBe(url)
    expect(call.method).toBe('POST')
    expect(call.headers).toStrictEqual({ 'content-type': 'application/json' })
    const secured = await callOf((fetch) => make({ apiKey, fetch }))
    expect(secured.headers).toStrictEqual({
      'content-type': 'application/json',
      authorization: `Bearer ${apiKey}`,
    })
    expect(make().name).toBe(name)
  })

  test('a server of one’s own, without a key', async () => {
    const call = await callOf((fetch) =>
      compatible.openaiCompatible({ name: 'mine', baseURL: 'https://a.example/v1', fetch }),
    )
    expect(call.url).toBe('https://a.example/v1/chat/completions')
    expect(call.headers).toStrictEqual({ 'content-type': 'application/json' })
  })

  test('a server of one’s own, with its own key header, address and profile', async () => {
    const call = await callOf(
      (fetch) =>
        compatible.openaiCompatible({
          name: 'mine',
          baseURL: 'https://a.example/',
          apiKey,
          keyHeader: 'x-key',
          path: ({ model }) => `/models/${model}`,
          profile: { seedField: 'random_seed' },
          fetch,
        }),
      { seed: 3 },
    )
    expect(call.url).toBe('https://a.example/models/m')
    expect(call.headers).toStrictEqual({ 'content-type': 'application/json', 'x-key': apiKey })
    expect(call.body).toMatchObject({ random_seed: 3 })
  })

  test('Azure with a version of its interface has an address for each deployment', async () => {
    const call = await callOf((fetch) =>
      compatible.azureOpenAI({
        baseURL: 'https://mine.openai.azure.com/',
        apiVersion: '2024-10-21 &x',
        apiKey,
        fetch: (url, init) => fetch(url, init),
      }),
    )
    expect(call.url).toBe(
      'https://mine.openai.azure.com/openai/deployments/m/chat/completions?api-version=2024-10-21%20%26x',
    )
    expect(call.headers).toStrictEqual({ 'content-type': 'application/json', 'api-key': apiKey })
  })

  test('Azure escapes the deployment’s name', async () => {
    const { fetch, calls } = recordingFetch()
    const provider = compatible.azureOpenAI({
      baseURL: 'https://a.example',
      apiVersion: 'v',
      apiKey,
      fetch,
    })
    const model = '../x?y'
    const request = { model, messages: [user('Hello')], options: { model } }
    await provider.open(request, {
      signal: new AbortController().signal,
      timeouts: { headers: false, firstEvent: false, idle: false },
      callId: String,
    })
    expect(calls[0]?.url).toContain('/deployments/..%2Fx%3Fy/chat/')
  })

  test('OpenAI names the organization and the project', async () => {
    const call = await callOf((fetch) =>
      openai({ apiKey, fetch, organization: 'org-1', project: 'proj-1' }),
    )
    expect(call.headers).toStrictEqual({
      'content-type': 'application/json',
      authorization: `Bearer ${apiKey}`,
      'openai-organization': 'org-1',
      'openai-project': 'proj-1',
    })
  })

  test.each(all)(
    '%s goes to another address, with or without slashes at its end',
    async (_, make) => {
      for (const slashes of ['', '/', '//']) {
        const baseURL = `https://proxy.example/base${slashes}`
        const { url } = await callOf((fetch) => make({ apiKey, fetch, baseURL }))
        expect(url).toMatch(/^https:\/\/proxy\.example\/base\/[a-z]/)
      }
    },
  )

  test.each(all)('%s has another name on request, also in its errors', async (_, make) => {
    const { fetch } = recordingFetch(() => new Response('no', { status: 500 }))
    const provider = make({ apiKey, fetch, name: 'second' })
    expect(provider.name).toBe('second')
    const error = await caught(open(provider))
    expect(error.provider).toBe('second')
    expect(error.message).toContain('second')
  })

  test.each(all)('%s sends the caller’s headers, which win over its own', async (name, make) => {
    const own = name === 'azure' ? 'api-key' : 'authorization'
    const headers = { 'x-title': 'A squirrel', [own]: 'other', 'content-type': 'application/x' }
    const call = await callOf((fetch) => make({ apiKey, fetch, headers }))
    expect(call.headers).toStrictEqual(headers)
  })

  test('the caller’s headers win however they are spelt', async () => {
    const headers = { Authorization: 'Basic b3RoZXI=', 'Content-Type': 'application/json' }
    const call = await callOf((fetch) => openrouter({ apiKey, fetch, headers }))
    const sent = new Headers(call.headers)
    expect(sent.get('authorization')).toBe('Basic b3RoZXI=')
    expect(sent.get('content-type')).toBe('application/json')
  })

  test('the platform’s fetch is used as it is at the time of the request', async () => {
    const provider = openrouter({ apiKey })
    const { fetch, calls } = recordingFetch()
    vi.stubGlobal('fetch', fetch)
    try {
      await open(provider)
    } finally {
      vi.unstubAllGlobals()
    }
    expect(calls).toHaveLength(1)
  })

  test('a provider says which models are its own', () => {
    const accepts = (provider: Provider, ...models: string[]): boolean[] =>
      models.map((model) => provider.accepts(model))
    expect(accepts(openrouter({ apiKey }), 'a/b', 'a')).toEqual([true, false])
    expect(
      accepts(openai({ apiKey }), 'gpt-5', 'chatgpt-4o', 'o3', 'ft:gpt', 'opus', 'claude-4'),
    ).toEqual([true, true, true, true, false, false])
    expect(accepts(compatible.groq({ apiKey }), 'anything')).toEqual([true])
  })
})

describe('over real HTTP', () => {
  const server = new TestServer()
  beforeEach(() => server.start())
  afterEach(() => server.stop())

  // What Node's fetch adds by itself.
  const platform =
    /^(host|connection|accept|accept-language|accept-encoding|sec-fetch-mode|user-agent|content-length|transfer-encoding)$/

  test.each(all)('%s is heard by a server', async (name, make) => {
    server.script((exchange) => {
      exchange.stream(content('Hi'), finish(), '[DONE]')
    })
    await readAll(make({ apiKey, baseURL: server.url }))
    const [exchange] = server.exchanges
    expect(server.exchanges).toHaveLength(1)
    expect(exchange?.method).toBe('POST')
    expect(exchange?.path).toBe(
      name === 'azure' ? '/openai/v1/chat/completions' : '/chat/completions',
    )
    const sent = Object.keys(exchange?.headers ?? {}).filter((header) => !platform.test(header))
    expect(sent.toSorted()).toEqual(
      [name === 'azure' ? 'api-key' : 'authorization', 'content-type'].toSorted(),
    )
    expect(exchange?.body['messages']).toEqual([{ role: 'user', content: 'Hello' }])
  })
})

describe('a key', () => {
  test.each<[string, () => string | Promise<string>]>([
    ['a function', () => apiKey],
    ['an async function', () => Promise.resolve(apiKey)],
  ])('may be %s, asked for each request', async (_name, source) => {
    const asked = vi.fn(source)
    const { fetch, calls } = recordingFetch()
    const provider = openrouter({ apiKey: asked, fetch })
    expect(asked).not.toHaveBeenCalled()
    await open(provider)
    await open(provider)
    expect(asked).toHaveBeenCalledTimes(2)
    expect(calls[1]?.headers['authorization']).toBe(`Bearer ${apiKey}`)
  })

  test('that cannot be fetched fails the request with the caller’s own error', async () => {
    const failure = new Error('the vault is closed')
    const { fetch, calls } = recordingFetch()
    const provider = openrouter({ apiKey: () => Promise.reject(failure), fetch })
    await expect(open(provider)).rejects.toBe(failure)
    expect(calls).toHaveLength(0)
  })

  const bad = [
    '',
    ' ',
    'sk-secret\n',
    ' sk-secret',
    'sk-secret key',
    'sk-secrét',
    'sk-secret\u2026',
    '\0',
    // Not even in JSON do they go as they are.
    'sk-"secret',
    'sk-\\secret',
  ]

  test.each(all)('that no header can carry is refused when %s is set up', async (name, make) => {
    for (const key of bad) {
      const error = await caught(() => make({ apiKey: key }))
      expect(error.code, JSON.stringify(key)).toBe('configuration')
      expect(error.message).toContain(name)
      expect(error.message).toContain('apiKey')
      expect(error.message).not.toContain('secr')
    }
  })

  test.each(all)(
    'from a function that no header can carry is refused by %s',
    async (name, make) => {
      for (const key of [...bad, undefined, null, 7]) {
        const { fetch, calls } = recordingFetch()
        const provider = make({ apiKey: (() => key) as ApiKey, fetch })
        const error = await caught(open(provider))
        expect(error.code).toBe('configuration')
        expect(error.message).toContain(name)
        expect(error.message).not.toContain('secr')
        expect(calls).toHaveLength(0)
      }
    },
  )

  test.each(withKey)('that is missing is refused when %s is set up', async (name, make) => {
    // An environment variable that is not set.
    for (const options of [{}, { apiKey: undefined }]) {
      const error = await caught(() => make(options as unknown as ProviderOptions))
      expect(error.code).toBe('configuration')
      expect(error.message).toContain(name)
      expect(error.message).toContain('apiKey')
    }
  })
})

describe('an address', () => {
  const bad = ['', 'api.example.com', 'ftp://a.example', 'https://', 'http:///x', '/v1', null]

  test.each(all)('that is none is refused when %s is set up', async (name, make) => {
    for (const baseURL of bad) {
      const error = await caught(() => make({ apiKey, baseURL: baseURL as string }))
      expect(error.code, String(baseURL)).toBe('configuration')
      expect(error.message).toContain(name)
      expect(error.message).toMatch(/baseURL.*http/)
    }
  })
})

test('an address that is an object is used, or refused with a sentence', async () => {
  const baseURL = new URL('https://a.example/v1') as unknown as string
  try {
    const call = await callOf((fetch) => openrouter({ apiKey, fetch, baseURL }))
    expect(call.url).toBe('https://a.example/v1/chat/completions')
  } catch (error) {
    expect(error).toMatchObject({ code: 'configuration' })
  }
})

describe('a key never stands in an error', () => {
  const stream = { 'content-type': 'text/event-stream' }
  const json = { 'content-type': 'application/json' }
  const error = (key: string): object => ({
    error: { message: `Incorrect API key provided: ${key}. Find yours.`, code: 'invalid_api_key' },
  })
  const frame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

  const answers: [where: string, answer: (key: string) => Response][] = [
    ['a JSON error', (key) => Response.json(error(key), { status: 401 })],
    ['a text', (key) => new Response(`Bad key ${key}!`, { status: 403 })],
    [
      'a page with status 200',
      (key) => new Response(`<p>${key}</p>`, { headers: { 'content-type': 'text/html' } }),
    ],
    [
      'a JSON error with status 200',
      (key) => new Response(JSON.stringify(error(key)), { headers: json }),
    ],
    ['an error as the first event', (key) => new Response(frame(error(key)), { headers: stream })],
    [
      'an error in the middle of the reply',
      (key) => new Response(frame(content('Hi')) + frame(error(key)), { headers: stream }),
    ],
    [
      'an error outside of any event',
      (key) => new Response(JSON.stringify(error(key)), { headers: stream }),
    ],
    ['a text instead of events', (key) => new Response(`Bad key ${key}`, { headers: stream })],
    ['JSON of another kind', (key) => new Response(JSON.stringify([key]), { headers: json })],
  ]

  async function expectHidden(provider: Provider, key: string): Promise<void> {
    const failure = await caught(readAll(provider))
    expect(shown(failure)).not.toContain(key)
    // Also where somebody reads the body as the JSON that it is.
    const body = failure.body ?? ''
    try {
      expect(JSON.stringify(JSON.parse(body))).not.toContain(JSON.stringify(key).slice(1, -1))
    } catch (unparsed) {
      if (!(unparsed instanceof SyntaxError)) throw unparsed
    }
    const { cause } = failure
    if (isRatatoskrError(cause)) expect(shown(cause)).not.toContain(key)
  }

  async function hides(
    key: fc.Arbitrary<string>,
    answer: (key: string) => Response,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(key, fc.constantFrom(openrouter, azure), async (secret, make) => {
        const { fetch } = recordingFetch(() => answer(secret))
        await expectHidden(make({ apiKey: secret, fetch }), secret)
      }),
      { numRuns: 30 },
    )
  }

  test.each(answers)('where the server echoes it in %s', async (_where, answer) => {
    await hides(fc.stringMatching(/^[A-Za-z0-9_-]{8,60}$/), answer)
  })

  test.each(answers)('with characters that JSON escapes, in %s', async (_where, answer) => {
    await hides(fc.stringMatching(/^[!#-[\]-~]{3}[/+<&][!#-[\]-~]{8,60}$/), answer)
  })

  test('where the server escapes a slash or a plus, as PHP and .NET do', async () => {
    const secret = 'abc/defg+hij=='
    const text = JSON.stringify(error(secret)).replaceAll('/', '\\/').replaceAll('+', '\\u002B')
    const { fetch } = recordingFetch(() => new Response(text, { status: 401, headers: json }))
    await expectHidden(openrouter({ apiKey: secret, fetch }), secret)
  })

  test.each([
    ['of the body', 16_384, (text: string) => new Response(text, { status: 401 })],
    [
      'of the message',
      4096,
      (text: string) => Response.json({ error: { message: text } }, { status: 401 }),
    ],
    [
      'of what came instead of events',
      16_384,
      (text: string) => new Response(`: ${text}`, { headers: stream }),
    ],
  ])('where the end %s cuts it in two', async (_name, limit, answer) => {
    const secret = 'sk-0123456789-abcdefghij-0123456789'
    for (const before of [secret.length - 1, 20]) {
      const { fetch } = recordingFetch(() =>
        answer(`${'x'.repeat(limit - before)}${secret} and more`),
      )
      const failure = await caught(readAll(openrouter({ apiKey: secret, fetch })))
      const told = `${failure.body} ${failure.providerMessage}`
      expect(told).toContain('xxxx')
      expect(told).not.toContain(secret.slice(0, 12))
    }
  })

  test('where it came from a function', async () => {
    const { fetch } = recordingFetch(() => Response.json(error(apiKey), { status: 401 }))
    await expectHidden(openrouter({ apiKey: () => Promise.resolve(apiKey), fetch }), apiKey)
  })

  test('nor does one that stands in a header of the caller’s own', async () => {
    const secret = 'secret-of-a-proxy'
    const { fetch } = recordingFetch(() => Response.json(error(secret), { status: 401 }))
    const headers = { 'cf-aig-authorization': `Bearer ${secret}` }
    await expectHidden(openrouter({ apiKey, fetch, headers }), secret)
  })

  test('but what else stands in the headers may', async () => {
    const says = 'Content-Type must be application/json'
    const { fetch } = recordingFetch(() => new Response(says, { status: 400 }))
    const failure = await caught(open(openrouter({ apiKey, fetch })))
    expect(failure.body).toBe(says)
  })

  test('but what the server says around it does', async () => {
    const { fetch } = recordingFetch(() => Response.json(error(apiKey), { status: 401 }))
    const failure = await caught(open(openrouter({ apiKey, fetch })))
    expect(failure.code).toBe('authentication')
    expect(failure.providerMessage).toMatch(/^Incorrect API key provided: .* Find yours\.$/)
  })
})
