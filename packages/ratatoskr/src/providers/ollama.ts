import { frame } from '../dialects/ollama/chunk.ts'
import { decodeReply } from '../dialects/ollama/decode-reply.ts'
import { encodeRequest } from '../dialects/ollama/encode-request.ts'
import { composeReply } from '../dialects/reply-decoder.ts'
import { need } from '../errors.ts'
import { NdjsonDecoder } from '../frames/ndjson.ts'
import { wholeBody } from '../frames/whole-body.ts'
import { JsonDecoder } from '../json/json-decoder.ts'
import { textOf } from '../json/shape.ts'
import type { Provider } from '../provider.ts'
import type { ProviderOptions } from './api-provider.ts'
import { httpProvider } from './http-provider.ts'
import { ollamaFamily } from './ollama-family.ts'

/** What {@link ollama} takes; all of it has a default. */
export interface OllamaOptions extends Omit<ProviderOptions, 'apiKey'> {
  /** The server, without `/api`. Default: `http://localhost:11434`. */
  baseURL?: string
}

/**
 * Ollama, by its own format. It needs no key; a page is let in where the server's `OLLAMA_ORIGINS`
 * has its origin, and a page from https can call http at localhost only. A server that wants a key
 * gets it in `headers`.
 *
 * Throws a `RatatoskrError` with code `configuration` for a `baseURL` that is no address.
 *
 * Format: https://docs.ollama.com/api/chat
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { ollama } from 'ratatoskr/ollama'
 *
 * const gateway = createGateway({ providers: [ollama()] })
 * ```
 */
export function ollama(options: OllamaOptions = {}): Provider {
  const { name = 'ollama', baseURL = 'http://localhost:11434', headers, fetch } = options
  // As people write it: with the path of this format, or of the other.
  const base = textOf(baseURL).replace(/(\/(api|v1))?\/*$/, '')
  const isAddress = /^https?:\/\/[^/]/.test(base)
  need(isAddress, 'configuration', `${name}: baseURL must be an http(s) address`)
  return httpProvider({
    name,
    dialect: 'ollama',
    family: ollamaFamily,
    url: `${base}/api/chat`,
    listing: `${base}/api/tags`,
    headers: () => ({ ...headers }),
    fetch,
    encodeRequest: (request) => encodeRequest(request, { provider: name }),
    decodeReply: (reply, whole) =>
      composeReply(
        whole ? wholeBody() : new NdjsonDecoder(),
        new JsonDecoder(frame),
        decodeReply(reply),
      ),
  })
}
