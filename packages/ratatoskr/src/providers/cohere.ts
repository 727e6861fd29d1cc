import { frame } from '../dialects/cohere/chunk.ts'
import { decodeReply } from '../dialects/cohere/decode-reply.ts'
import { encodeRequest } from '../dialects/cohere/encode-request.ts'
import type { Provider } from '../provider.ts'
import { apiProvider, type ProviderOptions } from './api-provider.ts'

/**
 * Cohere, by its Chat, version 2.
 *
 * Format: https://docs.cohere.com/v2/reference/chat-stream
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { cohere } from 'ratatoskr/cohere'
 *
 * const gateway = createGateway({ providers: [cohere({ apiKey: 'your-key' })] })
 * ```
 */
export function cohere(options: ProviderOptions): Provider {
  const { name = 'cohere' } = options
  return apiProvider({
    name,
    dialect: 'cohere',
    baseURL: 'https://api.cohere.com/v2',
    family: /^(command|c4ai)-/,
    ...options,
    // An empty key is refused at once; none would be, too late, by the server.
    apiKey: options.apiKey ?? '',
    // Version 2 has no list of its own.
    listing: '/../v1/models?endpoint=chat&page_size=1000',
    path: () => '/chat',
    frame,
    encodeRequest: (request) => encodeRequest(request, { provider: name }),
    decodeReply,
  })
}
