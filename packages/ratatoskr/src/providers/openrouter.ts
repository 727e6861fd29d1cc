import { frame } from '../dialects/openai-chat/chunk.ts'
import { decodePlainReply } from '../dialects/openai-chat/decode-plain-reply.ts'
import { encodePlainRequest } from '../dialects/openai-chat/encode-plain-request.ts'
import type { Provider } from '../provider.ts'
import { apiProvider, type ProviderOptions } from './api-provider.ts'

/**
 * OpenRouter: the models of all vendors, named `vendor/model`. Works from a browser.
 *
 * `headers` may carry `HTTP-Referer` and `X-Title`, by which OpenRouter names an app.
 *
 * Format: https://openrouter.ai/docs/api-reference/overview
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 *
 * const gateway = createGateway({ providers: [openrouter({ apiKey: 'your-key' })] })
 * ```
 */
export function openrouter(options: ProviderOptions): Provider {
  return apiProvider({
    name: 'openrouter',
    dialect: 'openai-chat',
    baseURL: 'https://openrouter.ai/api/v1',
    family: /^[^/:]+\/[^/]+$/,
    ...options,
    // An empty key is refused at once; none would be, too late, by the server.
    apiKey: options.apiKey ?? '',
    path: () => '/chat/completions',
    frame,
    encodeRequest(request) {
      const { reasoning, providerOptions } = request.options
      return {
        ...encodePlainRequest(request, true),
        reasoning: reasoning && {
          ...reasoning,
          maxTokens: undefined,
          max_tokens: reasoning.maxTokens,
        },
        ...providerOptions,
      }
    },
    decodeReply: decodePlainReply,
  })
}
