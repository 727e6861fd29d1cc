/** Who is limited, and how far. */
export interface Limited {
  /** The caller's id. */
  id: string
  /** How many replies may come at once; undefined: any number. */
  streams?: number
  /** How many replies may be asked for in a minute; undefined: any number. */
  requestsPerMinute?: number
}

/** What a limiter says. */
export interface Verdict {
  allowed: boolean
  /** Milliseconds after which it may be allowed, where that is known. */
  retryAfter?: number
}

/**
 * Counts what each caller does. In memory by default, which counts for one process; Cloudflare's rate-limit binding and
 * Durable Objects count for all.
 */
export interface Limiter {
  /** Counts one request for a reply. */
  request(who: Limited): Promise<Verdict>
  /** One more reply begins; `stream` tells it from the others. */
  open(who: Limited, stream: string): Promise<Verdict>
  /** The reply is over. */
  close(who: Limited, stream: string): void | Promise<void>
}
