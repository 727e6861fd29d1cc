import type { Limiter } from './limiter.ts'

interface Counted {
  /** When the requests of the last minute came, the oldest first. */
  times: number[]
  streams: Set<string>
}

const minute = 60_000

/**
 * Counts in this process: requests in any sixty seconds, and replies that run. What it remembers of a caller is gone a
 * minute after the last request.
 *
 * @example
 * ```ts
 * import { memoryLimiter } from '@ratatoskr/relay'
 *
 * const limiter = memoryLimiter()
 * const ask = () => limiter.request({ id: 'someone', requestsPerMinute: 10 })
 * ```
 */
export function memoryLimiter(): Limiter {
  const callers = new Map<string, Counted>()
  let swept = Date.now()

  const counted = (id: string): Counted => {
    const now = Date.now()
    if (now - swept >= minute) {
      swept = now
      for (const [each, one] of callers) {
        if (forget(one, now).times.length === 0 && one.streams.size === 0) callers.delete(each)
      }
    }
    const one = callers.get(id) ?? { times: [], streams: new Set<string>() }
    callers.set(id, one)
    return forget(one, now)
  }

  return {
    async request({ id, requestsPerMinute }) {
      const { times } = counted(id)
      const now = Date.now()
      if (requestsPerMinute !== undefined && times.length >= requestsPerMinute) {
        // The request that must be forgotten before the next one fits.
        const blocking = times[times.length - requestsPerMinute]
        return { allowed: false, retryAfter: (blocking ?? now) + minute - now }
      }
      if (requestsPerMinute !== undefined) times.push(now)
      return { allowed: true }
    },
    async open({ id, streams: limit }, stream) {
      const { streams } = counted(id)
      if (limit !== undefined && !streams.has(stream) && streams.size >= limit) {
        return { allowed: false }
      }
      streams.add(stream)
      return { allowed: true }
    },
    close({ id }, stream) {
      callers.get(id)?.streams.delete(stream)
    },
  }
}

function forget(one: Counted, now: number): Counted {
  const recent = one.times.findIndex((time) => time > now - minute)
  if (recent !== 0) one.times.splice(0, recent === -1 ? one.times.length : recent)
  return one
}
