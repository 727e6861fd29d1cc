import { RatatoskrError, type ErrorCode, type ErrorDetails } from 'ratatoskr'
import type { SentFailure } from '../wire/chat-failure.ts'
import { count, fields, flag, maybe, text as isText } from './check.ts'

const provider = 'relay'

/** As much of a body is kept that is no failure of the relay's. Characters. */
const maxBody = 8192

const codes: { readonly [code in ErrorCode]: true } = {
  network: true,
  timeout: true,
  truncated: true,
  protocol: true,
  too_large: true,
  api: true,
  authentication: true,
  permission: true,
  rate_limited: true,
  overloaded: true,
  model_not_found: true,
  invalid_request: true,
  context_length: true,
  content_filtered: true,
  unsupported: true,
  no_provider: true,
  configuration: true,
  cancelled: true,
}

const hasFailure = fields({
  code: isText,
  message: isText,
  retryable: flag,
  status: maybe(count),
  retryAfter: maybe(count),
  requestId: maybe(isText),
  providerMessage: maybe(isText),
})

/** Whether a value is a failure in the relay's own words. */
export function isChatFailure(value: unknown): value is SentFailure {
  return hasFailure(value)
}

/** The failure that a text tells in the relay's own words; undefined for any other text. */
export function readFailure(text: string, status?: number): RatatoskrError | undefined {
  const sent = parse(text)
  if (!isChatFailure(sent)) return undefined
  const { code, message, retryable, retryAfter, requestId, providerMessage } = sent
  // A newer relay may have codes of its own.
  return new RatatoskrError(isErrorCode(code) ? code : 'api', message, {
    provider,
    status: sent.status ?? status,
    retryable,
    retryAfter,
    requestId,
    providerMessage,
  })
}

/**
 * The failure that came instead of a stream. Where it is not the relay's own word (a proxy's, a page to sign in), the error has a `body`.
 */
export async function readRefusal(response: Response): Promise<RatatoskrError> {
  const { status, headers, ok } = response
  const text = await readStart(response.body)
  const told = readFailure(text, status)
  if (told) return told
  const details: ErrorDetails = { provider, status, body: text.slice(0, maxBody) }
  const type = headers.get('content-type') ?? 'nothing'
  if (ok) return new RatatoskrError('protocol', `The relay sent ${type}; check url.`, details)
  const passes = status >= 500 || status === 408 || status === 429
  const wait = Number(headers.get('retry-after') ?? Number.NaN) * 1000
  return new RatatoskrError(
    codeOf(status),
    `Something on the way to the relay answered ${status}; check url, and see error.body.`,
    { ...details, retryable: passes, ...(wait >= 0 && { retryAfter: wait }) },
  )
}

/** Parses JSON; undefined where it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'authentication'
  if (status === 403) return 'permission'
  if (status === 429) return 'rate_limited'
  if (status === 503) return 'overloaded'
  return status >= 500 || status === 408 ? 'api' : 'invalid_request'
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(codes, code)
}

/** What does not come is not waited for by the caller, who aborts; what is too long is not read. */
async function readStart(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const reader = body?.getReader()
  const utf8 = new TextDecoder()
  let text = ''
  try {
    while (text.length < maxBody) {
      const piece = await reader?.read()
      if (piece?.value === undefined) break
      text += utf8.decode(piece.value, { stream: true })
    }
    reader?.cancel().catch(() => {})
  } catch {
    // What has come may say enough.
  }
  return text
}
