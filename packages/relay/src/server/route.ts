import type { Caller } from '../caller.ts'
import type { RelayCore } from './relay-core.ts'
import type { RequestLog } from './request-log.ts'

/** What a route is given. */
export interface RouteContext {
  request: Request
  caller: Caller
  core: RelayCore
  /**
   * What is known of this request goes here. A route whose body is still to come sets `deferred`, and calls `finish`
   * when it is over.
   */
  log: RequestLog
  /** What stood at the pattern's `:id`, as it was sent. */
  id: string
  /** Something goes on that must come to its end, although the client may have gone. */
  waitUntil: (promise: Promise<unknown>) => void
}

/** An answer of JSON to a failure, in the words of a route's protocol. */
export interface FailureAnswer {
  status: number
  headers: { [name: string]: string }
  body: unknown
}

/** One address of the relay. */
export interface Route {
  method: 'GET' | 'POST' | 'DELETE'
  /** Such as `/chat/:id`, or `/v1/models/:id*` for all that follows: below the relay's base path. */
  path: string
  handle(context: RouteContext): Promise<Response>
  /**
   * Writes a failure as this protocol has it, also one before `handle` (no authorisation, a page that may not ask). The
   * status of a `Refusal` replaces that of the answer.
   */
  encodeError: (error: unknown, request: Request) => FailureAnswer
}
