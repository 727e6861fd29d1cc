import { atNextFrame } from './frame.ts'

/**
 * Something that changes, and tells so at most once a frame: everything that shows it writes to the
 * page at that time, however many events came meanwhile.
 */
export class Observable {
  readonly #listeners = new Set<() => void>()
  #isWaiting = false

  /** Returns what ends the subscription. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** It has changed. */
  protected changed(): void {
    if (this.#isWaiting) return
    this.#isWaiting = true
    atNextFrame('write', () => {
      this.#isWaiting = false
      for (const listener of this.#listeners) listener()
    })
  }
}
