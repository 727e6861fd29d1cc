/** The body of an error. */
export type ErrorBody = { [field: string]: unknown }

/** A service's answer to a request that it does not take. */
export class Refusal extends Error {
  readonly status: number
  readonly body: ErrorBody

  constructor(status: number, body: ErrorBody) {
    super(`The simulated service refused the request with status ${status}.`)
    this.status = status
    this.body = body
  }
}
