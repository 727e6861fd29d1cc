import type { PartialChatResponse } from './response.ts'

/**
 * What went wrong:
 *
 * - `network`: no connection, or it broke before the first event
 * - `timeout`: one of the timers ran out
 * - `truncated`: the reply was cut off before the provider said that it is complete
 * - `protocol`: the provider sent something that is not its own format
 * - `too_large`: an event or the collected reply passed its limit
 * - `api`: the provider failed
 * - `authentication`: the key is missing or wrong
 * - `permission`: the key may not do this, or the account has no credit
 * - `rate_limited`: too many requests or tokens
 * - `overloaded`: the provider is over capacity
 * - `model_not_found`: no such model, or not for this key
 * - `invalid_request`: the request is wrong
 * - `context_length`: the conversation is longer than the model takes
 * - `content_filtered`: the provider refused for the content
 * - `unsupported`: the provider cannot honour a parameter
 * - `no_provider`: no configured provider takes this model
 * - `configuration`: the gateway or a provider is set up wrongly
 * - `cancelled`: the stream was given up before its end
 */
export type ErrorCode =
  | 'network'
  | 'timeout'
  | 'truncated'
  | 'protocol'
  | 'too_large'
  | 'api'
  | 'authentication'
  | 'permission'
  | 'rate_limited'
  | 'overloaded'
  | 'model_not_found'
  | 'invalid_request'
  | 'context_length'
  | 'content_filtered'
  | 'unsupported'
  | 'no_provider'
  | 'configuration'
  | 'cancelled'

/** What is known of a failure, besides its code and sentence. */
export interface ErrorDetails {
  /** The provider's name. */
  provider?: string | undefined
  /** The HTTP status; inside a stream, the one that the provider's error names. */
  status?: number | undefined
  /** The provider's id of the request, for its support. */
  requestId?: string | undefined
  /** Milliseconds after which the provider asks to be tried again. */
  retryAfter?: number | undefined
  /** Whether the same request may succeed when it is repeated. */
  retryable?: boolean | undefined
  /** What the provider itself said. May hold parts of the request: do not log it unseen. */
  providerMessage?: string | undefined
  /** The beginning of the body that came instead of a stream. */
  body?: string | undefined
  cause?: unknown
}

/**
 * The one error class. Tell the cases apart by `code`. The message says what could not be done
 * and what to do about it; it never holds a key, a prompt or a payload.
 *
 * @example
 * ```ts
 * import { isRatatoskrError } from 'ratatoskr'
 *
 * function advise(error: unknown): string {
 *   if (isRatatoskrError(error) && error.code === 'truncated') return 'The reply was cut off.'
 *   return 'Something else happened.'
 * }
 * ```
 */
export class RatatoskrError extends Error {
  override readonly name = 'RatatoskrError'
  code: ErrorCode
  declare provider: string | undefined
  declare readonly status: number | undefined
  declare requestId: string | undefined
  declare readonly retryAfter: number | undefined
  retryable: boolean
  declare providerMessage: string | undefined
  declare body: string | undefined
  /** What had been received when the stream failed; absent before the first event. */
  declare partial: PartialChatResponse | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message)
    Object.assign(this, details)
    this.code = code
    this.retryable = details.retryable ?? false
  }
}

/**
 * Whether something is a {@link RatatoskrError}; also when it was made by another copy of this
 * library or in another realm, where `instanceof` says no.
 */
export function isRatatoskrError(value: unknown): value is RatatoskrError {
  return typeof value === 'object' && !!value && 'name' in value && value.name === 'RatatoskrError'
}

/** What every `truncated` error says. */
export const cutOff = 'The reply was cut off before its end.'

/** Throws, where something that must be is not. */
export function need(condition: unknown, code: ErrorCode, rule: string): void {
  if (!condition) throw new RatatoskrError(code, `${rule}.`)
}

/** Throws with code `too_large` where something passes the limit that is named. */
export function checkSize(name: string, size: number, limit: number): void {
  if (size > limit) need(false, 'too_large', `The reply passes ${name} (${limit})`)
}

/** 64 Mi, of characters or bytes: the limit where none is set. */
export const defaultLimit: number = 2 ** 26
