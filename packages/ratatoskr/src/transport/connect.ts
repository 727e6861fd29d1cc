import { RatatoskrError } from '../errors.ts'

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
  const { provider, url, headers, body, signal, timeout } = options
  signal.throwIfAborted()
  const controller = new AbortController()
  const abort = (): void => {
    controller.abort(signal.reason)
  }
  // Not removed: the connection outlives this function, and the signal is this attempt's own.
  signal.addEventListener('abort', abort, { once: true })
  const timer =
    timeout === false
      ? undefined
      : setTimeout(() => {
          controller.abort(
            new RatatoskrError(
              'timeout',
              `${provider} did not answer within ${timeout / 1000} s. ` +
                'Raise timeouts.headers, or try again.',
              { provider, retryable: true },
            ),
          )
        }, timeout)
  const call = options.fetch ?? ((input, init) => globalThis.fetch(input, init))
  let pending: Promise<Response> | undefined
  try {
    pending = call(url, { method: 'POST', headers, body, signal: controller.signal })
    return await untilAborted(pending, controller.signal)
  } catch (error) {
    if (controller.signal.aborted) {
      // A fetch that does not listen to its signal may still answer: nobody will read it.
      pending?.then((response) => response.body?.cancel()).catch(() => {})
      throw controller.signal.reason
    }
    throw networkError(provider, url, error)
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Settles as the promise does, or rejects with the signal's reason: not everything that is given
 * a signal listens to it.
 */
export function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort)
    })
  })
}

function networkError(provider: string, url: string, cause: unknown): RatatoskrError {
  const code = errorCode(cause)
  // Node, Deno and Bun name the cause; browsers and workers keep it to themselves.
  const causes =
    code === undefined
      ? 'The platform does not tell why. Likely causes: the server is not running or cannot be reached; ' +
        'the device is offline; the server does not allow this page by CORS (for Ollama: OLLAMA_ORIGINS); ' +
        'an https page may not call http except on localhost; an extension or a Content-Security-Policy blocks it.'
      : `The connection failed with ${code}: check that the server runs and can be reached.`
  return new RatatoskrError('network', `Cannot reach ${provider} at ${originOf(url)}. ${causes}`, {
    provider,
    retryable: true,
    cause,
  })
}

function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return 'cause' in error ? errorCode(error.cause) : undefined
}

function originOf(url: string): string {
  try {
    return new URL(url).origin
  } catch {
    return 'its address'
  }
}
