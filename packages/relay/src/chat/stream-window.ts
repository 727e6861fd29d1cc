import type { EventLog, LogRecord } from './event-log.ts'
import type { StreamLimits } from './stream-limits.ts'

/**
 * How much of a log was sent to nobody, and how much is kept of what was. The former stops the upstream
 * at the limits; the latter is dropped beyond them, the oldest first.
 */
export class StreamWindow {
  readonly #log: EventLog
  readonly #limits: Pick<StreamLimits, 'maxEvents' | 'maxBytes'>
  /** Of the records that the log has, from its first. */
  #sizes: number[] = []
  #start = 0
  /** The newest that somebody was sent. */
  #sent = 0
  #sentBytes = 0
  #waitingBytes = 0

  constructor(log: EventLog, limits: Pick<StreamLimits, 'maxEvents' | 'maxBytes'>) {
    this.#log = log
    this.#limits = limits
  }

  /** No more may be read ahead. */
  get isFull(): boolean {
    const { maxEvents, maxBytes } = this.#limits
    return this.#log.last - this.#sent >= maxEvents || this.#waitingBytes >= maxBytes
  }

  /** A record was appended. */
  added({ data }: LogRecord): void {
    this.#sizes.push(data.length)
    this.#waitingBytes += data.length
  }

  /** All up to this id were given to a reader. */
  sent(upTo: number): void {
    const first = this.#log.first
    for (let id = Math.max(this.#sent + 1, first); id <= upTo; id += 1) {
      const size = this.#sizes[this.#start + id - first] ?? 0
      this.#waitingBytes -= size
      this.#sentBytes += size
    }
    this.#sent = Math.max(this.#sent, upTo)
    this.#drop(first)
  }

  /** Counts what a log has that was there before. */
  restore(): void {
    for (let after = this.#log.first - 1; after < this.#log.last; after += 1) {
      const [record] = this.#log.read(after, 0)
      if (record) this.added(record)
    }
  }

  #drop(first: number): void {
    const { maxEvents, maxBytes } = this.#limits
    let oldest = first
    // The newest that was sent is kept, however large it is.
    while (
      oldest < this.#sent &&
      (this.#sent - oldest + 1 > maxEvents || this.#sentBytes > maxBytes)
    ) {
      this.#sentBytes -= this.#sizes[this.#start] ?? 0
      this.#start += 1
      oldest += 1
    }
    if (oldest === first) return
    this.#log.drop(oldest - 1)
    if (this.#start * 2 < this.#sizes.length) return
    this.#sizes = this.#sizes.slice(this.#start)
    this.#start = 0
  }
}
