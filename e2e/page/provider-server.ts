import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { simulator, type SimulatorSetup } from '@ratatoskr/testkit'
import { middleware } from '@ratatoskr/testkit/node'
import {
  allowsOrigin,
  askedHeaders,
  corsRules,
  offences,
  type CorsRules,
  type CorsRulesName,
} from './cors-rules.ts'
import { RunningExchange, type Exchange } from './exchange.ts'
import { listen } from './listen.ts'
import { waitUntil } from './wait-until.ts'

/** A browser's question whether a page may send a request. */
export interface Preflight {
  readonly path: string
  readonly origin: string
  /** Of the request that shall follow. */
  readonly method: string
  /** Of the request that shall follow, in lower case. */
  readonly headers: readonly string[]
}

/** A request, or a preflight, that went beyond the rules. */
export interface Violation {
  /** `OPTIONS` for a preflight. */
  readonly method: string
  readonly path: string
  /** Such as `the header x-stainless-os is not allowed`. */
  readonly offences: readonly string[]
}

/** What {@link startProvider} has started. */
export interface ProviderServer {
  /** Without a slash at the end. */
  readonly origin: string
  /** What a person enters as the base URL, such as `http://127.0.0.1:40123/v1`. */
  readonly baseURL: string
  /** The requests so far, preflights left out. */
  readonly exchanges: readonly Exchange[]
  readonly preflights: readonly Preflight[]
  readonly violations: readonly Violation[]
  /** Resolves with the request of a number, counted from 1, once it has come. */
  received(number?: number): Promise<Exchange>
  /** From now on answers like this. The simulator counts its requests anew. */
  use(setup: SimulatorSetup): void
  /** Forgets what it has seen. */
  forget(): void
  /** Closes it, and all connections, also those of replies that go on. */
  close(): Promise<void>
}

/**
 * A provider on 127.0.0.1: a simulator of the testkit behind the CORS rules of a service, so that
 * a page fails here where it would fail there.
 */
export async function startProvider(
  rules: CorsRulesName | CorsRules,
  setup: SimulatorSetup = {},
): Promise<ProviderServer> {
  const known: CorsRules = typeof rules === 'string' ? corsRules[rules] : rules
  const exchanges: RunningExchange[] = []
  const preflights: Preflight[] = []
  const violations: Violation[] = []
  let simulate = simulator(setup)

  const isAllowed = (method: string, path: string, said: readonly string[]): boolean => {
    if (said.length > 0) violations.push({ method, path, offences: said })
    return said.length === 0
  }

  const answerPreflight = (preflight: Preflight): Response => {
    const { path, origin } = preflight
    preflights.push(preflight)
    isAllowed('OPTIONS', path, offences(known, preflight))
    if (!allowsOrigin(known, origin)) return refusal(known, 204)
    // Told what the rules are, not what it wants to hear, the browser decides. But a service that
    // needs a header does not answer pages that will not send it.
    const isMissing = known.needs && !preflight.headers.includes(known.needs.name)
    return new Response(null, {
      status: 204,
      headers: isMissing ? {} : preflightHeaders(known, origin),
    })
  }

  const answer = async (request: Request, exchange: RunningExchange): Promise<Response> => {
    const { method, path, headers, origin } = exchange
    const isCors = origin !== undefined && origin !== new URL(request.url).origin
    const said = isCors
      ? offences(known, {
          origin,
          method,
          headers: askedHeaders(headers),
          needed: known.needs && headers[known.needs.name],
        })
      : []
    const isReadable = isAllowed(method, path, said) && isCors
    if (isCors && known.foreignStatus !== undefined && !allowsOrigin(known, origin)) {
      return refusal(known, known.foreignStatus)
    }
    const { status, headers: answered, body } = await simulated(request)
    // The simulator has rules of its own.
    const plain = [...answered].filter(([name]) => !name.startsWith('access-control-'))
    const cors = isReadable ? Object.entries(responseHeaders(known, origin)) : []
    return new Response(body && exchange.watch(body), { status, headers: [...plain, ...cors] })
  }

  const simulated = async (request: Request): Promise<Response> => {
    try {
      return await simulate(request)
    } catch (error) {
      // A slip in a test's set-up reaches the page as words, not as a connection that fails.
      return new Response(String(error), { status: 500 })
    }
  }

  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const running: { exchange?: RunningExchange } = {}
    // Registered before the middleware's own, which ends the reply of a client that has gone.
    outgoing.on('close', () => running.exchange?.close(outgoing.writableFinished))
    middleware(async (request) => {
      const preflight = preflightOf(request)
      if (preflight) return answerPreflight(preflight)
      if (request.method === 'OPTIONS') return new Response(null, { status: 204 })
      const exchange = new RunningExchange(request, await request.clone().text())
      running.exchange = exchange
      exchanges.push(exchange)
      const response = await answer(request, exchange)
      exchange.status = response.status
      return response
    })(incoming, outgoing)
  }

  const listening = await listen(createServer(handle))
  const origin = `http://127.0.0.1:${listening.port}`
  return {
    origin,
    baseURL: origin + known.basePath,
    exchanges,
    preflights,
    violations,
    received: (number = 1) => waitUntil(() => exchanges[number - 1], `request ${number}`),
    use: (next) => {
      simulate = simulator(next)
    },
    forget: () => {
      for (const list of [exchanges, preflights, violations]) list.length = 0
    },
    close: () => {
      for (const exchange of exchanges) exchange.cut()
      return listening.close()
    },
  }
}

function preflightOf({ method, url, headers }: Request): Preflight | undefined {
  const origin = headers.get('origin')
  const asked = headers.get('access-control-request-method')
  if (method !== 'OPTIONS' || origin === null || asked === null) return undefined
  const names = headers.get('access-control-request-headers') ?? ''
  const { pathname, search } = new URL(url)
  return {
    path: pathname + search,
    origin,
    method: asked,
    headers: names
      .toLowerCase()
      .split(/[,\s]+/)
      .filter((name) => name !== ''),
  }
}

function refusal({ foreignStatus }: CorsRules, otherwise: number): Response {
  return new Response(null, { status: foreignStatus ?? otherwise })
}

function preflightHeaders(rules: CorsRules, origin: string): { [name: string]: string } {
  return {
    ...allowOrigin(rules, origin),
    'access-control-allow-methods': rules.methods.join(', '),
    'access-control-allow-headers': rules.headers.join(', '),
    // Not as services do: each request asks anew, and is seen.
    'access-control-max-age': '0',
  }
}

function responseHeaders(rules: CorsRules, origin: string): { [name: string]: string } {
  return {
    ...allowOrigin(rules, origin),
    ...(rules.exposes.length > 0 && { 'access-control-expose-headers': rules.exposes.join(', ') }),
  }
}

function allowOrigin({ origins }: CorsRules, origin: string): { [name: string]: string } {
  if (origins === '*') return { 'access-control-allow-origin': '*' }
  return { 'access-control-allow-origin': origin, vary: 'Origin' }
}
