// A provider without a network: a `fetch` whose replies are streams over chunks in memory.

/** @typedef {import('./types.ts').Host} Host */

export const baseURL = 'http://127.0.0.1:1/v1'

/** A response as providers send it. @param {ReadableStream<Uint8Array<ArrayBuffer>>} body */
export const eventStream = (body) =>
  new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })

/**
 * Each reply gives the same chunks, one for each time that it is asked.
 * @param {readonly Uint8Array<ArrayBuffer>[]} chunks
 * @returns {Host}
 */
export function serve(chunks) {
  return {
    baseURL,
    fetch: async () => {
      let next = 0
      return eventStream(
        new ReadableStream(
          {
            pull(controller) {
              const chunk = chunks[next]
              next += 1
              if (chunk) controller.enqueue(chunk)
              else controller.close()
            },
          },
          { highWaterMark: 0 },
        ),
      )
    },
  }
}
