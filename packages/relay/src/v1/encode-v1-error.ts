import { isRatatoskrError } from 'ratatoskr'
import * as anthropic from 'ratatoskr/dialects/anthropic'
import * as openaiChat from 'ratatoskr/dialects/openai-chat'
import { causeOf, Refusal } from '../refusal.ts'
import { requestIdHeaders, requestIdOf } from '../server/request-id.ts'
import type { FailureAnswer } from '../server/route.ts'
import { isRecord } from '../wire/is-record.ts'

/** A failure as OpenAI answers it. */
export function encodeOpenaiError(error: unknown, request: Request): FailureAnswer {
  const { status, headers, body } = openaiChat.encodeError(causeOf(error))
  return { status, headers: withHints(error, request, headers), body }
}

/** A failure as Anthropic answers it. */
export function encodeAnthropicError(error: unknown, request: Request): FailureAnswer {
  const { status, headers, body } = anthropic.encodeError(causeOf(error))
  const type = error instanceof Refusal ? refused.get(error.status) : undefined
  const { error: told } = body
  return {
    status,
    headers: withHints(error, request, headers),
    body: {
      ...body,
      ...(type !== undefined && isRecord(told) && { error: { ...told, type } }),
      request_id: requestIdOf(request),
    },
  }
}

/** A failure at an address that both have, or that neither has: in the words of the one who seems to ask. */
export function encodeV1Error(error: unknown, request: Request): FailureAnswer {
  const { pathname } = new URL(request.url)
  return isAnthropic(request) || /\/v1\/messages(\/|$)/.test(pathname)
    ? encodeAnthropicError(error, request)
    : encodeOpenaiError(error, request)
}

/** Whether a client speaks Anthropic's protocol where both have the same address. */
export function isAnthropic({ headers }: Request): boolean {
  return headers.has('anthropic-version')
}

/** Anthropic's own words for what the relay refuses, by the status. */
const refused: ReadonlyMap<number, string> = new Map([
  [404, 'not_found_error'],
  [413, 'request_too_large'],
])

/**
 * Both official clients repeat a request by its status alone, unless this header says otherwise: what the gateway has
 * tried in vain is not tried three times more.
 */
function withHints(
  error: unknown,
  request: Request,
  headers: { readonly [name: string]: string },
): { [name: string]: string } {
  const cause = causeOf(error)
  return {
    ...headers,
    ...requestIdHeaders(request),
    ...(isRatatoskrError(cause) && { 'x-should-retry': String(cause.retryable) }),
  }
}
