import { RatatoskrError, type ErrorCode } from '../errors.ts'
import { isRecord } from '../json/predicate.ts'

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

/**
 * Makes the error that a provider's own error means. Statuses mislead (a bad key is a 400 at some
 * hosts, a request at fault a 500 at others), so the body's type and message are read first.
 */
export function apiError(failure: ApiFailure): RatatoskrError {
  const text = typeof failure.body === 'string' ? failure.body : JSON.stringify(failure.body)
  const words = describe(typeof failure.body === 'string' ? parse(failure.body) : failure.body)
  const status = failure.status ?? words.status
  const code = classify(status, words)
  const said = words.message ?? (typeof failure.body === 'string' ? failure.body.trim() : '')
  return new RatatoskrError(
    code,
    `${failure.provider ?? 'The provider'} ${sentences[code] ?? 'failed'}${status === undefined ? '' : ` (status ${status})`}. ` +
      'Its own words are in providerMessage.',
    {
      provider: failure.provider,
      status,
      requestId: failure.requestId,
      retryAfter: failure.retryAfter,
      retryable: isRetryable(code, status, words),
      providerMessage: said === '' ? undefined : said.slice(0, 4096),
      body: text?.slice(0, maxBody),
    },
  )
}

/** How much of a body an error keeps, in characters. */
export const maxBody: number = 16_384

const sentences: { readonly [code in ErrorCode]?: string } = {
  authentication: 'did not accept the API key: check that it is set, complete and meant for it',
  permission: 'does not allow this with this key: check its rights and the credit of the account',
  rate_limited: 'asks for fewer requests or tokens: wait, or send less at a time',
  overloaded: 'is over capacity: try again later, or another model',
  model_not_found: 'does not know this model, or not for this key: check the name',
  invalid_request: 'refused the request: something in it is wrong for this model',
  context_length: 'cannot take a conversation this long: shorten it, or use a model with more room',
  content_filtered: 'refused the content',
  configuration: 'has no such address: check baseURL',
  timeout: 'gave up waiting for itself: try again',
  api: 'failed on its side: try again later',
}

interface Words {
  message?: string | undefined
  /** The error's type and code, joined: each host puts its meaning in another of the two. */
  kind: string
  status?: number | undefined
}

function describe(body: unknown): Words {
  if (Array.isArray(body)) return describe(body[0])
  if (typeof body === 'string') return { message: body, kind: '' }
  if (!isRecord(body)) return { kind: '' }
  const error = body['error']
  const inner = isRecord(error) ? error : body
  const metadata = isRecord(inner['metadata']) ? inner['metadata'] : {}
  const message = firstText(
    unwrap(metadata['raw']),
    inner['message'],
    error,
    body['message'],
    body['detail'],
  )
  const codes = [
    inner['type'],
    inner['code'],
    inner['status'],
    body['code'],
    metadata['error_type'],
  ]
  const statuses = [inner['code'], inner['status_code'], inner['status']].map(Number)
  return {
    message,
    kind: codes.filter((code) => typeof code === 'string').join(' '),
    status: statuses.find((code) => code >= 400 && code < 600),
  }
}

/** OpenRouter wraps the upstream's own error, as JSON text or as it is, in `metadata.raw`. */
function unwrap(raw: unknown): string | undefined {
  if (typeof raw !== 'string' || raw === '') return undefined
  const inner = parse(raw)
  return (isRecord(inner) ? describe(inner).message : undefined) ?? raw
}

function classify(status: number | undefined, { message = '', kind }: Words): ErrorCode {
  const says = (words: RegExp): boolean => words.test(message)
  const isKind = (words: RegExp): boolean => words.test(kind)

  if (isKind(/insufficient_quota|billing|credit/i))
    return status === 429 ? 'rate_limited' : 'permission'
  if (status === 429 || isKind(/rate_?limit/i)) return 'rate_limited'
  if (status === 401 || isKind(/authentication|invalid_api_key|unauthenticated|unauthorized/i)) {
    return 'authentication'
  }
  if (isKind(/overloaded/i) || status === 529 || status === 503) return 'overloaded'
  if (isKind(/context_length|string_above_max/i) || says(tooLong)) return 'context_length'
  if (isKind(/content_?(filter|policy)|moderation|responsibleai/i) || says(/flagged|moderation/i)) {
    return 'content_filtered'
  }
  if (status === 402 || status === 403 || isKind(/permission/i)) return 'permission'
  if (isKind(/model_not_found/i) || (isMissing(status, kind) && says(/model/i))) {
    return 'model_not_found'
  }
  if (status === 404 || status === 405 || status === 421) return 'configuration'
  if (status === 408 || isKind(/timeout/i)) return 'timeout'
  if (
    says(
      /\b(incorrect|invalid|missing|expired|no) api[ _-]?key|api[ _-]?key (is )?(not valid|invalid|missing|expired)/i,
    )
  ) {
    return 'authentication'
  }
  if (status === 400 && says(/model .*(not found|does not exist)/i)) return 'model_not_found'
  if (status === 409) return 'api'
  // llama.cpp answers 500 to requests that are at fault themselves.
  if (status === 500 && says(/not supported|unsupported|cannot use/i)) return 'invalid_request'
  if ((status !== undefined && status < 500) || isKind(/invalid_request|invalid_argument/i)) {
    return 'invalid_request'
  }
  return says(/overload|at capacity/i) ? 'overloaded' : 'api'
}

const tooLong =
  /(maximum|max) (context|prompt) length|context[ _](length|window|size)|(prompt|input|request) (is )?too long|input token count|too many (input )?tokens/i

function isMissing(status: number | undefined, kind: string): boolean {
  return status === 404 || /not_found/i.test(kind)
}

function isRetryable(code: ErrorCode, status: number | undefined, words: Words): boolean {
  switch (code) {
    case 'rate_limited':
      // No wait makes an account's quota larger, nor a single request smaller.
      return (
        !/insufficient_quota/.test(words.kind) && !/request too large/i.test(words.message ?? '')
      )
    case 'overloaded':
    case 'timeout':
      return true
    case 'api':
      return status === undefined || status >= 500 || status === 409
    default:
      return false
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function firstText(...candidates: unknown[]): string | undefined {
  for (const candidate of candidates) {
    if (typeof candidate === 'string' && candidate.trim() !== '') return candidate
  }
  return undefined
}
