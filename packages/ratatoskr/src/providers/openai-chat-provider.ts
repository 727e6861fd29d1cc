import { frame, type Chunk } from '../dialects/openai-chat/chunk.ts'
import {
  composeReply,
  type ReplyDecoder,
  type ReplyDecoderOptions,
} from '../dialects/reply-decoder.ts'
import { need } from '../errors.ts'
import { SseDecoder } from '../frames/sse.ts'
import { wholeBody } from '../frames/whole-body.ts'
import { textOf } from '../json/shape.ts'
import { JsonDecoder } from '../json/json-decoder.ts'
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

/** What a provider of this dialect is made of. */
export interface OpenAIChatProviderOptions {
  name: string
  baseURL: string
  apiKey?: ApiKey | undefined
  /** The header that carries the key. Default: `authorization`, as a bearer token. */
  keyHeader?: string | undefined
  family?: RegExp | undefined
  accepts?: ((model: string) => boolean) | undefined
  /** Makes the address; `base` has no slash at its end. Default: `<base>/chat/completions`. */
  url?: ((base: string, request: ChatRequest) => string) | undefined
  fetch?: Fetch | undefined
  headers?: { readonly [name: string]: string } | undefined
  /** The directions of the dialect: with or without the accents of hosts. */
  encodeRequest: HttpProviderOptions['encodeRequest']
  decodeReply: (options: ReplyDecoderOptions) => ReplyDecoder<Chunk | '[DONE]'>
}

/** Makes a provider that speaks OpenAI's Chat Completions. */
export function openaiChatProvider(options: OpenAIChatProviderOptions): Provider {
  const { name, baseURL, apiKey, keyHeader, url } = options
  const base = textOf(baseURL).replace(/\/+$/, '')
  const isAddress = /^https?:\/\/[^/]/.test(base)
  need(isAddress, 'configuration', `${name}: baseURL must be an http or https address`)
  if (typeof apiKey === 'string') checkKey(name, apiKey)
  return httpProvider({
    ...options,
    url: (request) => url?.(base, request) ?? `${base}/chat/completions`,
    async headers() {
      if (apiKey === undefined) return { ...options.headers }
      const key = checkKey(name, typeof apiKey === 'string' ? apiKey : await apiKey())
      return {
        [keyHeader ?? 'authorization']: keyHeader ? key : `Bearer ${key}`,
        ...options.headers,
      }
    },
    decodeReply: (reply, whole) =>
      composeReply(
        whole ? wholeBody() : new SseDecoder({ keepDiscarded: true }),
        new JsonDecoder(frame),
        options.decodeReply(reply),
      ),
  })
}

/** Refuses a key that no header or JSON can carry as it is: `fetch` would fail, and quote it. */
function checkKey(name: string, key: string): string {
  const isKey = /^[!#-[\]-~]+$/.test(textOf(key))
  need(isKey, 'configuration', `${name}: apiKey must be a key, or return one`)
  return key
}
