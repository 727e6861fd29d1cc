import type { ErrorCode } from '../../errors.ts'
import { respondToError } from '../error-response.ts'
import type { EncodedError } from '../reply-encoder.ts'

/**
 * Encodes an error as Google answers one: `{ error: { code, message, status } }`, and its HTTP
 * status.
 *
 * A client gets the provider's own words where its request is at fault, and else the library's
 * sentence. Of an error that is not a `RatatoskrError` nothing is told.
 *
 * Format: https://cloud.google.com/apis/design/errors
 *
 * @example
 * ```ts
 * import { gemini } from 'ratatoskr/dialects'
 *
 * function answer(error: unknown): Response {
 *   const { status, headers, body } = gemini.encodeError(error)
 *   return new Response(JSON.stringify(body), { status, headers })
 * }
 * ```
 */
export function encodeError(error: unknown): EncodedError {
  const { code, status, headers, message } = respondToError(error)
  const word = (code && words[code]) ?? (status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL')
  return { status, headers, body: { error: { code: status, message, status: word } } }
}

const words: { readonly [code in ErrorCode]?: string } = {
  timeout: 'DEADLINE_EXCEEDED',
  authentication: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  rate_limited: 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  model_not_found: 'NOT_FOUND',
  no_provider: 'NOT_FOUND',
  cancelled: 'CANCELLED',
}
