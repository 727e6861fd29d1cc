import { RatatoskrError, type ErrorCode, type ErrorDetails } from 'ratatoskr'

/**
 * What the relay itself refuses, with the HTTP status where it is another than that of the code.
 * `error` is what a dialect's `encodeError` writes.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly error: RatatoskrError

  constructor(status: number, code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message)
    this.status = status
    this.error = new RatatoskrError(code, message, details)
  }
}

/** The error of a refusal; anything else as it is. */
export function causeOf(error: unknown): unknown {
  return error instanceof Refusal ? error.error : error
}
