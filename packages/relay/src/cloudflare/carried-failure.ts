import { isRatatoskrError, RatatoskrError, type ErrorCode } from 'ratatoskr'
import { is, number, looseObject, exactOptional, string, boolean, custom } from 'valibot'
import { causeOf, Refusal } from '../refusal.ts'
import type { SentFailure } from '../wire/chat-failure.ts'

/** Says that an object's answer is a failure. */
const header = 'x-ratatoskr-failure'

const carried = looseObject({
  /** The status of a `Refusal`. */
  refusal: exactOptional(number()),
  code: custom<ErrorCode>(isCode),
  message: string(),
  retryable: boolean(),
  status: exactOptional(number()),
  retryAfter: exactOptional(number()),
  requestId: exactOptional(string()),
  provider: exactOptional(string()),
  providerMessage: exactOptional(string()),
})

/** A failure on its way from a Durable Object to the Worker that asked: nothing of it is lost but its stack. */
export function carryFailure(error: unknown): Response {
  const cause = causeOf(error)
  if (!isRatatoskrError(cause)) {
    // What it says may be anything; nobody may read it.
    return Response.json({}, { status: 500, headers: { [header]: '1' } })
  }
  const { code, message, retryable, retryAfter } = cause
  const { status, requestId, provider, providerMessage } = cause
  const fields = {
    ...(error instanceof Refusal && { refusal: error.status }),
    code,
    message,
    retryable,
    status,
    requestId,
    provider,
    providerMessage,
    // JSON has no Infinity.
    ...(Number.isFinite(retryAfter) && { retryAfter }),
  }
  return Response.json(fields, { status: 500, headers: { [header]: '1' } })
}

/** The failure that an answer carries; undefined where it is none. */
export async function carriedFailure(response: Response): Promise<Error | undefined> {
  if (response.ok) return undefined
  const sent: unknown = response.headers.has(header) ? await response.json() : undefined
  await response.body?.cancel().catch(() => {})
  if (!is(carried, sent)) return new Error('The Durable Object of the relay has failed.')
  const { refusal, code, message, ...details } = sent
  if (refusal !== undefined) return new Refusal(refusal, code, message, details)
  return new RatatoskrError(code, message, details)
}

/** A failure that was kept as a client reads it. */
export function keptFailure({ code, message, ...details }: SentFailure): RatatoskrError {
  return new RatatoskrError(isCode(code) ? code : 'api', message, details)
}

/** Of an error that was one of the library's. */
function isCode(value: unknown): value is ErrorCode {
  return typeof value === 'string'
}
