import type { EventLog, LogRecord } from './event-log.ts'

/** Events in this process. */
export class MemoryEventLog implements EventLog {
  #records: LogRecord[] = []
  /** Those before it are dropped. */
  #start = 0
  #last = 0

  get last(): number {
    return this.#last
  }

  get first(): number {
    return this.#last - (this.#records.length - this.#start) + 1
  }

  newest(): LogRecord | undefined {
    return this.#start < this.#records.length ? this.#records.at(-1) : undefined
  }

  append(record: LogRecord): void {
    this.#records.push(record)
    this.#last = record.id
  }

  read(after: number, maxBytes: number): readonly LogRecord[] {
    const from = this.#start + Math.max(0, after + 1 - this.first)
    let bytes = 0
    let to = from
    for (; to < this.#records.length; to += 1) {
      bytes += this.#records[to]?.data.length ?? 0
      if (to > from && bytes > maxBytes) break
    }
    return this.#records.slice(from, to)
  }

  drop(upTo: number): void {
    const isAll = upTo >= this.#last
    this.#start = isAll ? this.#records.length : this.#start + Math.max(0, upTo + 1 - this.first)
    // Moved only when half of them are gone, so that dropping one by one stays linear.
    if (this.#start * 2 < this.#records.length) return
    this.#records = this.#records.slice(this.#start)
    this.#start = 0
  }
}
