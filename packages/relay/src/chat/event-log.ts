/** One thing that a stream's readers get: an event of the reply, or the failure that ends it. */
export interface LogRecord {
  /** 1, 2, 3… */
  readonly id: number
  /** `done` and `error` are the last of their stream; `usage` is told apart for logs. */
  readonly kind: 'event' | 'usage' | 'done' | 'error'
  /** JSON, of a `ChatEvent` or a `ChatFailure`. */
  readonly data: string
}

/**
 * Where the events of one stream are kept, in memory or in a Durable Object's SQLite. Synchronous, as both are.
 * It decides nothing: `RunningStream` appends, reads, and says what to drop.
 */
export interface EventLog {
  /** The id of the newest that was ever appended; 0 where there is none. */
  readonly last: number
  /** The id of the oldest that is still there, or would be the next. */
  readonly first: number
  /** The newest that was appended, if it is still there. */
  newest(): LogRecord | undefined
  /** Takes the next; its id is `last + 1`. */
  append(record: LogRecord): void
  /**
   * Those after an id, in order: as many as make up at most `maxBytes` of data (in UTF-16 units), but
   * at least one where there is one.
   */
  read(after: number, maxBytes: number): readonly LogRecord[]
  /** Forgets all up to this id, with it. */
  drop(upTo: number): void
}
