import { RatatoskrError, type ErrorCode } from 'ratatoskr'
import type { SimulatedDialect } from './simulated-dialect.ts'
import { frameOf } from './frame-of.ts'
import { Refusal, type ErrorBody } from './refusal.ts'
import type { ReplyEncoder } from 'ratatoskr/dialects'

/** What is told of a service that signs nothing and has one error body for all. */
export interface SimpleService extends Pick<
  SimulatedDialect,
  'name' | 'path' | 'ids' | 'terminal' | 'framing' | 'readRequest' | 'models'
> {
  requestIdHeader?: string
  /** The fields that a body must have, and the sentence where one is missing. */
  required: { readonly [field: string]: string }
  /** The key that a request carries; undefined where there is none. */
  keyOf: (headers: Headers, url: URL) => string | undefined
  encodeError: (error: unknown) => { status: number; body: ErrorBody }
  encoder: () => ReplyEncoder
  isMeantBy?: SimulatedDialect['isMeantBy']
  /** Whether pages may read its answers. Default: true. */
  isForPages?: boolean
  /** The service asks for no key. */
  isOpen?: boolean
}

const codes: { readonly [status: number]: ErrorCode } = {
  400: 'invalid_request',
  401: 'authentication',
  403: 'permission',
  404: 'model_not_found',
  408: 'timeout',
  429: 'rate_limited',
  503: 'overloaded',
  529: 'overloaded',
}

/** Makes a service of what differs from one to the next. */
export function simpleService(service: SimpleService): SimulatedDialect {
  const { encodeError, required, keyOf, isOpen = false, isForPages = true } = service
  const refusal = (status: number, message: string): ErrorBody =>
    encodeError(new RatatoskrError(codes[status] ?? 'api', message)).body
  const refuse = (status: number, message: string): never => {
    throw new Refusal(status, refusal(status, message))
  }
  return {
    name: service.name,
    path: service.path,
    requestIdHeader: service.requestIdHeader ?? 'x-request-id',
    ids: service.ids,
    terminal: service.terminal,
    framing: service.framing,
    isMeantBy: service.isMeantBy ?? (() => false),
    allowsPages: () => isForPages,
    checkHeaders(headers, keys, _, url) {
      if (keys === false || isOpen) return
      const given = keyOf(headers, url)
      if (!given) refuse(401, 'The request has no API key.')
      else if (keys && !keys.includes(given)) refuse(401, 'The API key is not valid.')
    },
    checkBody(body) {
      for (const [field, message] of Object.entries(required)) {
        if (body[field] == null) refuse(400, message)
      }
    },
    readRequest: service.readRequest,
    sign: () => undefined,
    redact: () => [],
    refusalFinish: 'stop',
    finishWords: {},
    errorBody: (status, message) => refusal(status, message ?? 'Simulated failure'),
    finishError: (body) => body,
    encodeError,
    errorFrame: (failure) => frameOf(service.encoder(), failure),
    unknownModel: (model) => refusal(404, `The model ${model} was not found.`),
    invalidJson: () => refusal(400, 'The body is not valid JSON.'),
    unknownPath: (method, path) => refusal(404, `There is nothing at ${method} ${path}.`),
    wrongMethod: (method, path) => refusal(404, `${path} cannot be asked by ${method}.`),
    models: service.models,
  }
}

/** The key of an `authorization` header. */
export function bearerOf(headers: Headers): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
}
