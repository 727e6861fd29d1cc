/** Where a recorded reply comes from. */
export type OpenRecording = (signal: AbortSignal | undefined) => Promise<ReadableStream<Uint8Array>>

/**
 * Makes a `fetch` that answers every request with one recorded reply, at the pace of a model and
 * in pieces that respect neither events nor characters.
 *
 * @param pause Milliseconds between two pieces.
 */
export function recordedFetch(open: OpenRecording, pause: number) {
  return async (_url: string, init: RequestInit): Promise<Response> => {
    const signal = init.signal ?? undefined
    signal?.throwIfAborted()
    const body = paced(await open(signal), pause, signal)
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
}

const sizes = [61, 3, 97, 1, 113, 7, 151, 2, 83]

function paced(
  source: ReadableStream<Uint8Array>,
  pause: number,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  const reader = source.getReader()
  let chunk = new Uint8Array()
  let piece = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        signal?.addEventListener('abort', () => {
          clearTimeout(timer)
          controller.error(signal.reason)
          reader.cancel(signal.reason).catch(() => {})
        })
      },
      async pull(controller) {
        await new Promise((resolve) => {
          timer = setTimeout(resolve, pause)
        })
        while (chunk.length === 0) {
          const { done, value } = await reader.read()
          if (done) {
            controller.close()
            return
          }
          chunk = new Uint8Array(value)
        }
        const size = sizes[piece % sizes.length] ?? 1
        piece += 1
        controller.enqueue(chunk.subarray(0, size))
        chunk = chunk.subarray(size)
      },
      cancel(reason) {
        clearTimeout(timer)
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
