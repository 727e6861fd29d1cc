import { apiError, maxBody } from '../dialects/api-error.ts'
import type { ReplyDecoder, ReplyDecoderOptions } from '../dialects/reply-decoder.ts'
import { RatatoskrError } from '../errors.ts'
import type { ChatRequest } from '../options.ts'
import type { ChatEventSource, OpenContext, Provider } from '../provider.ts'
import { connect, type Fetch } from '../transport/connect.ts'
import { HttpSource } from '../transport/http-source.ts'
import { readText } from '../transport/read-text.ts'
import { readRetryAfter } from '../transport/retry.ts'

/** The JSON body of a request. */
export type RequestBody = { [field: string]: unknown }

/** Where and how to connect, and what is spoken there. */
export interface HttpProviderOptions {
  name: string
  /** Whether the provider takes a model of this name. Default: every one. */
  accepts?: (model: string) => boolean
  /** The address for a request. */
  url: string | ((request: ChatRequest) => string)
  /** Headers besides the content type, made anew for each request. */
  headers?: () => { readonly [name: string]: string } | Promise<{ readonly [name: string]: string }>
  /** Used instead of the platform's `fetch`. */
  fetch?: Fetch | undefined
  encodeRequest: (request: ChatRequest) => RequestBody
  /** The body without what the server has just refused, to ask once more. */
  relaxRequest?: (body: RequestBody, error: RatatoskrError) => RequestBody | undefined
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
  const { name } = options
  return {
    name,
    accepts: options.accepts ?? (() => true),
    async open(request, context) {
      const body = options.encodeRequest(request)
      try {
        return await post(options, request, context, body)
      } catch (error) {
        const relaxed =
          error instanceof RatatoskrError ? options.relaxRequest?.(body, error) : undefined
        if (relaxed === undefined) throw error
        return post(options, request, context, relaxed)
      }
    },
  }
}

async function post(
  options: HttpProviderOptions,
  request: ChatRequest,
  context: OpenContext,
  body: RequestBody,
): Promise<ChatEventSource> {
  const { name: provider, url } = options
  const headers = (await options.headers?.()) ?? {}
  const response = await connect({
    provider,
    url: typeof url === 'string' ? url : url(request),
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: context.signal,
    timeout: context.timeouts.headers,
    fetch: options.fetch,
  })
  const requestId = readRequestId(response.headers)
  const redact = (text: string): string => hide(text, Object.values(headers))
  if (!response.ok) {
    throw apiError({
      provider,
      status: response.status,
      body: redact(await readText(response.body, maxBody)),
      requestId,
      retryAfter: readRetryAfter(response.headers),
    })
  }
  const type = response.headers.get('content-type')?.toLowerCase() ?? ''
  const whole = /\bjson\b/.test(type) && !/ndjson|jsonl|stream/.test(type)
  if (response.body === null || response.status === 204 || !(whole || mayStream(type))) {
    throw new RatatoskrError(
      'protocol',
      `${provider} answered with ${type || 'nothing'} instead of a stream (status ${response.status}). ` +
        "Check baseURL: something else answers there. The body's beginning is in error.body.",
      {
        provider,
        status: response.status,
        requestId,
        body: redact(await readText(response.body, maxBody)),
      },
    )
  }
  return new HttpSource({
    provider,
    response,
    body: response.body,
    decoder: options.decodeReply(
      {
        callId: context.callId,
        includeProviderEvents: request.options.includeProviderEvents ?? false,
        provider,
      },
      whole,
    ),
    idle: context.timeouts.idle,
    requestId,
  })
}

/** Servers that stream under no name of their own are heard; a page or a picture is not. */
function mayStream(type: string): boolean {
  return type === '' || /event-?stream|ndjson|jsonl|text\/plain|octet-stream/.test(type)
}

function readRequestId(headers: Headers): string | undefined {
  for (const name of ['x-request-id', 'request-id', 'x-generation-id', 'apim-request-id']) {
    const id = headers.get(name)
    if (id !== null) return id
  }
  return undefined
}

/** A provider may echo the key that it refuses. */
function hide(text: string, headers: readonly string[]): string {
  let hidden = text
  for (const header of headers) {
    const secret = header.replace(/^Bearer /, '')
    if (secret.length >= 8) hidden = hidden.replaceAll(secret, '[hidden]')
  }
  return hidden
}
