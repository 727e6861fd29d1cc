import { maxBody } from '../dialects/api-error.ts'
import type { ReplyDecoder } from '../dialects/reply-decoder.ts'
import { cutOff, isRatatoskrError, RatatoskrError, type ErrorDetails } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import type { ChatEventSource } from '../provider.ts'
import { timedOut } from './connect.ts'
import { within } from './within.ts'

/** After a finish reason, how long to wait for usage and the end. Milliseconds. */
const settleTime = 5000

/**
 * A reply that comes as the body of an HTTP response: one read of the body for each of its own.
 *
 * @param idle Milliseconds of silence that are too long.
 */
export function httpSource(
  details: ErrorDetails,
  { headers, body }: Response,
  decoder: ReplyDecoder<Uint8Array>,
  idle: number | false,
): ChatEventSource {
  const reader = (body ?? new ReadableStream<Uint8Array>()).getReader()
  // The body's beginning, until the first event: it may explain why there is none.
  let head: string | undefined = ''

  /** The next chunk, or undefined where the body ends, or may be taken as ended. */
  const readBytes = async (): Promise<Uint8Array | undefined> => {
    const complete = decoder.phase === 'complete'
    const time = complete ? settleTime : idle
    try {
      return (await within(reader.read(), time, () => timedOut('idle', time, details))).value
    } catch (cause) {
      if (complete) return undefined
      if (isRatatoskrError(cause)) throw cause
      throw new RatatoskrError(head === undefined ? 'truncated' : 'network', cutOff, {
        ...details,
        cause,
      })
    }
  }

  const cancel = (): void => {
    // Ends a waiting read; what the body says to being cancelled is of no use.
    reader.cancel().catch(() => {})
  }

  return {
    headers,
    requestId: details.requestId,
    cancel,
    async read(emit) {
      const sink = (event: ChatEvent): void => {
        if (event.type !== 'provider') head = undefined
        emit(event)
      }
      try {
        const bytes = await readBytes()
        if (bytes && head !== undefined && head.length < maxBody) {
          head += new TextDecoder().decode(bytes.subarray(0, maxBody))
        }
        if (bytes) decoder.push(bytes, sink)
        else decoder.end(sink)
      } catch (error) {
        cancel()
        // An error before any event is told with the body that it came from.
        if (head && isRatatoskrError(error) && /truncated|protocol/.test(error.code)) {
          error.body = head
          if (!/event-stream/.test(headers.get('content-type') ?? '')) {
            error.code = 'protocol'
            error.retryable = false
          }
        }
        throw error
      }
      return decoder.phase !== 'done'
    },
  }
}
