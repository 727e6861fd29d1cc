import type { Verdict } from './limiter.ts'

/** Milliseconds. */
export const minute = 60_000

/** Counts one more request among the times of the last, the oldest first, which it changes. */
export function countRequest(times: number[], limit: number | undefined, now: number): Verdict {
  if (limit === undefined) return { allowed: true }
  forgetRequests(times, now)
  if (times.length >= limit) {
    // The request that must be forgotten before the next one fits.
    const blocking = times[times.length - limit]
    return { allowed: false, retryAfter: (blocking ?? now) + minute - now }
  }
  times.push(now)
  return { allowed: true }
}

/** Removes those that are older than a minute. */
export function forgetRequests(times: number[], now: number): void {
  const recent = times.findIndex((time) => time > now - minute)
  if (recent !== 0) times.splice(0, recent === -1 ? times.length : recent)
}
