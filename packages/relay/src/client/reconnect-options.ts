import { RatatoskrError } from 'ratatoskr'

/** How a reply is followed over lost connections. Times are milliseconds. */
export interface ReconnectOptions {
  /** Tries until the next event comes, after which they count anew. Default: 8. */
  limit?: number
  /** Before the first try; doubled each time, less a random part. Default: 250. */
  minDelay?: number
  /** The longest such wait, and how long each try waits for an offline browser to be online. Default: 10,000. */
  maxDelay?: number
  /**
   * How long a connection may say nothing before it is taken for lost. The relay sends a comment every 15 s, unless its
   * `keepAliveMs` says otherwise. Default: 45,000.
   */
  silence?: number
}

/** Milliseconds. Timers hold 31 bits: a longer wait would end at once. */
export const longestWait: number = 2 ** 31 - 1

/** With what holds where nothing is set. Throws with code `configuration` for what is no number from 0. */
export function readReconnect(given: ReconnectOptions = {}): Required<ReconnectOptions> {
  const read = (name: keyof ReconnectOptions, usual: number): number => {
    const value = given[name] ?? usual
    if (value >= 0) return Math.min(value, longestWait)
    throw new RatatoskrError('configuration', `reconnect.${name} must be a number from 0.`)
  }
  return {
    limit: read('limit', 8),
    minDelay: read('minDelay', 250),
    maxDelay: read('maxDelay', 10_000),
    silence: read('silence', 45_000),
  }
}
