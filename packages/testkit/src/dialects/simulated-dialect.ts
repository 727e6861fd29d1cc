import type { ChatEvent, ChatOptions, FinishReason, Message } from 'ratatoskr'
import type { ReplyEncoder, SseFrame } from 'ratatoskr/dialects'
import type { Framing } from './framing.ts'
import type { ErrorBody } from './refusal.ts'

/** The wire formats that are simulated. */
export type DialectName =
  | 'openai-chat'
  | 'anthropic'
  | 'openai-responses'
  | 'gemini'
  | 'ollama'
  | 'cohere'
  | 'bedrock'

/** Which keys are accepted: these; without a list, any; with `false`, also none. */
export type AcceptedKeys = readonly string[] | false | undefined

/** A request for a reply, as its service reads it. */
export interface ReadRequest {
  messages: Message[]
  options: ChatOptions & { model: string }
  stream: boolean
  /** Makes the encoder of its reply. */
  encodeReply: (id: string) => ReplyEncoder
  /** The whole reply as JSON. */
  encodeResponse: (
    events: readonly ChatEvent[],
    id: string,
  ) => Promise<{ [field: string]: unknown }>
}

/** All that the simulator must know of a service. To simulate another, write one of these. */
export interface SimulatedDialect {
  readonly name: DialectName
  /** The end of the path to which requests for a reply are posted. */
  readonly path: RegExp
  /** The header with the id of a request. */
  readonly requestIdHeader: string
  /** What ids begin with. */
  readonly ids: { readonly reply: string; readonly call: string }
  /** The text of the event that ends a stream. */
  readonly terminal: RegExp
  /** Makes what writes the frames of a reply to a request at this address. */
  framing(url: URL): Framing
  /** Whether these headers, by their names, or this path are of a request to this service. */
  isMeantBy(names: ReadonlySet<string>, path: string): boolean
  /** Whether the service lets a page read its answers, which the browser asks with these headers. */
  allowsPages(names: ReadonlySet<string>): boolean
  /** Throws a `Refusal` where the key is missing or wrong, or a header of the service's own. */
  checkHeaders(headers: Headers, keys: AcceptedKeys, cors: boolean, url: URL): void
  /** Throws a `Refusal` where the service would for what the body says. */
  checkBody(body: { readonly [field: string]: unknown }): void
  /** Reads a body that was checked. Throws a `RatatoskrError`. */
  readRequest(body: unknown, url: URL): ReadRequest
  /** Signs a run of reasoning, where the service does. */
  sign(reasoning: string): ChatEvent | undefined
  /** Reasoning that is shown only encrypted, where the service has such. */
  redact(reasoning: string): ChatEvent[]
  /** How a reply with a refusal ends. */
  readonly refusalFinish: FinishReason
  /** What the service's own words for the end mean; any other is `other`. */
  readonly finishWords: { readonly [word: string]: FinishReason }
  /** A body for an error's status. */
  errorBody(status: number, message?: string): ErrorBody
  /** What a body is sent with, such as the id of the request. */
  finishError(body: ErrorBody, requestId: string): ErrorBody
  /** The body for an error of the library. */
  encodeError(error: unknown): { status: number; body: ErrorBody }
  /** An error as it stands within a stream. */
  errorFrame(error: unknown): SseFrame
  unknownModel(model: string): ErrorBody
  invalidJson(): ErrorBody
  unknownPath(method: string, path: string): ErrorBody
  wrongMethod(method: string, path: string): ErrorBody
  /** The list of models. */
  models(names: readonly string[]): ErrorBody
}
