import type { ErrorCode } from '../../errors.ts'
import { respondToError } from '../error-response.ts'
import type { EncodedError } from '../reply-encoder.ts'

/**
 * Encodes an error as OpenAI answers one: `{ error: { message, type, param, code } }`, its HTTP
 * status, and `retry-after` in whole seconds where the provider asked for a pause.
 *
 * A client gets the provider's own words where its request is at fault, and else the library's
 * sentence. Of an error that is not a `RatatoskrError` nothing is told.
 *
 * Format: https://platform.openai.com/docs/guides/error-codes
 *
 * @example
 * ```ts
 * import { openaiChat } from 'ratatoskr/dialects'
 *
 * function answer(error: unknown): Response {
 *   const { status, headers, body } = openaiChat.encodeError(error)
 *   return new Response(JSON.stringify(body), { status, headers })
 * }
 * ```
 */
export function encodeError(error: unknown): EncodedError {
  const { code: failure, status, headers, message } = respondToError(error)
  const [type, code] = (failure && kinds[failure]) ?? [serverError]
  return { status, headers, body: { error: { message, type, param: null, code: code ?? null } } }
}

const requestError = 'invalid_request_error'
const serverError = 'server_error'

/** Type and code; `server_error` without a code for those that are not here. */
const kinds: { readonly [code in ErrorCode]?: readonly [type: string, code?: string] } = {
  timeout: [serverError, 'timeout'],
  authentication: [requestError, 'invalid_api_key'],
  permission: [requestError, 'permission_denied'],
  rate_limited: ['rate_limit_exceeded', 'rate_limit_exceeded'],
  overloaded: [serverError, 'overloaded'],
  model_not_found: [requestError, 'model_not_found'],
  no_provider: [requestError, 'model_not_found'],
  invalid_request: [requestError],
  context_length: [requestError, 'context_length_exceeded'],
  content_filtered: [requestError, 'content_filter'],
  unsupported: [requestError, 'unsupported_parameter'],
}
