import { RatatoskrError } from 'ratatoskr'
import type { Asked } from './asked.ts'
import { checkScript, checkSetup } from './check-setup.ts'
import { isJson } from './dialects/json.ts'
import { Refusal } from './dialects/refusal.ts'
import { serviceAt, services } from './dialects/index.ts'
import type { SimulatedDialect } from './dialects/simulated-dialect.ts'
import { happensTo } from './fault.ts'
import { isScriptName, namedScript, scriptNames } from './named-script.ts'
import { playScript, type Beat } from './play-script.ts'
import type { Script } from './script.ts'
import type { SimulatorOptions } from './simulator-options.ts'
import { splitStream } from './split.ts'
import { streamBeats, wholeReply } from './write-reply.ts'
import { answerInstead, withFaults } from './with-faults.ts'

/** Options, or a function that gives those for a request, such as by its address. */
export type SimulatorSetup = SimulatorOptions | ((request: Request) => SimulatorOptions)

/**
 * A simulated provider: a function from a request to its response, that speaks each dialect at its
 * own path, below any prefix: `POST …/chat/completions` (OpenAI, OpenRouter and their kind),
 * `POST …/v1/messages` (Anthropic), `POST …/responses` (OpenAI), `POST …/models/{model}:streamGenerateContent`
 * (Google), `POST …/api/chat` (Ollama), `POST …/v2/chat` (Cohere), `POST …/model/{model}/converse-stream`
 * (Amazon), and the lists of models: `GET …/models` and `GET …/api/tags`.
 *
 * It validates requests as the service would, and refuses them in its words: a key or a header that
 * is missing, an unknown model, results of tools without their calls, thinking that came back
 * changed. It ends a reply when the request's signal aborts or its body is cancelled.
 *
 * @example
 * ```ts
 * import { simulator } from '@ratatoskr/testkit'
 *
 * const handle = simulator({ script: [{ text: 'Hello!' }] })
 * const response = await handle(
 *   new Request('http://simulated.test/v1/chat/completions', {
 *     method: 'POST',
 *     headers: { authorization: 'Bearer any' },
 *     body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] }),
 *   }),
 * )
 * console.log(await response.text())
 * ```
 */
export function simulator(setup: SimulatorSetup = {}): (request: Request) => Promise<Response> {
  const answer = createSimulator(setup)
  return (request) => answer(request, request.signal)
}

/** A `fetch` as every provider and client takes it. */
export type FetchLike = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * A {@link simulator} as a `fetch`, to be given to a provider or client in place of the platform's.
 *
 * @example
 * ```ts
 * import { createGateway, user } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 * import { simulatorFetch } from '@ratatoskr/testkit'
 *
 * const fetch = simulatorFetch({ script: [{ text: 'Hello!' }] })
 * const gateway = createGateway({ providers: [openrouter({ apiKey: 'any', fetch })] })
 * console.log((await gateway.chat([user('Hi')], { model: 'vendor/model' })).content)
 * ```
 */
export function simulatorFetch(setup: SimulatorSetup = {}): FetchLike {
  const answer = createSimulator(setup)
  return async (input, { signal: own, ...init } = {}) => {
    const request = new Request(input, init)
    const signal = own ?? request.signal
    signal.throwIfAborted()
    return untilAborted(answer(request, signal), signal)
  }
}

/** As `fetch` does, not to wait for a script that thinks on. */
function untilAborted(answer: Promise<Response>, signal: AbortSignal): Promise<Response> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

type Answer = (request: Request, signal: AbortSignal) => Promise<Response>

function createSimulator(setup: SimulatorSetup): Answer {
  if (typeof setup !== 'function') checkSetup(setup)
  let turns = 0
  return async (request, signal) => {
    const options = typeof setup === 'function' ? setup(request) : setup
    if (typeof setup === 'function') checkSetup(options)
    const { cors = true } = options
    const { pathname: path } = new URL(request.url)
    const isPreflight = request.method === 'OPTIONS'
    const asked = isPreflight ? request.headers.get('access-control-request-headers') : undefined
    const names = new Set(asked?.toLowerCase().split(/[,\s]+/) ?? [...request.headers.keys()])
    const service =
      serviceAt(path) ?? services.find((one) => one.isMeantBy(names, path)) ?? services[0]
    const isAllowed = cors && service.allowsPages(names)
    if (isPreflight) return preflight(isAllowed, asked ?? '')

    const isReply = serviceAt(path) !== undefined && request.method === 'POST'
    if (isReply) turns += 1
    const turn = turns
    const requestId = `req_sim_${turn}`
    let response: Response
    try {
      response = isReply
        ? await reply(request, signal, options, service, turn)
        : answerOther(request, path, options, service)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const body = service.finishError(error.body, requestId)
      response = Response.json(body, { status: error.status })
    }
    if (!response.headers.has(service.requestIdHeader)) {
      response.headers.set(service.requestIdHeader, requestId)
    }
    if (isAllowed) {
      response.headers.set('access-control-allow-origin', '*')
      response.headers.set('access-control-expose-headers', '*')
    }
    return response
  }
}

function preflight(isAllowed: boolean, names: string): Response {
  return new Response(null, {
    status: 204,
    ...(isAllowed && {
      headers: {
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, POST, OPTIONS',
        'access-control-allow-headers': names,
        'access-control-max-age': '600',
      },
    }),
  })
}

function answerOther(
  { method, headers, url }: Request,
  path: string,
  { keys, cors = true, models = ['simulated', ...scriptNames] }: SimulatorOptions,
  service: SimulatedDialect,
): Response {
  if (/\/(models|foundation-models|api\/tags)\/?$/.test(path) && method === 'GET') {
    service.checkHeaders(headers, keys, cors, new URL(url))
    return Response.json(service.models(models))
  }
  if (serviceAt(path)) throw new Refusal(405, service.wrongMethod(method, path))
  throw new Refusal(404, service.unknownPath(method, path))
}

async function reply(
  request: Request,
  signal: AbortSignal,
  options: SimulatorOptions,
  service: SimulatedDialect,
  turn: number,
): Promise<Response> {
  const { faults = [], pace = {}, split = 'event', keys, cors = true } = options
  const instead = answerInstead(faults, turn, service)
  if (instead) return instead
  const url = new URL(request.url)
  service.checkHeaders(request.headers, keys, cors, url)
  const asked = await readRequest(request, options, service)
  const script = await scriptFor(options, asked, turn)
  signal.throwIfAborted()
  const { messages } = asked
  const beats = alive(playScript(script, { messages, pace, service }), request)
  const reading = { ...asked.reading, url, id: `${service.ids.reply}sim_${turn}` }
  const whole = asked.stream ? undefined : await wholeReply(beats, reading, service, signal)
  const good = whole ?? streamBeats(beats, reading, service, signal)
  const faulty = withFaults(good, faults, { dialect: service.name, request: turn })
  const { body, headers, status } = faulty
  const isDripping = faults.some((fault) => fault.kind === 'drip' && happensTo(fault, turn))
  if (split === 'event' || body === null || isDripping) return faulty
  const type = headers.get('content-type') ?? ''
  return new Response(splitStream(body, split, type), { status, headers })
}

async function readRequest(
  request: Request,
  { models }: SimulatorOptions,
  service: SimulatedDialect,
): Promise<Asked & { reading: ReturnType<SimulatedDialect['readRequest']> }> {
  let body: unknown
  try {
    body = JSON.parse(await request.text())
  } catch {
    throw new Refusal(400, service.invalidJson())
  }
  if (!isJson(body)) throw new Refusal(400, service.invalidJson())
  service.checkBody(body)
  let reading: ReturnType<SimulatedDialect['readRequest']>
  try {
    reading = service.readRequest(body, new URL(request.url))
  } catch (error) {
    const { status, body: said } = service.encodeError(error)
    throw new Refusal(status, said)
  }
  const { messages, options, stream } = reading
  const { model } = options
  if (models ? !models.includes(model) : model.startsWith('unknown')) {
    throw new Refusal(404, service.unknownModel(model))
  }
  const { url, headers } = request
  return { dialect: service.name, url, headers, body, model, messages, options, stream, reading }
}

async function scriptFor(
  { script }: SimulatorOptions,
  asked: Asked,
  turn: number,
): Promise<Script> {
  const name = asked.model.replace(/^.*[/:]/, '')
  const chosen = typeof script === 'function' ? await ask(() => script(asked, turn)) : script
  if (chosen !== undefined) checkScript(chosen)
  if (typeof chosen === 'object') return chosen
  return namedScript(chosen ?? (isScriptName(name) ? name : 'auto'), asked)
}

/** What fails in a test's own function is no failure of a network, which would be tried again. */
async function ask<Value>(script: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await script()
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new RatatoskrError('configuration', `The script failed: ${said}`, { cause })
  }
}

/** Ends with the request too, which Node keeps alive, and its signal, only while somebody has it. */
function* alive(beats: Iterable<Beat>, request: Request): Generator<Beat, void, undefined> {
  for (const beat of beats) {
    if (request.signal.aborted) return
    yield beat
  }
}
