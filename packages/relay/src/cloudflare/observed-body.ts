import { SseDecoder, type SseEvent } from 'ratatoskr/dialects'
import type { LogRecord } from '../chat/event-log.ts'
import type { ResponseObserver } from '../chat/stream-host.ts'
import { isRecord } from '../wire/is-record.ts'

/** Server-sent events as they are, read on demand, which the observer is told of. */
export function observedBody(
  body: ReadableStream<Uint8Array>,
  observer: ResponseObserver | undefined,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  // Its events were made within limits.
  const decoder = new SseDecoder()
  let isClosed = false
  const close = (): void => {
    signal?.removeEventListener('abort', onAbort)
    if (!isClosed) observer?.closed()
    isClosed = true
  }
  const leave = async (reason?: unknown): Promise<void> => {
    close()
    await reader.cancel(reason)
  }
  const onAbort = (): void => {
    leave(signal?.reason).catch(() => {})
  }
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  const tell = ({ event, id, data }: SseEvent): void => {
    const kind = event === 'error' ? 'error' : kindOf(data)
    observer?.sent({ id: Number(id), kind, data })
    if (kind === 'done' || kind === 'error') close()
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (value) {
            decoder.push(value, tell)
            controller.enqueue(value)
          }
          if (!done) return
          close()
          controller.close()
        } catch (error) {
          // The object is gone: a client that asks again is told how the reply has ended.
          close()
          controller.error(error)
        }
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  )
}

/** Parses only what may be one of the two that matter: within a text, the quotes would be escaped. */
function kindOf(data: string): LogRecord['kind'] {
  if (!data.includes('"type":"done"') && !data.includes('"type":"usage"')) return 'event'
  const value: unknown = JSON.parse(data)
  const type = isRecord(value) ? value['type'] : undefined
  return type === 'done' || type === 'usage' ? type : 'event'
}
