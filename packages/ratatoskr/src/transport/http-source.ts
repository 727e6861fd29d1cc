import { maxBody } from '../dialects/api-error.ts'
import type { ReplyDecoder } from '../dialects/reply-decoder.ts'
import { cutOff, isRatatoskrError, RatatoskrError } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import type { ChatEventSource } from '../provider.ts'
import { timedOut } from './connect.ts'
import { silenceTimer } from './silence-timer.ts'
import { throwWithout } from './throw-without.ts'

/** After a finish reason, how long to wait for usage and the end. Milliseconds. */
const settleTime = 5000

/** What {@link httpSource} reads. */
export interface HttpSourceOptions {
  provider: string
  requestId: string | undefined
  response: Response
  decoder: ReplyDecoder<Uint8Array>
  /** Milliseconds of silence that are too long. */
  idle: number | false
  /** Headers whose values no error may hold. */
  secrets: { readonly [name: string]: string }
}

/** A reply that comes as the body of an HTTP response: one read of the body for each of its own. */
export function httpSource(options: HttpSourceOptions): ChatEventSource {
  const { provider, requestId, response, decoder, idle, secrets } = options
  const { headers, body } = response
  const details = { provider, requestId, retryable: true }
  const reader = (body ?? new ReadableStream<Uint8Array>()).getReader()
  const utf8 = new TextDecoder()
  // The body's beginning, until the first event: it may explain why there is none.
  let head: string | undefined = ''
  let out: (event: ChatEvent) => void = () => {}
  const sink = (event: ChatEvent): void => {
    if (event.type !== 'provider') head = undefined
    out(event)
  }

  const cancel = (): void => {
    silence.stop()
    // Ends a waiting read; what the body says to being cancelled is of no use.
    reader.cancel().catch(() => {})
  }
  const silence = silenceTimer(cancel)

  return {
    headers,
    requestId,
    cancel,
    async read(emit) {
      out = emit
      try {
        const complete = decoder.phase === 'complete'
        const time = complete ? settleTime : idle
        silence.begin(time)
        let bytes: Uint8Array | undefined
        try {
          bytes = (await reader.read()).value
        } catch (cause) {
          // What is complete may end in any way; a read that the timer has cancelled fails in workerd.
          if (!complete && !silence.end()) {
            throw new RatatoskrError(head === undefined ? 'truncated' : 'network', cutOff, {
              ...details,
              cause,
            })
          }
        }
        if (silence.end() && !complete) await timedOut('idle', time, details)
        if (bytes && head !== undefined && head.length < maxBody) {
          head += utf8.decode(bytes, { stream: true })
        }
        if (bytes) decoder.push(bytes, sink)
        else decoder.end(sink)
      } catch (error) {
        cancel()
        if (isRatatoskrError(error)) {
          error.provider ??= provider
          error.requestId ??= requestId
          // An error before any event is told with the body that it came from.
          if (head && /truncated|protocol/.test(error.code)) {
            error.body = head.slice(0, maxBody)
            if (!/event-stream/.test(headers.get('content-type') ?? '')) {
              error.code = 'protocol'
              error.retryable = false
            }
          }
        }
        return throwWithout(secrets, error)
      }
      return decoder.phase !== 'done'
    },
  }
}
