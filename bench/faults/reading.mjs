/**
 * The loop that all who give an async iterable share: their own iterator, in a `for await`.
 * @template T
 * @param {AsyncIterable<T>} events
 * @param {(event: T) => void} take
 * @param {() => Promise<void>} [whole]
 * @returns {import('./types.ts').Reading}
 */
export const reading = (events, take, whole) => ({
  async read(goOn) {
    for await (const event of events) {
      take(event)
      if (!(await goOn())) break
    }
  },
  ...(whole && { whole }),
})

/** A failure that a library tells by an event, or in what it returns, instead of throwing it. */
export class Told extends Error {
  /** @param {string} name as the table names it @param {unknown} [cause] */
  constructor(name, cause) {
    super(name, { cause })
    this.name = name
  }
}
