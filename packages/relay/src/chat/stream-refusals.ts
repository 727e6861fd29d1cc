import { Refusal } from '../refusal.ts'

/** Also where it is somebody else's. */
export function unknownStream(): Refusal {
  return new Refusal(404, 'invalid_request', 'There is no such reply, or it is over for too long.')
}

/** Two requests have one id. */
export function anotherBody(): Refusal {
  const said = 'This id was used with another body; use a new one for each request.'
  return new Refusal(409, 'invalid_request', said)
}

/** The events that a reader wants are no longer there. */
export function tooLate(): Refusal {
  return new Refusal(
    410,
    'cancelled',
    'Too late: the events after this Last-Event-ID are no longer kept. Ask anew, with another id.',
  )
}

/** The client has all, its end with it. */
export function nothingFollows(): Refusal {
  return new Refusal(410, 'cancelled', 'The reply is over: nothing follows this Last-Event-ID.')
}

/** There are more than the client can have seen. */
export function aheadOfReply(): Refusal {
  return new Refusal(400, 'invalid_request', 'Last-Event-ID is ahead of the reply.')
}

/** The relay as a whole is full. */
export function tooMany(): Refusal {
  const details = { retryable: true, retryAfter: 1000 }
  return new Refusal(503, 'overloaded', 'The relay has too many replies; try again.', details)
}

/** The client gave it up faster than its request came. */
export function alreadyStopped(): Refusal {
  return new Refusal(410, 'cancelled', 'The reply was stopped before it began.')
}
