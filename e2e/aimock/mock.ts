// aimock on 127.0.0.1, and the providers that reach it in each of its formats.
import { subscribe } from 'node:diagnostics_channel'
import type { Server } from 'node:http'
import { LLMock, type FixtureFileResponse, type FixtureOpts } from '@copilotkit/aimock'
import {
  createGateway,
  isRatatoskrError,
  user,
  type ChatEvent,
  type ChatOptions,
  type ChatStream,
  type Gateway,
  type GatewayOptions,
  type Provider,
  type RatatoskrError,
} from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { openai } from 'ratatoskr/openai'
import { azureOpenAI, openaiCompatible, type ProviderOptions } from 'ratatoskr/openai-compatible'
import { openrouter } from 'ratatoskr/openrouter'
import { afterEach, beforeEach } from 'vitest'
import { anthropicWire, openaiWire, type Wire } from './wire.ts'

/** The one key that aimock takes: a request without it, or with another, is a 401. */
export const key = 'sk-aimock-0123456789'

/** One way to reach aimock. */
export interface Format {
  readonly name: string
  readonly model: string
  /** Path and query of its requests. */
  readonly path: string
  /** The header that carries the key. */
  readonly keyHeader: string
  /** What it asks of the stream, so that usage comes; OpenRouter sends it unasked. */
  readonly streamOptions: { readonly [option: string]: boolean } | undefined
  readonly wire: Wire
  /** The ids of replies that aimock makes up. */
  readonly replyId: RegExp
  provider(url: string, options?: Partial<Pick<ProviderOptions, 'apiKey' | 'fetch'>>): Provider
}

const streamOptions = { include_usage: true, include_obfuscation: false }
const chat = { wire: openaiWire, replyId: /^chatcmpl-./ }
const deployment = 'gpt-5 mini'

export const openRouterFormat: Format = {
  name: 'openrouter',
  model: 'anthropic/claude-sonnet-4.5',
  path: '/api/v1/chat/completions',
  keyHeader: 'authorization',
  streamOptions: undefined,
  wire: openaiWire,
  replyId: /^gen-./,
  provider: (url, options) => openrouter({ apiKey: key, ...options, baseURL: `${url}/api/v1` }),
}

export const anthropicFormat: Format = {
  name: 'anthropic',
  model: 'claude-sonnet-4-5',
  path: '/v1/messages',
  keyHeader: 'x-api-key',
  streamOptions: undefined,
  wire: anthropicWire,
  replyId: /^msg_./,
  provider: (url, options) => anthropic({ apiKey: key, ...options, baseURL: `${url}/v1` }),
}

export const formats: readonly Format[] = [
  {
    name: 'openai',
    model: 'gpt-5-mini',
    path: '/v1/chat/completions',
    keyHeader: 'authorization',
    streamOptions,
    ...chat,
    provider: (url, options) => openai({ apiKey: key, ...options, baseURL: `${url}/v1` }),
  },
  openRouterFormat,
  anthropicFormat,
  {
    name: 'azure',
    model: 'gpt-5-mini',
    path: '/openai/v1/chat/completions',
    keyHeader: 'api-key',
    streamOptions,
    ...chat,
    provider: (url, options) => azureOpenAI({ apiKey: key, ...options, baseURL: url }),
  },
  {
    name: 'azure with an apiVersion',
    model: deployment,
    path: '/openai/deployments/gpt-5%20mini/chat/completions?api-version=2024-10-21',
    keyHeader: 'api-key',
    streamOptions,
    ...chat,
    provider: (url, options) =>
      azureOpenAI({ apiKey: key, ...options, baseURL: `${url}/`, apiVersion: '2024-10-21' }),
  },
  {
    name: 'openai-compatible',
    model: 'some-model',
    path: '/some/host/chat/completions',
    keyHeader: 'authorization',
    streamOptions: { include_usage: true },
    ...chat,
    provider: (url, options) =>
      openaiCompatible({
        name: 'some-host',
        apiKey: key,
        ...options,
        baseURL: `${url}/some/host/`,
      }),
  },
]

/** What aimock counts, and what the library makes of it. */
export const counts = {
  usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  event: { type: 'usage', usage: { promptTokens: 11, completionTokens: 7, totalTokens: 18 } },
} as const satisfies { usage: object; event: ChatEvent }

// aimock stops when the last connection does, and a client may keep one for seconds: its server can end them.
const servers = new Set<Server>()
subscribe('http.server.request.start', (message) => {
  servers.add((message as { server: Server }).server)
})

/** A fresh aimock for each test of the file, on a port of its own. */
export class Mock {
  #mock: LLMock | undefined

  static forEachTest(): Mock {
    const mock = new Mock()
    beforeEach(async () => {
      mock.#mock = new LLMock({ port: 0, metrics: true, auth: { apiKeys: [key] } })
      await mock.#mock.start()
    })
    afterEach(async () => {
      const stopped = mock.llm.stop()
      for (const server of servers) server.closeAllConnections()
      servers.clear()
      await stopped
    })
    return mock
  }

  get llm(): LLMock {
    if (this.#mock === undefined) throw new Error('aimock has not been started')
    return this.#mock
  }

  /** How often it has been asked: it tells of a request as soon as it begins to answer. */
  get requests(): number {
    return this.llm.getRequests().length
  }

  /** Answers every request in this way. */
  answer(response: FixtureFileResponse, options?: FixtureOpts): void {
    this.llm.clearFixtures().on({}, response, options)
  }

  /** Answers the first request in one way, and those after it in another. */
  answerFirst(
    [first, options]: readonly [FixtureFileResponse, FixtureOpts?],
    then: FixtureFileResponse,
    thenOptions?: FixtureOpts,
  ): void {
    this.llm.clearFixtures().on({ sequenceIndex: 0 }, first, options).on({}, then, thenOptions)
  }

  /** A gateway to it, whose retries do not wait. */
  gateway(format: Format, options: Partial<GatewayOptions> = {}): Gateway {
    return createGateway({
      providers: [format.provider(this.llm.url)],
      retry: { minDelay: 1, maxDelay: 1 },
      ...options,
    })
  }

  ask(
    format: Format,
    options: Partial<ChatOptions> = {},
    gateway: Gateway = this.gateway(format),
  ): Promise<ChatStream> {
    return gateway.chatStream([user('Hello')], { model: format.model, ...options })
  }

  /** The body of the last request, as aimock has understood it. */
  get lastBody(): { readonly [field: string]: unknown } {
    return { ...this.llm.getLastRequest()?.body }
  }

  /** Resolves when aimock has seen this many requests. */
  requested(count = 1): Promise<void> {
    return until(() => this.requests >= count, `${count} requests`)
  }

  /** Resolves when aimock has seen that the client closed a connection before the reply's end. */
  async abandoned(): Promise<void> {
    await until(async () => {
      const metrics = await fetch(`${this.llm.url}/metrics`)
      return /^aimock_requests_total\{.*status="destroyed"\} 1$/m.test(await metrics.text())
    }, 'a closed connection')
  }
}

/** Resolves when something holds. Works in virtual time too. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what = 'something',
): Promise<void> {
  const end = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`There is no ${what}`)
    await breathe()
  }
}

/** Lets the sockets have their turn. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

export async function eventsOf(stream: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
  const events: ChatEvent[] = []
  for await (const event of stream) events.push(event)
  return events
}

/** The error of the library with which a promise rejects. */
export async function failure(promise: Promise<unknown>): Promise<RatatoskrError> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    if (isRatatoskrError(error)) return error
    throw error
  }
  throw new Error(`Nothing failed: ${JSON.stringify(value)}`)
}

/** The JSON of a request, where a test stands between the library and its server. */
export function bodyOf({ body }: RequestInit): { readonly [field: string]: unknown } {
  if (typeof body !== 'string') throw new Error('The body of the request is no text')
  return JSON.parse(body) as { [field: string]: unknown }
}
