import { boolean, exactOptional, is, number, object } from 'valibot'
import type { Limited, Limiter, Verdict } from '../server/limiter.ts'
import { askObject } from './ask-object.ts'
import { checkMilliseconds } from './check-milliseconds.ts'
import type { ObjectNamespace } from './platform.ts'

/** What {@link durableObjectLimiter} can be told. */
export interface DurableObjectLimiterOptions {
  /**
   * Milliseconds after which a reply no longer counts, also when nobody said that it is over: its machine may
   * have gone. Default: 900,000, a quarter of an hour.
   */
  leaseMs?: number
}

const verdict = object({ allowed: boolean(), retryAfter: exactOptional(number()) })

/**
 * Counts each caller's requests and running replies in a Durable Object, for all machines together. A reply asks it three
 * times; where only requests per minute matter, {@link rateLimitBinding} costs nothing. Throws with code
 * `configuration` for a `leaseMs` that is none.
 *
 * @param namespace The binding of a class of {@link relayObject}; the same as that of the replies will do.
 *
 * @example
 * ```ts
 * import { durableObjectLimiter, type ObjectNamespace } from '@ratatoskr/relay/cloudflare'
 *
 * const limiterOf = (env: { RELAY: ObjectNamespace }) => durableObjectLimiter(env.RELAY)
 * ```
 */
export function durableObjectLimiter(
  namespace: ObjectNamespace,
  { leaseMs = 900_000 }: DurableObjectLimiterOptions = {},
): Limiter {
  checkMilliseconds('leaseMs', leaseMs)
  const ask = async (verb: string, { id }: Limited, message: object): Promise<Verdict> => {
    const response = await askObject(namespace, `limits ${id}`, `limits/${verb}`, message)
    const said: unknown = await response.json()
    if (!is(verdict, said)) throw new TypeError('The limiter gave no verdict.')
    return said
  }
  return {
    async request(who) {
      const { requestsPerMinute } = who
      if (requestsPerMinute === undefined) return { allowed: true }
      return ask('request', who, { requestsPerMinute })
    },
    async open(who, stream) {
      const { streams } = who
      if (streams === undefined) return { allowed: true }
      return ask('open', who, { streams, stream, leaseMs })
    },
    async close(who, stream) {
      if (who.streams !== undefined) await ask('close', who, { stream })
    },
  }
}
