/** How much of a reply is kept, and for how long. */
export interface StreamLimits {
  /**
   * The most events that are read ahead of the client, after which the provider is no longer read; and
   * as many of those that were sent are kept for a client that lost its connection. What was sent and not received can be
   * all that the sockets on the way hold, which is megabytes where a client is stalled. Default: 16,384.
   */
  maxEvents: number
  /** The same in UTF-16 units of the events' JSON, whichever is reached first. Default: 2 Mi. */
  maxBytes: number
  /** Milliseconds for which a reply goes on that nobody reads; then the provider is stopped. Default: 60,000. */
  detachedMs: number
  /** Milliseconds for which a reply that has ended may still be asked for. Default: 60,000. */
  keptMs: number
  /** Milliseconds of silence after which a comment is sent, so that no proxy gives up, nor a server. Default: 8,000. */
  keepAliveMs: number
  /**
   * Milliseconds for the reply's beginning, while its failure can still have a status of its own. Then the stream is
   * begun, and a failure comes as an event. Default: 8,000.
   */
  statusMs: number
}

/** What holds where nothing is set. */
export const defaultStreamLimits: StreamLimits = {
  maxEvents: 16_384,
  maxBytes: 2 ** 21,
  detachedMs: 60_000,
  keptMs: 60_000,
  // Bun's server ends a connection on which nothing was sent for 10 s: https://bun.com/docs/runtime/http/server#idletimeout
  keepAliveMs: 8000,
  statusMs: 8000,
}
