import type { Limiter } from '../server/limiter.ts'

/** A binding of Cloudflare's rate limits: `RateLimit`. */
export interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>
}

/**
 * Counts each caller's requests by Cloudflare's rate-limit binding, which knows its own limit and period (10 or 60 s) and
 * counts for each of Cloudflare's places apart: it is fast, costs nothing, and is not exact. The limits of the relay and of callers for
 * requests do not matter then.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/
 *
 * @param binding The binding.
 * @param streams Counts the replies that run, such as {@link durableObjectLimiter}. Default: nobody does.
 *
 * @example
 * ```ts
 * import { rateLimitBinding, type RateLimitBinding } from '@ratatoskr/relay/cloudflare'
 *
 * const limiterOf = (env: { LIMITER: RateLimitBinding }) => rateLimitBinding(env.LIMITER)
 * ```
 */
export function rateLimitBinding(
  binding: RateLimitBinding,
  streams?: Pick<Limiter, 'open' | 'close'>,
): Limiter {
  return {
    async request({ id }) {
      const { success } = await binding.limit({ key: id })
      return { allowed: success }
    },
    async open(who, stream) {
      return (await streams?.open(who, stream)) ?? { allowed: true }
    },
    async close(who, stream) {
      await streams?.close(who, stream)
    },
  }
}
