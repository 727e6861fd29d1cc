import { createGateway, type Provider } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { bedrock } from 'ratatoskr/bedrock'
import { cohere } from 'ratatoskr/cohere'
import { google } from 'ratatoskr/google'
import { ollama } from 'ratatoskr/ollama'
import { openaiResponses } from 'ratatoskr/openai'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { openrouter } from 'ratatoskr/openrouter'
import { createRelay, type LogEntry, type RelayOptions } from '@ratatoskr/relay'
import { simulator, type SimulatorOptions } from '@ratatoskr/testkit'
import { serve as serveSimulated } from '@ratatoskr/testkit/node'
import { serve } from 'srvx/node'

/** The provider's own key, which no client may see. */
export const upstreamKey = 'sk-upstream-0123456789abcdef'

const providers: { readonly [dialect: string]: (url: string, name: string) => Provider } = {
  'openai-chat': (url, name) =>
    openaiCompatible({ name, baseURL: `${url}/v1`, apiKey: upstreamKey }),
  anthropic: (url, name) => anthropic({ name, baseURL: `${url}/v1`, apiKey: upstreamKey }),
  'openai-responses': (url, name) =>
    openaiResponses({ name, baseURL: `${url}/v1`, apiKey: upstreamKey }),
  gemini: (url, name) => google({ name, baseURL: `${url}/v1beta`, apiKey: upstreamKey }),
  ollama: (url, name) => ollama({ name, baseURL: url }),
  cohere: (url, name) => cohere({ name, baseURL: `${url}/v2`, apiKey: upstreamKey }),
  bedrock: (url, name) => bedrock({ name, region: 'us-east-1', baseURL: url, apiKey: upstreamKey }),
}

/** Speaks Chat Completions with reasoning that must come back. */
const router = (url: string): Provider =>
  openrouter({ baseURL: `${url}/api/v1`, apiKey: upstreamKey })

/** The providers of the relay are named after their dialects: `anthropic:some-model`. */
export const dialects: readonly string[] = Object.keys(providers)

/** A request that the provider has seen. */
export interface UpstreamRequest {
  path: string
  headers: Headers
  body: unknown
  /** Set when the relay has closed the connection before its end. */
  isClosed: boolean
}

/** A relay over real HTTP, in front of one provider for each dialect, over real HTTP as well. */
export interface HttpRelay {
  url: string
  /** What the providers do; may be changed between requests. */
  simulated: SimulatorOptions
  /** Answers in place of the simulator. */
  answer: ((body: unknown, headers: Headers) => Response) | undefined
  upstream: UpstreamRequest[]
  entries: LogEntry[]
  /** Forgets what was seen, and what was set. */
  reset(): void
  close(): Promise<void>
}

/** Whoever sends the key of somebody, in either header, is that caller. */
export const keyOf = (caller: string): string => `key-of-${caller}`

export async function startRelay(options: Partial<RelayOptions> = {}): Promise<HttpRelay> {
  const kit: HttpRelay = {
    url: '',
    simulated: {},
    answer: undefined,
    upstream: [],
    entries: [],
    reset() {
      kit.simulated = {}
      kit.answer = undefined
      kit.upstream.length = 0
      kit.entries.length = 0
    },
    async close() {
      await relayServer.close(true)
      await upstream.close()
    },
  }
  const upstream = await serveSimulated(async (request) => {
    const text = await request.clone().text()
    const { pathname: path } = new URL(request.url)
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    const seen = { path, headers: request.headers, body, isClosed: false }
    if (request.method === 'POST') kit.upstream.push(seen)
    request.signal.addEventListener('abort', () => {
      seen.isClosed = true
    })
    return kit.answer?.(body, request.headers) ?? simulator(kit.simulated)(request)
  })
  const relay = createRelay({
    gateway: createGateway({
      retry: false,
      providers: [
        ...Object.entries(providers).map(([name, make]) => make(upstream.url, name)),
        router(upstream.url),
      ],
    }),
    authorize({ headers }) {
      const sent = headers.get('x-api-key') ?? headers.get('authorization') ?? ''
      const [, id] = /^(?:Bearer )?key-of-(\w+)$/.exec(sent) ?? []
      return id === undefined ? undefined : { id }
    },
    limits: { requestsPerMinute: 10_000 },
    log: (entry) => kit.entries.push(entry),
    ...options,
  })
  const relayServer = serve({ fetch: relay, port: 0, hostname: '127.0.0.1', silent: true })
  await relayServer.ready()
  kit.url = relayServer.url?.replace(/\/$/, '') ?? ''
  return kit
}

/** Waits for something that another process' event loop brings about. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}
