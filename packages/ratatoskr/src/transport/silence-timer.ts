/**
 * Calls back when a wait takes too long. One timer for a whole stream: starting and clearing one
 * for every chunk costs more than decoding a short one.
 */
export class SilenceTimer {
  readonly #onSilence: () => void
  #limit: number | false = false
  #since: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence
  }

  /** A wait begins, which may take so many milliseconds. */
  start(limit: number | false): void {
    if (limit !== this.#limit) this.stop()
    this.#limit = limit
    if (limit === false) return
    this.#since = performance.now()
    if (this.#timer === undefined) this.#arm(limit)
  }

  /** The wait is over; the next one may follow. */
  pause(): void {
    this.#since = undefined
  }

  /** No further wait follows. */
  stop(): void {
    this.#since = undefined
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(wait: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#since === undefined || this.#limit === false) return
      const left = this.#since + this.#limit - performance.now()
      if (left <= 0) this.#onSilence()
      else this.#arm(left)
    }, wait)
  }
}
