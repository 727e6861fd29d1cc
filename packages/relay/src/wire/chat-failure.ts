import { boolean, exactOptional, number, object, string, type GenericSchema } from 'valibot'
import type { ErrorCode } from 'ratatoskr'

/**
 * A failure on `/chat`: the JSON of an answer with an error's status, and the data of `event: error`
 * in a stream.
 */
export interface ChatFailure {
  code: ErrorCode
  message: string
  retryable: boolean
  /** The HTTP status with which the provider refused. */
  status?: number
  /** Milliseconds. */
  retryAfter?: number
  /** The provider's id of the request. */
  requestId?: string
  providerMessage?: string
}

/** A {@link ChatFailure}, whose code may be one that the reader does not know. */
export type SentFailure = Omit<ChatFailure, 'code'> & { code: string }

/** Of a {@link SentFailure}, as a client reads it. */
export const chatFailure: GenericSchema<SentFailure> = object({
  code: string(),
  message: string(),
  retryable: boolean(),
  status: exactOptional(number()),
  retryAfter: exactOptional(number()),
  requestId: exactOptional(string()),
  providerMessage: exactOptional(string()),
})
