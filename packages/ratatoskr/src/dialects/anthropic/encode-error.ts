import { isRatatoskrError, type ErrorCode } from '../../errors.ts'
import { fieldsOf } from '../../json/shape.ts'
import { respondToError } from '../error-response.ts'
import type { EncodedError } from '../reply-encoder.ts'

/**
 * Encodes an error as Anthropic answers one: `{ type: 'error', error: { type, message } }`, its
 * HTTP status, and `retry-after` in whole seconds where the provider asked for a pause.
 *
 * A client gets the provider's own words where its request is at fault, and else the library's
 * sentence. Of an error that is not a `RatatoskrError` nothing is told.
 *
 * Format: https://platform.claude.com/docs/en/api/errors
 *
 * @example
 * ```ts
 * import { anthropic } from 'ratatoskr/dialects'
 *
 * function answer(error: unknown): Response {
 *   const { status, headers, body } = anthropic.encodeError(error)
 *   return new Response(JSON.stringify(body), { status, headers })
 * }
 * ```
 */
export function encodeError(error: unknown): EncodedError {
  const { code, status, headers, message } = respondToError(error)
  const [type, own] = (code && kinds[code]) ?? ['api_error']
  // Of causes, only what the format itself has a place for.
  const { cause } = isRatatoskrError(error) ? error : {}
  const details = fieldsOf(cause)['error_code'] === 'thread_unsupported_request' && {
    details: cause,
  }
  const body = { type: 'error', error: { type, message, ...details } }
  return { status: own ?? status, headers, body }
}

/** The type, and the status where it is Anthropic's own; `api_error` for those that are not here. */
const kinds: { readonly [code in ErrorCode]?: readonly [type: string, status?: number] } = {
  timeout: ['timeout_error'],
  authentication: ['authentication_error'],
  permission: ['permission_error'],
  rate_limited: ['rate_limit_error'],
  overloaded: ['overloaded_error', 529],
  model_not_found: ['not_found_error'],
  no_provider: ['not_found_error'],
  invalid_request: ['invalid_request_error'],
  context_length: ['invalid_request_error'],
  content_filtered: ['invalid_request_error'],
  unsupported: ['invalid_request_error'],
}
