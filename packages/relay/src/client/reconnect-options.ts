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

/** Where nothing is set. */
export const reconnectDefaults: Required<ReconnectOptions> = {
  limit: 8,
  minDelay: 250,
  maxDelay: 10_000,
  silence: 45_000,
}
