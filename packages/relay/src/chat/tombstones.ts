/** Milliseconds: longer than any request is on its way. */
export const tombstoneMs = 60_000
/** Milliseconds: a client that asks again later than this has given the reply up. */
export const longAgo = 3_600_000

/**
 * Keys under which no reply may begin: of replies that were stopped before they began (a client that stops at once sends its
 * DELETE on another connection, where it may overtake the POST), or that are forgotten. Without timers: they are looked
 * through when one is added.
 */
export class Tombstones {
  readonly #most: number
  readonly #memory: number
  /** In the order in which they came. */
  readonly #times = new Map<string, number>()

  /**
   * @param most How many are kept: the oldest go.
   * @param memory For how long, in milliseconds.
   */
  constructor(most: number, memory: number = tombstoneMs) {
    this.#most = most
    this.#memory = memory
  }

  add(key: string): void {
    this.#times.delete(key)
    this.#times.set(key, Date.now())
    for (const [oldest, time] of this.#times) {
      if (time > Date.now() - this.#memory && this.#times.size <= this.#most) break
      this.#times.delete(oldest)
    }
  }

  has(key: string): boolean {
    const time = this.#times.get(key)
    return time !== undefined && time > Date.now() - this.#memory
  }
}
