import { isRatatoskrError, type ErrorCode } from '../errors.ts'

/** What a server answers to a failure, before a format gives it its shape. */
export interface ErrorResponse {
  /** Undefined for what is no error of this library. */
  code: ErrorCode | undefined
  /** The HTTP status. */
  status: number
  headers: { [name: string]: string }
  /** For the client: no keys, no bodies, nothing of errors that are not the library's. */
  message: string
}

/** Answers an error. What is not the library's own says nothing of itself: it may hold anything. */
export function respondToError(error: unknown): ErrorResponse {
  const headers = { 'content-type': 'application/json' }
  const status = isRatatoskrError(error) ? statuses.get(error.code) : undefined
  if (!isRatatoskrError(error) || !status) {
    return {
      code: undefined,
      status: 500,
      headers,
      message: 'The server failed to answer; try again later.',
    }
  }
  const { code, retryAfter, providerMessage, message } = error
  if (error.status && (code === 'authentication' || code === 'permission')) {
    // It is the server's own key, not the client's, that the provider does not take.
    return { code: 'api', status: 502, headers, message: 'The provider refused this server.' }
  }
  const waits = retryAfter !== undefined && retryAfter >= 0 && retryAfter < Infinity
  return {
    code,
    status,
    headers: waits ? { ...headers, 'retry-after': `${Math.ceil(retryAfter / 1000)}` } : headers,
    message: (requestFaults.has(code) && providerMessage) || withoutPointers(message),
  }
}

const table: { readonly [code in ErrorCode]: number } = {
  network: 502,
  timeout: 504,
  truncated: 502,
  protocol: 502,
  // It is the reply that is too large, not the request.
  too_large: 502,
  api: 502,
  authentication: 401,
  permission: 403,
  rate_limited: 429,
  overloaded: 503,
  model_not_found: 404,
  invalid_request: 400,
  context_length: 400,
  content_filtered: 400,
  unsupported: 400,
  no_provider: 404,
  configuration: 500,
  // nginx's "client closed request"; nobody is there to read it.
  cancelled: 499,
}
const statuses: ReadonlyMap<string, number> = new Map(Object.entries(table))

/** Where the provider's own words tell the client what to change in its request. */
const requestFaults: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_request',
  'context_length',
  'content_filtered',
  'model_not_found',
  'unsupported',
])

/** Without the last clause, where it points at a field of the error, which a client has not got. */
function withoutPointers(message: string): string {
  return message.replace(/[;.] [^;.]*(?:providerMessage|error\.(?:partial|body))\.?$/, '.')
}
