/** Tells when a wait has taken too long. */
export interface SilenceTimer {
  /** A wait begins, of at most this many milliseconds. */
  begin(time: number | false): void
  /** The wait is over. Returns whether it took too long. */
  end(): boolean
  stop(): void
}

/**
 * Makes a timer for many short waits, one after the other. A timer of the platform's for each of
 * them would cost about as much as the read that is waited for, so there is one that looks from
 * time to time how long the wait of then has taken.
 */
export function silenceTimer(onLate: () => void): SilenceTimer {
  let timer: ReturnType<typeof setTimeout> | undefined
  let looksAt = 0
  let due = 0
  let isLate = false

  const look = (): void => {
    timer = undefined
    if (!due) return
    const rest = due - performance.now()
    // Timers may be a little early.
    isLate = rest < 1
    if (isLate) onLate()
    else lookIn(rest)
  }
  const lookIn = (time: number): void => {
    looksAt = due
    timer = setTimeout(look, time)
  }
  const stop = (): void => {
    clearTimeout(timer)
    timer = undefined
  }

  return {
    begin(time) {
      due = time ? performance.now() + time : 0
      if (!time || (timer !== undefined && looksAt <= due)) return
      stop()
      lookIn(time)
    },
    end() {
      due = 0
      return isLate
    },
    stop,
  }
}
