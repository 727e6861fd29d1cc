/** A function of the relay's owner: what it throws is its own affair, and no reply's. */
export function quietly<Args extends unknown[]>(
  act: ((...args: Args) => void) | undefined,
): (...args: Args) => void {
  return (...args) => {
    try {
      act?.(...args)
    } catch {
      // There is nobody to tell: a log that fails cannot be logged.
    }
  }
}
