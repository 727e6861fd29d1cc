import { RatatoskrError } from 'ratatoskr'
import { isRecord } from '../wire/is-record.ts'
import { carriedFailure } from './carried-failure.ts'
import type { ObjectNamespace } from './platform.ts'

/** How often one question is put. */
const attempts = 3

/**
 * Asks the object of a name. What it threw is thrown here; so is what kept the question from reaching it, with code `overloaded` or
 * `network`. An object that was reset on the way is asked again, for every question may come twice; one that is overloaded is not.
 *
 * https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
 */
export async function askObject(
  namespace: ObjectNamespace,
  name: string,
  path: string,
  message: object = {},
): Promise<Response> {
  const body = JSON.stringify(message)
  for (let left = attempts - 1; ; left -= 1) {
    let response: Response
    try {
      // A stub that has failed stays broken.
      const stub = namespace.get(namespace.idFromName(name))
      response = await stub.fetch(`https://relay/${path}`, { method: 'POST', body })
    } catch (cause) {
      if (left > 0 && !isOverloaded(cause)) continue
      throw unreachable(cause)
    }
    const failure = await carriedFailure(response)
    if (failure !== undefined) throw failure
    return response
  }
}

function isOverloaded(cause: unknown): boolean {
  return isRecord(cause) && cause['overloaded'] === true
}

function unreachable(cause: unknown): RatatoskrError {
  const details = { retryable: true, cause }
  return isOverloaded(cause)
    ? new RatatoskrError('overloaded', 'The Durable Object of the relay is overloaded.', details)
    : new RatatoskrError('network', 'The Durable Object of the relay could not be asked.', details)
}
