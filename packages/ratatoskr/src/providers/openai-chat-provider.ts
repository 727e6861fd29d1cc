import { decodeReply } from '../dialects/openai-chat/decode-reply.ts'
import { frame } from '../dialects/openai-chat/chunk.ts'
import { encodeRequest, relaxRequest } from '../dialects/openai-chat/encode-request.ts'
import type { OpenAIChatProfile } from '../dialects/openai-chat/profile.ts'
import { composeReply } from '../dialects/reply-decoder.ts'
import { RatatoskrError } from '../errors.ts'
import { SseDecoder } from '../frames/sse.ts'
import { WholeBodyDecoder } from '../frames/whole-body.ts'
import { JsonDecoder } from '../json/json-decoder.ts'
import type { ChatRequest } from '../options.ts'
import type { Provider } from '../provider.ts'
import type { Fetch } from '../transport/connect.ts'
import { httpProvider } from './http-provider.ts'

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
  accepts?: ((model: string) => boolean) | undefined
  /** Makes the address; `base` has no slash at its end. Default: `<base>/chat/completions`. */
  url?: ((base: string, request: ChatRequest) => string) | undefined
  fetch?: Fetch | undefined
  headers?: { readonly [name: string]: string } | undefined
  profile?: OpenAIChatProfile | undefined
}

/** Makes a provider that speaks OpenAI's Chat Completions. */
export function openaiChatProvider(options: OpenAIChatProviderOptions): Provider {
  const { name, profile = {}, apiKey, keyHeader } = options
  const base = checkBaseURL(name, options.baseURL)
  if (typeof apiKey === 'string') checkKey(name, apiKey)
  return httpProvider({
    name,
    ...(options.accepts === undefined ? {} : { accepts: options.accepts }),
    url: (request) => options.url?.(base, request) ?? `${base}/chat/completions`,
    fetch: options.fetch,
    async headers() {
      if (apiKey === undefined) return { ...options.headers }
      const key = checkKey(name, typeof apiKey === 'function' ? await apiKey() : apiKey)
      const own =
        keyHeader === undefined ? { authorization: `Bearer ${key}` } : { [keyHeader]: key }
      return { ...own, ...options.headers }
    },
    encodeRequest: (request) => encodeRequest(request, { provider: name, profile }),
    relaxRequest,
    decodeReply: (reply, whole) =>
      composeReply(
        whole ? new WholeBodyDecoder() : new SseDecoder({ keepDiscarded: true }),
        new JsonDecoder(frame),
        decodeReply({ ...reply, returnsReasoning: profile.returns === 'reasoning_content' }),
      ),
  })
}

function checkBaseURL(name: string, baseURL: unknown): string {
  const isAddress = typeof baseURL === 'string' && /^https?:\/\/[^/]/.test(baseURL)
  if (isAddress) return baseURL.replace(/\/+$/, '')
  throw new RatatoskrError(
    'configuration',
    `Cannot set up ${name}: baseURL is not an http or https address. ` +
      'Give it whole, such as https://api.example.com/v1.',
    { provider: name },
  )
}

/** Refuses a key that no header can carry: `fetch` would fail, and quote it. */
function checkKey(name: string, key: unknown): string {
  if (typeof key === 'string' && /^[\x21-\x7e]+$/.test(key)) return key
  throw new RatatoskrError(
    'configuration',
    `Cannot set up ${name}: ${key === undefined || key === '' ? 'there is no apiKey' : 'the apiKey has a character that no key has, such as a line break or a blank'}. ` +
      'Give the key alone, or a function that returns it.',
    { provider: name },
  )
}
