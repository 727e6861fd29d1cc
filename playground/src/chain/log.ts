import { Observable } from '../observable.ts'

/** How much a {@link Log} keeps. */
export interface LogLimits {
  /** Entries. Default: 5,000. */
  entries?: number
  /** Sum of the weights of the entries. Default: 4 Mi. */
  weight?: number
}

/**
 * The latest entries of a list that grows without end. Old ones are dropped when there are too many
 * or they weigh too much, so that memory stays flat on a stream of any length.
 */
export class Log<Entry> extends Observable {
  readonly #limits: Required<LogLimits>
  #entries: Entry[] = []
  #weights: number[] = []
  /** Where in the arrays the oldest entry stands: they are cut in blocks, not at each entry. */
  #start = 0
  #weight = 0
  #dropped = 0

  constructor(limits: LogLimits = {}) {
    super()
    this.#limits = { entries: 5000, weight: 4 * 1024 * 1024, ...limits }
  }

  /** Entries there have been, dropped ones included. */
  get total(): number {
    return this.#dropped + this.#entries.length - this.#start
  }

  /** The number of the oldest entry that is kept; those before were dropped. */
  get first(): number {
    return this.#dropped
  }

  /** The entry of a number, counted from 0 since the beginning; undefined when it was dropped. */
  at(number: number): Entry | undefined {
    if (number < this.#dropped) return undefined
    return this.#entries[this.#start + number - this.#dropped]
  }

  /** @param weight What it costs to keep, such as its length. */
  push(entry: Entry, weight: number): void {
    this.#entries.push(entry)
    this.#weights.push(weight)
    this.#weight += weight
    const { entries, weight: most } = this.#limits
    while (
      this.#entries.length - this.#start > entries ||
      // The last one stays, whatever it weighs.
      (this.#weight > most && this.#entries.length - this.#start > 1)
    ) {
      this.#weight -= this.#weights[this.#start] ?? 0
      this.#start += 1
      this.#dropped += 1
    }
    if (this.#start >= 1000) {
      this.#entries = this.#entries.slice(this.#start)
      this.#weights = this.#weights.slice(this.#start)
      this.#start = 0
    }
    this.changed()
  }

  clear(): void {
    this.#entries = []
    this.#weights = []
    this.#start = 0
    this.#weight = 0
    this.#dropped = 0
    this.changed()
  }
}
