/** Who asks, as `authorize` tells it. Plain JSON. */
export interface Caller {
  /** Unique among all who ask: streams, limits and signatures belong to it. It stands in logs, so it must be no key. */
  id: string
  /** What this caller may ask for, within what the relay gives to anybody: names, or patterns with `*`. */
  models?: readonly string[]
  /** The most tokens that a reply may have; in place of the relay's own limit. */
  maxTokens?: number
  /** How many replies may come at once; in place of the relay's own limit. */
  streams?: number
  /** How many replies may be asked for in a minute; in place of the relay's own limit. */
  requestsPerMinute?: number
}
