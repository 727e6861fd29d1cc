import {
  cleanUrl,
  hideInPieces,
  hideInText,
  safeResponseHeaders,
  sortHeaders,
} from './hide-keys.ts'
import type { FetchLike } from './simulator.ts'
import { toChunk, type Tape, type TapeEnd } from './tape.ts'

/** What {@link record} records, and how. */
export interface RecordOptions {
  /** Recorded. Default: the platform's. */
  fetch?: FetchLike
  /** Gets each tape when its reply is over: read, given up or broken. */
  onTape?: (tape: Tape) => void
  /** Keep the body of the request too, which holds the prompt. Default: false. */
  keepBody?: boolean
  /**
   * The longest body that is kept, in bytes. A longer one is passed on as it is, and there is no
   * tape of it. Default: any length.
   */
  maxBytes?: number
}

/** A `fetch` that is recorded. */
export interface Recorder {
  /** Answers as the recorded one does. Give it to a provider or client. */
  fetch: FetchLike
  /** The replies that are over, in the order in which they ended. */
  tapes: Tape[]
}

/**
 * Records replies: their bytes, as they were cut and when they came, whatever their status; also
 * of those that are stopped or break off. Keys do not get into a tape: not those of the request's
 * headers and address, and not where the reply repeats them.
 *
 * @example
 * ```ts
 * import { createGateway, user } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 * import { record, simulatorFetch, stringifyTape } from '@ratatoskr/testkit'
 *
 * const { fetch, tapes } = record({ fetch: simulatorFetch() })
 * const gateway = createGateway({ providers: [openrouter({ apiKey: 'any', fetch })] })
 * await gateway.chat([user('Hi')], { model: 'vendor/model' })
 * for (const tape of tapes) console.log(stringifyTape(tape).length)
 * ```
 */
export function record(options: RecordOptions = {}): Recorder {
  const { onTape, keepBody = false, maxBytes = Infinity } = options
  const tapes: Tape[] = []
  const recordedFetch: FetchLike = async (input, init) => {
    const start = performance.now()
    const elapsed = (): number => Math.round((performance.now() - start) * 10) / 10
    const recorded = new Date().toISOString()
    const request = input instanceof Request ? input : undefined
    const address = input instanceof Request ? input.url : String(input)
    const headers = new Headers(init?.headers ?? request?.headers)
    const method = (init?.method ?? request?.method ?? 'GET').toUpperCase()
    const signal = init?.signal ?? request?.signal
    const body = keepBody ? await bodyText(request, init) : undefined

    const response = await (options.fetch ?? globalThis.fetch)(input, init)
    const at = elapsed()
    const pieces: Uint8Array[] = []
    const times: number[] = []
    let size = 0
    let over = false
    let cancelled = false
    const finish = (how: TapeEnd['how'], error?: unknown): void => {
      if (over) return
      over = true
      signal?.removeEventListener('abort', abort)
      if (size > maxBytes) return
      const { kept, secrets: inHeaders } = sortHeaders(headers)
      const { url, secrets: inUrl } = cleanUrl(address)
      const secrets = [...inHeaders, ...inUrl].sort((a, b) => b.length - a.length)
      const hide = (text: string): string => hideInText(text, secrets)
      const message = error instanceof Error ? hide(error.message) : undefined
      const tape: Tape = {
        tape: 1,
        recorded,
        request: {
          method,
          url: hide(url),
          headers: hideInValues(kept, hide),
          ...(body !== undefined && { body: hide(body) }),
        },
        response: {
          status: response.status,
          headers: hideInValues(safeResponseHeaders(response.headers), hide),
          at,
        },
        chunks: hideInPieces(pieces, secrets).map((piece, i) => toChunk(piece, times[i] ?? at)),
        end: { at: elapsed(), how, ...(message !== undefined && { message }) },
      }
      tapes.push(tape)
      onTape?.(tape)
    }
    const abort = (): void => finish('abort', signal?.reason)
    signal?.addEventListener('abort', abort)
    if (response.body === null) {
      finish('close')
      return response
    }
    const reader = response.body.getReader()
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        async pull(controller) {
          try {
            const { done, value } = await reader.read()
            if (done) {
              finish('close')
              // After a cancel it is closed already.
              if (!cancelled) controller.close()
              return
            }
            // The reader may take the bytes away, as a worker that is sent them.
            size += value.length
            if (size <= maxBytes) {
              pieces.push(value.slice())
              times.push(elapsed())
            } else {
              pieces.length = 0
            }
            if (!cancelled) controller.enqueue(value)
          } catch (error) {
            finish(signal?.aborted ? 'abort' : 'error', error)
            throw error
          }
        },
        cancel(reason) {
          cancelled = true
          finish(signal?.aborted ? 'abort' : 'cancel')
          return reader.cancel(reason)
        },
      },
      { highWaterMark: 0 },
    )
    const { status, statusText } = response
    return new Response(stream, { status, statusText, headers: response.headers })
  }
  return { fetch: recordedFetch, tapes }
}

async function bodyText(request?: Request, init?: RequestInit): Promise<string | undefined> {
  if (typeof init?.body === 'string') return init.body
  return init?.body == null && request?.body ? request.clone().text() : undefined
}

function hideInValues(
  headers: { readonly [name: string]: string },
  hide: (text: string) => string,
): { [name: string]: string } {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hide(value)]))
}
