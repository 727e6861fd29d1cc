import type { OpenAIChatProfile } from '../dialects/openai-chat/profile.ts'
import type { Provider } from '../provider.ts'
import { openaiChatProvider, type ProviderOptions } from './openai-chat-provider.ts'

const profile: OpenAIChatProfile = {
  usageAlways: true,
  reasoning: 'object',
  promptCaching: 'cache_control',
  fileUrls: true,
  returns: 'reasoning_details',
}

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
 * const gateway = createGateway({ providers: [openrouter({ apiKey: 'your key' })] })
 * ```
 */
export function openrouter(options: ProviderOptions): Provider {
  return openaiChatProvider({
    name: 'openrouter',
    baseURL: 'https://openrouter.ai/api/v1',
    accepts: (model) => model.includes('/'),
    ...options,
    profile,
  })
}
