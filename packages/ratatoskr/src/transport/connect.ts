import { RatatoskrError, type ErrorDetails } from '../errors.ts'
import { fieldsOf, textOf } from '../json/shape.ts'
import type { Timeouts } from '../provider.ts'
import { within } from './within.ts'

/** The platform's `fetch`, or one like it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What {@link connect} needs. */
export interface ConnectOptions {
  provider: string
  url: string
  headers: { readonly [name: string]: string }
  body: string
  signal: AbortSignal
  /** Milliseconds to the response's headers. */
  timeout: number | false
  fetch?: Fetch | undefined
}

/**
 * Posts a request and resolves with the response, of whatever status, once its headers are there.
 * Rejects with code `network` or `timeout`, or with the signal's reason.
 */
export async function connect(options: ConnectOptions): Promise<Response> {
  const { provider, url, headers, body, signal, timeout, fetch = globalThis.fetch } = options
  const details = { provider, retryable: true }
  signal.throwIfAborted()
  // A fetch of the user's own may throw at once.
  const pending = Promise.resolve().then(() =>
    fetch(url, { method: 'POST', headers, body, signal }),
  )
  try {
    return await within(pending, timeout, () => timedOut('headers', timeout, details), signal)
  } catch (cause) {
    // A fetch that does not listen to its signal may still answer: nobody will read it.
    pending.then((response) => response.body?.cancel()).catch(() => {})
    if (cause instanceof RatatoskrError || signal.aborted) throw cause
    // Node, Deno and Bun name the cause; browsers and workers keep it to themselves.
    throw new RatatoskrError(
      'network',
      `Cannot reach ${provider}: ${
        errorCode(cause) ??
        'server down, offline, or blocked (CORS, OLLAMA_ORIGINS, mixed content, extension, CSP)'
      }.`,
      { ...details, cause },
    )
  }
}

/** Rejects for a timer that has run out. */
export async function timedOut(
  timer: keyof Timeouts,
  time: number | false,
  details: ErrorDetails,
): Promise<never> {
  throw new RatatoskrError(
    'timeout',
    `${details.provider} took over ${time} ms; raise timeouts.${timer}.`,
    details,
  )
}

function errorCode(error: unknown): string | undefined {
  const { code, cause } = fieldsOf(error)
  return textOf(code) || (cause ? errorCode(cause) : undefined)
}
