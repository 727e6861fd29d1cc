/**
 * Settles as the promise does; or as `late` when the time, in milliseconds, has run out; or rejects
 * with the signal's reason: not everything that is given a signal listens to it.
 */
export function within<Value>(
  promise: Promise<Value>,
  time: number | false,
  late: () => Value | Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      if (timer) clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      act()
    }
    const abort = (): void => settle(() => reject(signal?.reason))
    const timer = time && setTimeout(() => settle(() => resolve(late())), time)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    promise.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    )
  })
}
