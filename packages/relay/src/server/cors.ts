import { RatatoskrError } from 'ratatoskr'

/** As browsers write them; anything else would fit nobody. */
const form = /^(null|[a-z][a-z\d+.-]*:\/\/[^/*A-Z]+)$/

/** Which pages may ask. */
export interface CorsOptions {
  origins: readonly string[] | '*'
}

/** What a relay answers to pages. */
export interface Cors {
  /** Whether the page that asks, if it is one, may. */
  allows(request: Request): boolean
  /** Lets the page read the answer. */
  mark(request: Request, response: Response): Response
  /** The answer to the question that browsers ask first. */
  preflight(request: Request): Response
}

/**
 * Makes the rules. A page of another origin is refused, not only kept from reading the answer: the request would
 * have cost tokens, and a cookie may have paid for it. Throws with code `configuration` for what is no origin.
 */
export function createCors(options: CorsOptions | undefined): Cors {
  const { origins = [] } = options ?? {}
  if (origins !== '*' && !origins.every((origin) => form.test(origin))) {
    throw new RatatoskrError(
      'configuration',
      "cors.origins must be a list such as ['https://app.example.com'], without paths, or '*' for all.",
    )
  }
  const isListed = (origin: string): boolean => origins === '*' || origins.includes(origin)

  const allows = (request: Request): boolean => {
    const origin = request.headers.get('origin')
    return (
      origin === null ||
      isListed(origin) ||
      // A proxy in front may have changed the address; no page can write this header itself.
      request.headers.get('sec-fetch-site') === 'same-origin' ||
      origin === new URL(request.url).origin
    )
  }

  const mark = (request: Request, response: Response): Response => {
    const origin = request.headers.get('origin')
    if (options === undefined) return response
    const headers = new Headers(response.headers)
    if (origins !== '*') headers.append('vary', 'origin')
    if (origin !== null && isListed(origin)) {
      headers.set('access-control-allow-origin', origins === '*' ? '*' : origin)
      // For `authorize` by a cookie; browsers take no `*` with it.
      if (origins !== '*') headers.set('access-control-allow-credentials', 'true')
      headers.set('access-control-expose-headers', 'retry-after, x-request-id, request-id')
    }
    const { body, status, statusText } = response
    return new Response(body, { status, statusText, headers })
  }

  return {
    allows,
    mark,
    preflight(request) {
      const asked = request.headers.get('access-control-request-headers')
      const headers = {
        'access-control-allow-methods': 'GET, POST, DELETE',
        ...(asked !== null && { 'access-control-allow-headers': asked }),
        'access-control-max-age': '600',
      }
      return allows(request)
        ? mark(request, new Response(null, { status: 204, headers }))
        : new Response(null, { status: 403 })
    },
  }
}
