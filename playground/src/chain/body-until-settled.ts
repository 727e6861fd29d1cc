import { isRatatoskrError, RatatoskrError, type ErrorDetails } from 'ratatoskr'
import type { ReplyPhase } from 'ratatoskr/dialects'

/** What {@link bodyUntilSettled} is told. */
export interface SettleOptions {
  details: ErrorDetails
  /** Milliseconds of silence that are too long; `false` waits for ever. */
  idle: number | false
  /** How far the reply has come: once it has said why it ended, its body may end in any way. */
  phase: () => ReplyPhase
  signal: AbortSignal
  /** How the body ended, in a word or two. */
  onEnd: (how: string) => void
}

/** After the finish reason, how long to wait for usage and the end. Milliseconds. */
const settleTime = 5000

/**
 * A body that fails as a reply of the library does: with `timeout` when it is silent for too long,
 * with `truncated` when its connection breaks; and that ends when this happens to a reply that is
 * complete. The gateway's own providers do this inside; a chain that is put together by hand has to
 * bring it.
 */
export function bodyUntilSettled(
  body: ReadableStream<Uint8Array>,
  { details, idle, phase, signal, onEnd }: SettleOptions,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let isOver = false
  const end = (how: string): void => {
    if (isOver) return
    isOver = true
    // What is given up after the last event is no loss, and ends with an abort too.
    onEnd(phase() === 'done' ? 'complete' : how)
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await readWithin(phase() === 'complete' ? settleTime : idle)
          if (!done) {
            controller.enqueue(value)
            return
          }
          end('closed')
          controller.close()
        } catch (cause) {
          reader.cancel().catch(() => {})
          if (signal.aborted) {
            end('stopped')
            controller.error(signal.reason)
          } else if (phase() === 'complete') {
            end('settled')
            controller.close()
          } else {
            end('broke')
            controller.error(
              isRatatoskrError(cause)
                ? cause
                : new RatatoskrError('truncated', 'The reply was cut off before its end.', {
                    ...details,
                    retryable: true,
                    cause,
                  }),
            )
          }
        }
      },
      cancel(reason) {
        end(signal.aborted ? 'stopped' : 'given up')
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )

  async function readWithin(time: number | false): Promise<ReadableStreamReadResult<Uint8Array>> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      if (time === false) return
      timer = setTimeout(() => {
        const problem = `${details.provider} was silent for over ${time} ms.`
        reject(new RatatoskrError('timeout', problem, { ...details, retryable: true }))
      }, time)
    })
    try {
      return await Promise.race([reader.read(), late])
    } finally {
      clearTimeout(timer)
    }
  }
}
