/** Makes the pieces of a stream; what it throws errors the stream. The signal says that nobody reads on. */
export type MakePieces = (stopped: AbortSignal) => AsyncGenerator<Uint8Array, void, undefined>

/** What a stream is tied to. */
export interface ByteStreamOptions {
  /** Ends it, with the signal's reason. */
  signal?: AbortSignal | null | undefined
  /** Where its pieces come from: cancelled with it, also when nothing was read yet. */
  source?: ReadableStream<Uint8Array> | null | undefined
}

/**
 * A stream that makes each piece only for a waiting reader. Cancelling it, or aborting its signal,
 * ends it at once, also while the next piece is being waited for.
 */
export function byteStream(
  make: MakePieces,
  { signal, source }: ByteStreamOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const stop = new AbortController()
  const pieces = make(stop.signal)
  let forget = (): void => {}
  const finish = (): void => {
    forget()
    // A source that is being read hears of it by the signal.
    if (source && !source.locked) source.cancel().catch(() => {})
    stop.abort()
    pieces.return().catch(() => {})
  }
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start(controller) {
        const abort = (): void => {
          controller.error(signal?.reason)
          finish()
        }
        if (signal?.aborted) abort()
        else signal?.addEventListener('abort', abort, { once: true })
        forget = () => signal?.removeEventListener('abort', abort)
      },
      async pull(controller) {
        try {
          const { done, value } = await pieces.next()
          if (stop.signal.aborted) return
          if (!done) {
            controller.enqueue(new Uint8Array(value))
            return
          }
          controller.close()
          finish()
        } catch (error) {
          finish()
          throw error
        }
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  )
}

/** The pieces of a stream, empty ones left out. The stream is cancelled when they are given up. */
export async function* piecesOf(
  stream: ReadableStream<Uint8Array>,
  stopped: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader()
  let over = false
  // Ends a read that waits.
  const cancel = (): void => {
    over = true
    reader.cancel().catch(() => {})
  }
  stopped.addEventListener('abort', cancel, { once: true })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        over = true
        return
      }
      if (value.length > 0) yield value
    }
  } finally {
    stopped.removeEventListener('abort', cancel)
    if (!over) reader.cancel().catch(() => {})
  }
}

/** Waits so many milliseconds, or until the signal aborts; `Infinity` until then. */
export function pause(time: number, stopped: AbortSignal): Promise<void> {
  if (!(time > 0) || stopped.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    // A timer holds 31 bits: a longer wait would end at once.
    const timer = time < 2 ** 31 ? setTimeout(finish, time) : undefined
    function finish(): void {
      clearTimeout(timer)
      stopped.removeEventListener('abort', finish)
      resolve()
    }
    stopped.addEventListener('abort', finish, { once: true })
  })
}

/** Bytes put together. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
