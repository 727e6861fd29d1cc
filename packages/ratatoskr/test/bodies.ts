import type { Fetch } from '../src/transport/connect.ts'

/** A body that hands out its pieces one at a time, counts, and sees being cancelled. */
export interface ObservedBody {
  stream: ReadableStream<Uint8Array>
  /** How often a piece was asked for. */
  pulls: number
  cancelled: boolean
}

/**
 * A body of these pieces. With `thenSilent` it never ends; with `thenError` it breaks off. With
 * high-water mark 0, so that a pull is a read.
 */
export function observedBody(
  pieces: Iterable<Uint8Array>,
  end: { thenSilent?: boolean; thenError?: unknown } = {},
): ObservedBody {
  const iterator = pieces[Symbol.iterator]()
  const body: ObservedBody = {
    pulls: 0,
    cancelled: false,
    stream: new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          body.pulls += 1
          const next = iterator.next()
          if (next.done !== true) controller.enqueue(next.value)
          else if (end.thenError !== undefined) controller.error(end.thenError)
          else if (end.thenSilent === true) return new Promise(() => {})
          else controller.close()
          return undefined
        },
        cancel() {
          body.cancelled = true
        },
      },
      { highWaterMark: 0 },
    ),
  }
  return body
}

/** A `fetch` that answers with this body. */
export function fetchOf(stream: ReadableStream<Uint8Array>, contentType: string): Fetch {
  return () => Promise.resolve(new Response(stream, { headers: { 'content-type': contentType } }))
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setTimeout(resolve, 0))
}
