import { createRelayCore } from '../server/relay-core.ts'
import type { RelayOptions } from '../server/relay-options.ts'
import { carryFailure } from './carried-failure.ts'
import { ContinuationObject } from './continuation-object.ts'
import { LimiterObject } from './limiter-object.ts'
import { oncePerEnv } from './once-per-env.ts'
import { hasTable, type ObjectPart, type ObjectState } from './platform.ts'
import { StreamObject } from './stream-object.ts'

/** A Durable Object of a relay. */
export interface RelayObject {
  fetch(request: Request): Promise<Response>
  alarm(): Promise<void>
}

/** A class of Durable Objects. */
export type RelayObjectClass<Env> = new (state: ObjectState, env: Env) => RelayObject

/**
 * Makes the class of a relay's Durable Objects: each is a reply of {@link durableObjectHost}, the limits of a caller of
 * {@link durableObjectLimiter}, or a continuation of {@link durableObjectContinuationStore}. It must be one with SQLite
 * (`new_sqlite_classes`), and be exported by the Worker.
 *
 * The options need a `signingKey`, or nothing can be asked for: code `configuration`.
 *
 * @param options The same function as that of {@link relayWorker}: it is in the object that a reply asks its provider.
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 * import type { RelayOptions } from '@ratatoskr/relay'
 * import { durableObjectHost, relayObject, type ObjectNamespace } from '@ratatoskr/relay/cloudflare'
 *
 * interface Env {
 *   KEY: string
 *   SIGNING_KEY: string
 *   RELAY: ObjectNamespace
 * }
 * const options = (env: Env): RelayOptions => ({
 *   gateway: createGateway({ providers: [openrouter({ apiKey: env.KEY })] }),
 *   authorize: () => undefined,
 *   signingKey: env.SIGNING_KEY,
 *   host: durableObjectHost(env.RELAY),
 * })
 * export class Relay extends relayObject(options) {}
 * ```
 */
export function relayObject<Env extends object>(
  options: (env: Env) => RelayOptions,
): RelayObjectClass<Env> {
  const coreOf = oncePerEnv(options, createRelayCore)

  return class implements RelayObject {
    readonly #state: ObjectState
    readonly #env: Env
    #part: ObjectPart | undefined

    constructor(state: ObjectState, env: Env) {
      this.#state = state
      this.#env = env
    }

    async fetch(request: Request): Promise<Response> {
      try {
        const message: unknown = await request.json()
        const [, kind = '', verb = ''] = new URL(request.url).pathname.split('/')
        this.#part ??= this.#make(kind)
        return await this.#part.answer(verb, message, request.signal)
      } catch (error) {
        return carryFailure(error)
      }
    }

    async alarm(): Promise<void> {
      const { sql } = this.#state.storage
      const kind = ['stream', 'limits', 'kept'].find((table) => hasTable(sql, table))
      if (!this.#part && kind === undefined) return
      this.#part ??= this.#make(kind ?? '')
      await this.#part.alarm()
    }

    #make(kind: string): ObjectPart {
      const { storage } = this.#state
      if (kind === 'stream') return new StreamObject(storage, coreOf(this.#env))
      if (kind === 'limits') return new LimiterObject(storage)
      if (kind === 'kept') return new ContinuationObject(storage)
      throw new TypeError('The object was asked for what it does not know.')
    }
  }
}
