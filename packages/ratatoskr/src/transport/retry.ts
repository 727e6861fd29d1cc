import { isRatatoskrError } from '../errors.ts'

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
  signal: AbortSignal,
): Promise<Value> {
  const {
    limit = 2,
    minDelay = 500,
    maxDelay = 8000,
    maxRetryAfter = 60_000,
  } = options || { limit: 0 }
  for (let tries = 0; ; tries += 1) {
    try {
      // Each attempt waits for the one before it.
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      const again = isRatatoskrError(error) && error.retryable && tries < limit
      if (!again || (error.retryAfter ?? 0) > maxRetryAfter) throw error
      const backoff = Math.min(maxDelay, minDelay * 2 ** tries) * (1 - Math.random() / 2)
      await sleep(error.retryAfter ?? backoff, signal)
    }
  }
}

function sleep(time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, time)
    signal.addEventListener('abort', abort, { once: true })
  })
}

/**
 * Milliseconds that a response asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a
 * date (RFC 9110, section 10.2.3).
 */
export function readRetryAfter(headers: Headers): number | undefined {
  const milliseconds = toNumber(headers.get('retry-after-ms'))
  if (milliseconds !== undefined) return milliseconds
  const value = headers.get('retry-after')
  const seconds = toNumber(value)
  if (seconds !== undefined) return seconds * 1000
  const date = Date.parse(value ?? '')
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

function toNumber(value: string | null): number | undefined {
  return value !== null && /^\s*\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined
}
