/**
 * Keeps what providers want back, for the protocols that cannot carry it. In memory by default, for one process; a
 * Durable Object or a database keeps it for all. What is lost costs the provider's signed or encrypted reasoning, and
 * with some of them the turn that needs it.
 */
export interface ContinuationStore {
  /**
   * Keeps a value under several keys, for a while.
   *
   * @param caller The caller's id, so that none takes the room of all.
   * @param keys Hexadecimal; they tell nothing of what they stand for.
   * @param value JSON.
   */
  put(caller: string, keys: readonly string[], value: string): void | Promise<void>
  /** The value under a key, if it is still there. */
  get(caller: string, key: string): string | undefined | Promise<string | undefined>
}
