/**
 * Settles as the promise does; or rejects when the time, in milliseconds, has run out, or with
 * the signal's reason: not everything that is given a signal listens to it.
 */
export function within<Value>(
  promise: Promise<Value>,
  time: number | false,
  late: () => Error,
  signal?: AbortSignal,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = time && setTimeout(() => reject(late()), time)
    const abort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    const settled = (): void => {
      if (timer) clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    promise.then(resolve, reject).then(settled, settled)
  })
}
