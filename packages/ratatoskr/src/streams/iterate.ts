/**
 * Makes any stream iterable, also where the engine does not (WebKit has no `for await` over a
 * stream: mozilla/pdf.js#21924). Ending the loop early cancels the stream, at once, also while it
 * is silent.
 *
 * @example
 * ```ts
 * import { iterate } from 'ratatoskr/streams'
 *
 * async function print(stream: ReadableStream<string>): Promise<void> {
 *   for await (const piece of iterate(stream)) console.log(piece)
 * }
 * ```
 */
export function iterate<Value>(
  stream: ReadableStream<Value>,
  options: { preventCancel?: boolean } = {},
): AsyncIterableIterator<Value, undefined> {
  const reader = stream.getReader()
  let over = false
  const finish = (): IteratorResult<Value, undefined> => {
    if (!over) {
      over = true
      reader.releaseLock()
    }
    return { done: true, value: undefined }
  }
  return {
    async next() {
      if (over) return finish()
      try {
        const { done, value } = await reader.read()
        return done ? finish() : { done: false, value }
      } catch (error) {
        // Given up by return(), while this was waiting.
        if (over) return finish()
        finish()
        throw error
      }
    },
    return() {
      if (!over && options.preventCancel !== true) reader.cancel().catch(() => {})
      return Promise.resolve(finish())
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
