import type { RequestBody } from '../dialects/encoded-request.ts'
import { apiError, maxBody } from '../dialects/api-error.ts'
import type { ReplyDecoder, ReplyDecoderOptions } from '../dialects/reply-decoder.ts'
import { RatatoskrError } from '../errors.ts'
import type { ChatRequest } from '../options.ts'
import type { ChatEventSource, OpenContext, Provider } from '../provider.ts'
import { connect, type Fetch } from '../transport/connect.ts'
import { httpSource } from '../transport/http-source.ts'
import { readText } from '../transport/read-text.ts'
import { readRetryAfter } from '../transport/retry.ts'
import { throwWithout } from '../transport/throw-without.ts'

/** Where and how to connect, and what is spoken there. */
export interface HttpProviderOptions {
  name: string
  /** The wire format that is spoken there, as its continuations name it. Default: none that has a name. */
  dialect?: string | undefined
  /** The names that tell its models from those of all others. Default: there are none. */
  family?: RegExp | undefined
  /** Whether the provider takes a model of this name. Default: its family, or every one. */
  accepts?: ((model: string) => boolean) | undefined
  /** The address for a request. */
  url: string | ((request: ChatRequest) => string)
  /** Headers besides the content type, made anew for each request. */
  headers?: () => { readonly [name: string]: string } | Promise<{ readonly [name: string]: string }>
  /** Where its models are listed. Default: nowhere. */
  listing?: string | undefined
  /** Used instead of the platform's `fetch`. */
  fetch?: Fetch | undefined
  encodeRequest: (request: ChatRequest) => RequestBody
  /**
   * Makes the decoder of a reply. `whole` when the server answered with one JSON value instead of
   * a stream.
   */
  decodeReply: (options: ReplyDecoderOptions, whole: boolean) => ReplyDecoder<Uint8Array>
}

/**
 * A provider that is reached by HTTP: an address, headers, and the directions of a dialect.
 *
 * @example
 * ```ts
 * import { httpProvider } from 'ratatoskr/openai-compatible'
 * import { composeReply, JsonDecoder, openaiChat, SseDecoder } from 'ratatoskr/dialects'
 *
 * const mine = httpProvider({
 *   name: 'mine',
 *   url: 'https://llm.example.com/chat',
 *   encodeRequest: (request) => openaiChat.encodeRequest(request),
 *   decodeReply: (options) =>
 *     composeReply(
 *       new SseDecoder({ keepDiscarded: true }),
 *       new JsonDecoder(openaiChat.frame),
 *       openaiChat.decodeReply(options),
 *     ),
 * })
 * ```
 */
export function httpProvider(options: HttpProviderOptions): Provider {
  const {
    name,
    dialect,
    family,
    accepts = (model) => family?.test(model) ?? true,
    listing: url,
  } = options
  const { headers = async () => ({}), fetch } = options
  return {
    name,
    dialect,
    family,
    accepts,
    listing: url ? { url, headers, fetch } : undefined,
    async open(request, context) {
      const own = { ...(await headers()) }
      return post(options, request, context, own).catch((error: unknown) =>
        throwWithout(own, error),
      )
    },
  }
}

async function post(
  options: HttpProviderOptions,
  request: ChatRequest,
  { signal, timeouts, callId }: OpenContext,
  own: { readonly [name: string]: string },
): Promise<ChatEventSource> {
  const headers: { [name: string]: string } = { 'content-type': 'application/json' }
  // The caller's come last, and may be spelt otherwise.
  for (const [name, value] of Object.entries(own)) headers[name.toLowerCase()] = value
  const { name: provider, url, fetch } = options
  const response = await connect({
    provider,
    url: typeof url === 'string' ? url : url(request),
    headers,
    body: JSON.stringify(options.encodeRequest(request)),
    signal,
    timeout: timeouts.headers,
    fetch,
  })
  const { status, ok } = response
  const header = (name: string): string | undefined => response.headers.get(name) ?? undefined
  const type = header('content-type') ?? ''
  const requestId = header('x-request-id') ?? header('request-id') ?? header('x-generation-id')
  const isStream = /event-?stream|ndjson|jsonl|plain|octet|^$/i.test(type)
  const whole = !isStream && /json/i.test(type)
  if (!ok || !response.body || !(isStream || whole)) {
    const body = await readText(response.body, maxBody, timeouts.idle)
    const details = { provider, status, requestId, body }
    if (!ok) throw apiError({ ...details, retryAfter: readRetryAfter(response.headers) })
    throw new RatatoskrError(
      'protocol',
      `${provider} sent no stream, but ${type || 'nothing'}; check baseURL and error.body.`,
      details,
    )
  }
  const { includeProviderEvents } = request.options
  const decoder = options.decodeReply({ callId, includeProviderEvents, provider }, whole)
  return httpSource({ provider, requestId, response, decoder, idle: timeouts.idle, secrets: own })
}
