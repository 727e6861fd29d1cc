import { isRatatoskrError } from 'ratatoskr'
import { respondToError } from 'ratatoskr/dialects'
import { causeOf, Refusal } from '../refusal.ts'
import type { ChatFailure } from '../wire/chat-failure.ts'

/** A failure as `/chat` answers it. */
export interface EncodedFailure {
  /** The HTTP status. */
  status: number
  headers: { [name: string]: string }
  body: ChatFailure
}

/**
 * Encodes a failure: no keys, no bodies, nothing of errors that are not the library's. The provider's words only
 * where the client's request is at fault, as in `respondToError`.
 */
export function encodeFailure(error: unknown): EncodedFailure {
  const cause = causeOf(error)
  const { code, status, headers, message } = respondToError(cause)
  const answered = error instanceof Refusal ? error.status : status
  if (!isRatatoskrError(cause) || code !== cause.code) {
    // Not the library's, or the provider has refused the server's own key.
    const body = { code: code ?? 'api', message, retryable: false } as const
    return { status: answered, headers, body }
  }
  const { retryable, retryAfter, requestId, providerMessage, status: sent } = cause
  const isTold = providerMessage !== undefined && message === providerMessage
  const body: ChatFailure = {
    code,
    message: isTold ? 'The provider refused the request; see providerMessage.' : message,
    retryable,
    ...(sent !== undefined && { status: sent }),
    ...(retryAfter !== undefined && Number.isFinite(retryAfter) && { retryAfter }),
    ...(requestId !== undefined && { requestId }),
    ...(isTold && { providerMessage }),
  }
  return { status: answered, headers, body }
}
