import { createGateway } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import type { RelayOptions } from '@ratatoskr/relay'
import * as cloudflare from '@ratatoskr/relay/cloudflare'

/** The Worker's secrets, variables and bindings. */
export interface Env {
  /** What a client must send as its key. Without it the Worker refuses everybody. */
  readonly CLIENT_KEY?: string
  readonly OPENROUTER_API_KEY?: string
  /** Another host of the format, up to and with its `/v1`. */
  readonly OPENROUTER_BASE_URL?: string
  /** A random text, with which the Worker knows again what it gave out. */
  readonly SIGNING_KEY: string
  readonly RELAY: cloudflare.ObjectNamespace
}

/** `fetch` is what the model is asked with. */
export const relayOptions = (env: Env, fetch?: typeof globalThis.fetch): RelayOptions => ({
  gateway: createGateway({
    providers: [
      openrouter({
        apiKey: env.OPENROUTER_API_KEY ?? '',
        ...(env.OPENROUTER_BASE_URL !== undefined && { baseURL: env.OPENROUTER_BASE_URL }),
        ...(fetch && { fetch }),
      }),
    ],
  }),
  authorize({ headers }) {
    const key = headers.get('x-api-key') ?? headers.get('authorization')?.replace('Bearer ', '')
    return env.CLIENT_KEY && key === env.CLIENT_KEY ? { id: 'my-app' } : undefined
  },
  models: ['anthropic/*', 'google/*', 'openai/*'],
  limits: { maxTokens: 8192, streams: 16, requestsPerMinute: 120 },
  signingKey: env.SIGNING_KEY,
  host: cloudflare.durableObjectHost(env.RELAY),
  limiter: cloudflare.durableObjectLimiter(env.RELAY),
  continuationStore: cloudflare.durableObjectContinuationStore(env.RELAY),
  log: (entry) => console.log(JSON.stringify(entry)),
})
