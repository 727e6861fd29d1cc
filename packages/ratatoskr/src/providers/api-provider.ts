import {
  composeReply,
  type ReplyDecoder,
  type ReplyDecoderOptions,
} from '../dialects/reply-decoder.ts'
import type { Decoder } from '../decoder.ts'
import { need } from '../errors.ts'
import { SseDecoder } from '../frames/sse.ts'
import type { TextFrame } from '../frames/text-frame.ts'
import { wholeBody } from '../frames/whole-body.ts'
import { JsonDecoder, type FrameFormat } from '../json/json-decoder.ts'
import { textOf } from '../json/shape.ts'
import type { ChatRequest } from '../options.ts'
import type { Provider } from '../provider.ts'
import type { Fetch } from '../transport/connect.ts'
import { httpProvider, type HttpProviderOptions } from './http-provider.ts'

/** A key, or a function that fetches one for each request. */
export type ApiKey = string | (() => string | Promise<string>)

/** What most providers take. */
export interface ProviderOptions {
  apiKey: ApiKey
  /** The address up to where the paths differ, such as `https://api.openai.com/v1`. */
  baseURL?: string
  /** Used instead of the platform's `fetch`. */
  fetch?: Fetch
  /** Sent with each request; they win over the provider's own. */
  headers?: { readonly [name: string]: string }
  /** The name to choose the provider by, where it is not the usual one. */
  name?: string
}

/** What a provider that streams server-sent events is made of. */
export interface ApiProviderOptions<Chunk, Sentinel extends string> {
  name: string
  /** The wire format, as its continuations name it. */
  dialect: string
  baseURL: string
  apiKey?: ApiKey | undefined
  /** The header that carries the key. Default: `authorization`, as a bearer token. */
  keyHeader?: string | undefined
  family?: RegExp | undefined
  accepts?: ((model: string) => boolean) | undefined
  /** Where its models are listed: what follows the base. Default: `/models`; none where it is empty. */
  listing?: string | undefined
  /** What follows the base, which has no slash at its end. */
  path: (request: ChatRequest) => string
  fetch?: Fetch | undefined
  headers?: { readonly [name: string]: string } | undefined
  /** The directions of the dialect, and its frames. */
  frame: FrameFormat<Chunk, Sentinel>
  encodeRequest: HttpProviderOptions['encodeRequest']
  decodeReply: (options: ReplyDecoderOptions) => ReplyDecoder<Chunk | Sentinel>
  /** Makes the frames of a body of JSON. Default: the whole body is one. */
  jsonFrames?: (() => Decoder<Uint8Array, TextFrame>) | undefined
}

/** Makes a provider with an address, a key, and replies that stream as server-sent events. */
export function apiProvider<Chunk, Sentinel extends string>(
  options: ApiProviderOptions<Chunk, Sentinel>,
): Provider {
  const { name, baseURL, apiKey, keyHeader, path, jsonFrames = wholeBody } = options
  const { listing = '/models' } = options
  const base = textOf(baseURL).replace(/\/+$/, '')
  const isAddress = /^https?:\/\/[^/]/.test(base)
  need(isAddress, 'configuration', `${name}: baseURL must be an http(s) address`)
  const check = (key: string): string => {
    // No header or JSON can carry another as it is: `fetch` would fail, and quote it.
    const isKey = /^[!#-[\]-~]+$/.test(textOf(key))
    need(isKey, 'configuration', `${name}: apiKey must be or return a key`)
    return key
  }
  if (typeof apiKey === 'string') check(apiKey)
  return httpProvider({
    ...options,
    listing: listing && base + listing,
    url: (request) => base + path(request),
    async headers() {
      if (apiKey === undefined) return { ...options.headers }
      const key = check(typeof apiKey === 'string' ? apiKey : await apiKey())
      return {
        [keyHeader ?? 'authorization']: keyHeader ? key : `Bearer ${key}`,
        ...options.headers,
      }
    },
    decodeReply: (reply, whole) =>
      composeReply(
        whole ? jsonFrames() : new SseDecoder({ keepDiscarded: true }),
        new JsonDecoder(options.frame),
        options.decodeReply(reply),
      ),
  })
}
