import { RatatoskrError, type ErrorCode, type ErrorDetails } from 'ratatoskr'

/**
 * What the relay itself refuses, with the HTTP status where it is another than that of the code: what a
 * `StreamHost` of one's own rejects with, or a limiter. Clients are told the message, so it has nothing of a key or
 * a prompt; logs say `refused`.
 *
 * @example
 * ```ts
 * import { Refusal } from '@ratatoskr/relay'
 *
 * const unknownReply = (): Refusal => new Refusal(404, 'invalid_request', 'There is no such reply.')
 * ```
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** The HTTP status of the answer. */
  readonly status: number
  /** What the client is told, in the words of its protocol. */
  readonly error: RatatoskrError

  /** @param details Whether it may be tried again, and after how many milliseconds. */
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
