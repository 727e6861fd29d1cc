import { createRelay, type RequestContext } from '../create-relay.ts'
import type { RelayOptions } from '../server/relay-options.ts'
import { oncePerEnv } from './once-per-env.ts'

/** A Worker's `export default`. */
export interface RelayWorker<Env> {
  fetch(request: Request, env: Env, context: RequestContext): Promise<Response>
}

/**
 * Makes a Worker of a relay: its `export default`. The relay is made once for each isolate, with the first request.
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 * import type { RelayOptions } from '@ratatoskr/relay'
 * import { relayWorker } from '@ratatoskr/relay/cloudflare'
 *
 * const options = (env: { KEY: string; SIGNING_KEY: string }): RelayOptions => ({
 *   gateway: createGateway({ providers: [openrouter({ apiKey: env.KEY })] }),
 *   authorize: () => undefined,
 *   signingKey: env.SIGNING_KEY,
 * })
 * export default relayWorker(options)
 * ```
 */
export function relayWorker<Env extends object>(
  options: (env: Env) => RelayOptions,
): RelayWorker<Env> {
  const relayOf = oncePerEnv(options, createRelay)
  return { fetch: async (request, env, context) => relayOf(env)(request, context) }
}
