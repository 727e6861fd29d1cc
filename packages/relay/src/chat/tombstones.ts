/** Milliseconds: longer than any request is on its way. */
export const tombstoneMs = 60_000

/**
 * Keys of replies that were stopped before they began: a client that stops at once sends its DELETE on another
 * connection, where it may overtake the POST. Without timers: they are looked through when one is added.
 */
export class Tombstones {
  readonly #most: number
  /** In the order in which they came. */
  readonly #times = new Map<string, number>()

  /** @param most How many are kept: the oldest go. */
  constructor(most: number) {
    this.#most = most
  }

  add(key: string): void {
    this.#times.delete(key)
    this.#times.set(key, Date.now())
    for (const [oldest, time] of this.#times) {
      if (time > Date.now() - tombstoneMs && this.#times.size <= this.#most) break
      this.#times.delete(oldest)
    }
  }

  has(key: string): boolean {
    const time = this.#times.get(key)
    return time !== undefined && time > Date.now() - tombstoneMs
  }
}
