/** A function of the relay's owner: what it throws is its own affair, and no reply's; also later, where it is asynchronous. */
export function quietly<Args extends unknown[]>(
  act: ((...args: Args) => unknown) | undefined,
): (...args: Args) => void {
  return (...args) => {
    try {
      // There is nobody to tell: a log that fails cannot be logged.
      Promise.resolve(act?.(...args)).catch(() => {})
    } catch {
      // The same.
    }
  }
}
