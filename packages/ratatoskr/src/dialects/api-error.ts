import { RatatoskrError, type ErrorCode } from '../errors.ts'
import { fieldsOf, isRecord, textOf } from '../json/shape.ts'

/** What came instead of a reply, or in the middle of one. */
export interface ApiFailure {
  provider?: string | undefined
  /** The HTTP status; absent for an error inside a stream. */
  status?: number | undefined
  /** The body's text, or the error object of a stream. */
  body: unknown
  requestId?: string | undefined
  /** Milliseconds, from the response's headers. */
  retryAfter?: number | undefined
}

/** How much of a body an error keeps, in characters. */
export const maxBody = 16_384

/**
 * Makes the error that a provider's own error means. Statuses mislead (a bad key is a 400 at some
 * hosts, a request at fault a 500 at others), so the body's type and message are read with them.
 */
export function apiError({
  provider,
  body,
  requestId,
  retryAfter,
  ...response
}: ApiFailure): RatatoskrError {
  const text = typeof body === 'string' ? body : stringify(body)
  // A page of HTML is nobody's words.
  const { message, kind, code: number } = describe(parse(text) ?? text.replace(/^\s*<[^]*/, ''))
  const status = response.status ?? number
  const said = `${status} ${kind}: ${message}`
  const code = meanings.find(([, pattern]) => pattern.test(said))?.[0] ?? 'api'
  const retryable =
    /^(rate_limited|overloaded|timeout|api)$/.test(code) &&
    // No wait makes an account's quota larger, nor a single request smaller.
    !/insufficient_quota|request too large/i.test(said)
  return new RatatoskrError(
    code,
    `${provider ?? 'The provider'} failed (${code}${status ? ` ${status}` : ''}): ${remedies[code] ?? (retryable ? 'try again later' : 'change the request')}.${message && ' See providerMessage.'}`,
    {
      provider,
      status,
      requestId,
      retryAfter,
      retryable,
      providerMessage: message.trim().slice(0, 4096) || undefined,
      body: text.slice(0, maxBody),
    },
  )
}

/** Read from above: the first that fits `<status> <type and code>: <message>`. */
const meanings: readonly (readonly [ErrorCode, RegExp])[] = [
  ['rate_limited', /^429|^[^:]*rate_?limit/i],
  ['overloaded', /^(503|529)|overloaded|at capacity/i],
  [
    'context_length',
    /context.(length|window|size|limit)|prompt length|(prompt|input|request) (is )?too long|token count|too many.* (token|byte)s/i,
  ],
  ['content_filtered', /content.?(filter|policy)|moderation|responsibleai|flagged/i],
  [
    'permission',
    /^40[23](?!.*(security token|signature|authentication failed|token has expired))|^[^:]*(permission|insufficient_quota|billing)|credit balance/i,
  ],
  [
    'authentication',
    /^401|^[^:]*(authenticat|unauthori|api.?key)|^4[^]*(api.?key|security token|request signature|signature expired|token has expired)/i,
  ],
  [
    'model_not_found',
    /(^404|not_found)[^]*(model|endpoints found)|model[^]*(not.found|does not exist)|valid model|model identifier/i,
  ],
  ['configuration', /^(404|405|421)/],
  ['timeout', /^408|^[^:]*(timeout|deadline_exceeded)/i],
  ['api', /^4(09|24|99)/],
  // llama.cpp answers 500 to requests that are at fault themselves.
  ['invalid_request', /^4|invalid_(request|argument)|^500[^]*(supported|cannot use)/i],
]

const remedies: { readonly [code in ErrorCode]?: string } = {
  authentication: 'check the key',
  permission: 'check the account',
  context_length: 'shorten the conversation',
  configuration: 'check baseURL',
}

interface Words {
  message: string
  /** The error's type and code, joined: each host puts its meaning in another of the two. */
  kind: string
  /** The HTTP status that it names. */
  code?: number | undefined
}

function describe(body: unknown): Words {
  const [first] = [body].flat()
  // Amazon's front door writes its words with a capital.
  const { Message, error = first, message = Message, detail, code } = fieldsOf(first)
  const inner = fieldsOf(error)
  const { type, code: own, status, status_code: http, metadata } = inner
  const { raw, error_type: upstream } = fieldsOf(metadata)
  const codes = [type, own, status, code, upstream]
  return {
    message:
      // OpenRouter wraps the upstream's own error, as JSON text or as it is.
      (raw ? describe(parse(textOf(raw)) ?? raw).message : '') ||
      textOf(inner['message']) ||
      textOf(error) ||
      textOf(message) ||
      textOf(detail),
    kind: codes.map(textOf).join(' '),
    code: [...codes, http]
      .map((value) => Number(isRecord(value) || value))
      .find((value) => value >= 400 && value < 600),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What nobody can have meant, such as 100,000 arrays in each other, has no text. */
export function stringify(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return ''
  }
}
