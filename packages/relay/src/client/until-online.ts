/**
 * Resolves at once, unless the browser says that it is offline: then when it is online again, when the signal aborts, or after a
 * time in milliseconds, for what the browser says is a guess.
 */
export function untilOnline(time: number, signal: AbortSignal): Promise<void> {
  // In a page it is always there, but it may be a page of a test, and Deno's types know none.
  const navigator: unknown = Reflect.get(globalThis, 'navigator')
  const isOffline =
    typeof navigator === 'object' &&
    navigator !== null &&
    'onLine' in navigator &&
    navigator.onLine === false
  if (!isOffline || signal.aborted) return Promise.resolve()
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
