import { respondToError } from '../error-response.ts'
import type { EncodedError } from '../reply-encoder.ts'

/**
 * Encodes an error as Ollama answers one: `{ error: 'words' }`, and its HTTP status. In a stream
 * the same stands in a line.
 *
 * A client gets the provider's own words where its request is at fault, and else the library's
 * sentence. Of an error that is not a `RatatoskrError` nothing is told.
 *
 * Format: https://docs.ollama.com/api/errors
 *
 * @example
 * ```ts
 * import { ollama } from 'ratatoskr/dialects'
 *
 * function answer(error: unknown): Response {
 *   const { status, headers, body } = ollama.encodeError(error)
 *   return new Response(JSON.stringify(body), { status, headers })
 * }
 * ```
 */
export function encodeError(error: unknown): EncodedError {
  const { status, headers, message } = respondToError(error)
  return { status, headers, body: { error: message } }
}
