import type { ErrorCode } from 'ratatoskr'

/**
 * Something that goes wrong with a reply. Plain JSON.
 *
 * What the library makes of each is in the package's README.
 */
export type Fault = FaultTimes & (ResponseFault | BodyFault)

/** Which of several requests it happens to; without either, all. They are counted from 1. */
export interface FaultTimes {
  /** Only these. */
  on?: number | readonly number[]
  /** Only the first so many. */
  times?: number
}

/** What comes in place of a reply. */
export type ResponseFault =
  | {
      /** An error's status, with the body that the service sends with it. */
      kind: 'status'
      status: number
      /** Seconds, for the header `retry-after`. */
      retryAfter?: number
      message?: string
      /** Sent instead of the service's JSON. */
      body?: string
    }
  | {
      /** Status 200 and no stream, as a proxy's page. */
      kind: 'contentType'
      /** Default: `text/html`. */
      contentType?: string
      body?: string
    }

/** What happens to the body of a reply. */
export type BodyFault =
  | ({
      /** The body ends early, as if that were its end. */
      kind: 'cut'
    } & FaultPlace)
  | ({
      /** The connection breaks. */
      kind: 'reset'
    } & FaultPlace)
  | ({
      /** Nothing comes any more, and the connection stays open. */
      kind: 'stall'
    } & FaultPlace)
  | {
      /** The service reports an error within the stream, and ends it. */
      kind: 'error'
      /** Default: 0. */
      afterEvents?: number
      /** Default: `overloaded`. */
      code?: ErrorCode
      message?: string
    }
  | {
      /** The JSON of an event is cut in two, and its second half missing. */
      kind: 'badJson'
      /** Which, counted from 1. */
      event: number
    }
  | {
      /** An event comes twice. */
      kind: 'duplicate'
      /** Which, counted from 1. */
      event: number
    }
  | {
      /** The event that ends a stream is missing: `[DONE]`, or `message_stop`. */
      kind: 'noEnd'
    }
  | {
      /** The body comes a few bytes at a time. */
      kind: 'drip'
      /** Bytes. Default: 1. */
      size?: number
      /** Milliseconds between them. Default: 1. */
      delay?: number
    }

/** Where in the body it happens; without either, at its beginning. */
export interface FaultPlace {
  afterBytes?: number
  /** Comments and pauses are not counted. */
  afterEvents?: number
}

/** Whether a fault happens to this request, counted from 1. */
export function happensTo({ on, times = Infinity }: FaultTimes, request: number): boolean {
  return request <= times && (on === undefined || [on].flat().includes(request))
}
