/**
 * Resolves at once, unless the browser says that it is offline: then when it is online again, when the signal aborts, or after a
 * time in milliseconds, for what the browser says is a guess.
 */
export function untilOnline(time: number, signal: AbortSignal): Promise<void> {
  if (!isOffline() || signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      globalThis.removeEventListener('online', finish)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, time)
    globalThis.addEventListener('online', finish)
    signal.addEventListener('abort', finish)
  })
}

/** Not every platform that can make itself look like a page has something to say. */
function isOffline(): boolean {
  if (!('navigator' in globalThis)) return false
  const { navigator } = globalThis
  return 'onLine' in navigator && !navigator.onLine
}
