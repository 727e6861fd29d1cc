import { isRatatoskrError } from '../errors.ts'
import { within } from './within.ts'

/** How often and how patiently a request is tried again before its first event. */
export interface RetryOptions {
  /** Tries after the first. Default: 2. */
  limit?: number
  /** Milliseconds before the first of them; doubled each time, less a random part. Default: 500. */
  minDelay?: number
  /** Milliseconds, the longest such wait. Default: 8,000. */
  maxDelay?: number
  /** Milliseconds: where the provider asks for a longer wait, the error is given at once. Default: 60,000. */
  maxRetryAfter?: number
}

/**
 * Runs an attempt until it succeeds, fails for good, or has been tried often enough. Only errors
 * whose `retryable` is true are tried again, after as long as the provider asks for.
 */
export async function retry<Value>(
  attempt: () => Promise<Value>,
  options: RetryOptions | false,
  signal?: AbortSignal,
): Promise<Value> {
  const {
    limit = 2,
    minDelay = 500,
    maxDelay = 8000,
    maxRetryAfter = 60_000,
  } = options || { limit: 0 }
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      signal?.throwIfAborted()
      const again = isRatatoskrError(error) && error.retryable && tries < limit
      const backoff = Math.min(maxDelay, minDelay * 2 ** tries) * (1 - Math.random() / 2)
      if (!again || (error.retryAfter ?? 0) > maxRetryAfter) throw error
      const wait = error.retryAfter ?? backoff
      await within(new Promise<void>(() => {}), wait || 1, () => {}, signal)
    }
  }
}

/**
 * Milliseconds that a response asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a
 * date (RFC 9110, section 10.2.3).
 */
export function readRetryAfter(headers: Headers): number | undefined {
  const get = (name: string): string => headers.get(name) ?? ''
  const wait = get('retry-after')
  return [
    parseFloat(get('retry-after-ms')),
    parseFloat(wait) * 1000,
    Math.max(0, Date.parse(wait) - Date.now()),
  ].find((time) => time >= 0)
}
