import type { Limiter } from './limiter.ts'
import { countRequest, forgetRequests, minute } from './minute-window.ts'

interface Counted {
  /** When the requests of the last minute came, the oldest first. */
  times: number[]
  streams: Set<string>
}

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
      return countRequest(counted(id).times, requestsPerMinute, Date.now())
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
  forgetRequests(one.times, now)
  return one
}
