import { isRatatoskrError, RatatoskrError } from 'ratatoskr'
import type { Caller } from './caller.ts'
import { encodeFailure } from './chat/encode-failure.ts'
import { Refusal } from './refusal.ts'
import { chatRoutes } from './server/chat-routes.ts'
import { createCors } from './server/cors.ts'
import type { LogEntry } from './server/log-entry.ts'
import { quietly } from './server/quietly.ts'
import { createRelayCore } from './server/relay-core.ts'
import type { RelayOptions } from './server/relay-options.ts'
import { RequestLog } from './server/request-log.ts'
import type { Route, RouteContext } from './server/route.ts'
import { uiRoutes } from './ui/routes.ts'
import { encodeV1Error, v1Routes } from './v1/routes.ts'

/** What a platform gives to a handler beside the request: of Cloudflare's `ExecutionContext`, the part that is used. */
export interface RequestContext {
  /** Keeps the request's surroundings alive until then, although its client may have gone. */
  waitUntil?: (promise: Promise<unknown>) => void
}

const routes: readonly Route[] = [...chatRoutes, ...v1Routes, ...uiRoutes]

/**
 * Makes a server's handler, from a request to its response: it lends the gateway to those whom `authorize` lets in.
 *
 * - `POST /chat`, `GET /chat/:id`, `DELETE /chat/:id`: replies as server-sent `ChatEvent`s with ids, which a client that
 *   lost its connection goes on with by `Last-Event-ID`.
 * - `POST /v1/chat/completions`, `/v1/responses`, `/v1/messages`, and `GET /v1/models`: the protocols of OpenAI's and
 *   Anthropic's clients.
 * - `POST /ui-message-stream`: for `useChat` of the AI SDK.
 *
 * Throws a `RatatoskrError` with code `configuration` for options that cannot be meant. The handler never rejects.
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 * import { createRelay } from '@ratatoskr/relay'
 *
 * const relay = createRelay({
 *   gateway: createGateway({ providers: [openrouter({ apiKey: 'your-key' })] }),
 *   authorize: (request) =>
 *     request.headers.get('authorization') === 'Bearer a-long-secret' ? { id: 'me' } : undefined,
 * })
 * export default { fetch: relay }
 * ```
 */
export function createRelay(
  options: RelayOptions,
): (request: Request, context?: RequestContext) => Promise<Response> {
  const { authorize, basePath = '' } = options
  const write = quietly(options.log)
  if (typeof authorize !== 'function') {
    throw new RatatoskrError(
      'configuration',
      'authorize must be a function that says who asks: a relay lends your keys.',
    )
  }
  if (basePath !== '' && !basePath.startsWith('/')) {
    throw new RatatoskrError('configuration', 'basePath must be a path such as /api.')
  }
  const core = createRelayCore(options)
  const cors = createCors(options.cors)
  const base = basePath.replace(/\/+$/, '')

  return async (request, context) => {
    const isPreflight = request.headers.has('access-control-request-method')
    if (request.method === 'OPTIONS' && isPreflight) return cors.preflight(request)
    const { pathname } = new URL(request.url)
    const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : ''
    const found = routes.flatMap((route) => {
      const id = idIn(route.path, path)
      return id === undefined ? [] : [{ route, id }]
    })
    const { route, id } = found.find((one) => one.route.method === request.method) ?? {}
    const waitUntil = (promise: Promise<unknown>): void => context?.waitUntil?.(promise)
    let finish = (): void => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    waitUntil(finished)
    const log = new RequestLog(route ? `${route.method} ${route.path}` : 'unknown', (entry) => {
      write(entry)
      finish()
    })
    const encodeError = (route ?? found[0]?.route)?.encodeError ?? failureOf(path)
    let response: Response
    try {
      if (!cors.allows(request)) throw wrongOrigin()
      if (!route || id === undefined) throw found[0] ? wrongMethod() : unknownPath()
      response = await answer(route, { request, core, log, id, waitUntil }, authorize)
    } catch (error) {
      response = failed(error, encodeError(error, request))
      log.ended(error instanceof Refusal ? 'refused' : endOf(error))
      if (response.status === 405) {
        response.headers.set('allow', found.map((one) => one.route.method).join(', '))
      }
    }
    if (!log.deferred) log.finish(response.status)
    // workerd cancels no body whose client has gone: https://github.com/cloudflare/workerd/issues/6832
    else request.signal.addEventListener('abort', () => log.finish(response.status))
    return cors.mark(request, response)
  }
}

async function answer(
  route: Route,
  asked: Omit<RouteContext, 'caller'>,
  authorize: RelayOptions['authorize'],
): Promise<Response> {
  const { request, log } = asked
  const caller: Caller | Response | undefined = await authorize(request)
  if (caller instanceof Response) {
    if (caller.bodyUsed || caller.type === 'error') throw cannotBeSent()
    log.ended('refused')
    return caller
  }
  if (typeof caller?.id !== 'string' || caller.id === '') throw unauthorized()
  log.caller = caller.id
  const response = await route.handle({ ...asked, caller })
  if (!log.deferred) log.ended('done')
  return response
}

function failed(
  error: unknown,
  { status, headers, body }: ReturnType<Route['encodeError']>,
): Response {
  return Response.json(body, {
    status: error instanceof Refusal ? error.status : status,
    headers: { ...headers, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  })
}

/** What stands at `:id`, empty where the pattern has none; undefined where the path is another. */
function idIn(pattern: string, path: string): string | undefined {
  const [start = '', end] = pattern.split(':id')
  if (end === undefined) return path === pattern ? '' : undefined
  const id = path.slice(start.length)
  const isId = id !== '' && (end === '*' || !id.includes('/'))
  return path.startsWith(start) && isId ? id : undefined
}

/** How a failure is told where there is nothing. */
function failureOf(path: string): Route['encodeError'] {
  return path.startsWith('/v1/') ? encodeV1Error : encodeFailure
}

function endOf(error: unknown): LogEntry['ended'] {
  const code = isRatatoskrError(error) ? error.code : 'unknown'
  // By its client, who went away.
  return code === 'cancelled' ? 'detached' : `failed:${code}`
}

function unauthorized(): Refusal {
  return new Refusal(401, 'authentication', 'The relay does not know who asks; sign in first.')
}

function cannotBeSent(): RatatoskrError {
  const said = 'authorize must answer with a new Response each time.'
  return new RatatoskrError('configuration', said)
}

function wrongOrigin(): Refusal {
  return new Refusal(403, 'permission', 'Pages of this origin may not ask here.')
}

function wrongMethod(): Refusal {
  return new Refusal(405, 'invalid_request', 'This address takes another method.')
}

function unknownPath(): Refusal {
  return new Refusal(404, 'invalid_request', 'There is nothing at this address.')
}
