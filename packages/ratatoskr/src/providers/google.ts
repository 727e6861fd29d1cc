import type { Provider } from '../provider.ts'
import type { ProviderOptions } from './api-provider.ts'
import { geminiProvider } from './gemini-provider.ts'

/**
 * Google's Gemini, by a key of AI Studio. Works from a browser.
 *
 * Format: https://ai.google.dev/api/generate-content
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { google } from 'ratatoskr/google'
 *
 * const gateway = createGateway({ providers: [google({ apiKey: 'your-key' })] })
 * ```
 */
export function google(options: ProviderOptions): Provider {
  return geminiProvider({
    name: 'google',
    baseURL: 'https://generativelanguage.googleapis.com/v1beta',
    ...options,
    // An empty key is refused at once; none would be, too late, by the server.
    apiKey: options.apiKey ?? '',
    keyHeader: 'x-goog-api-key',
    listing: '/models?pageSize=1000',
    modelPath: (model) => (model.includes('/') ? model : `models/${model}`),
  })
}
