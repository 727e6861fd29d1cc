import { frame } from '../dialects/anthropic/chunk.ts'
import { decodeReply } from '../dialects/anthropic/decode-reply.ts'
import { encodeRequest } from '../dialects/anthropic/encode-request.ts'
import type { Provider } from '../provider.ts'
import { apiProvider, type ProviderOptions } from './api-provider.ts'

/**
 * Anthropic, by its Messages. Works from a browser.
 *
 * `baseURL` may lead to another host that speaks the format, up to and with its `/v1`. Features in
 * beta are asked for by `headers: { 'anthropic-beta': … }` and `providerOptions`.
 *
 * Format: https://platform.claude.com/docs/en/api/messages
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { anthropic } from 'ratatoskr/anthropic'
 *
 * const gateway = createGateway({ providers: [anthropic({ apiKey: 'your-key' })] })
 * ```
 */
export function anthropic(options: ProviderOptions): Provider {
  return apiProvider({
    name: 'anthropic',
    dialect: 'anthropic',
    baseURL: 'https://api.anthropic.com/v1',
    family: /^claude-/,
    ...options,
    // An empty key is refused at once; none would be, too late, by the server.
    apiKey: options.apiKey ?? '',
    keyHeader: 'x-api-key',
    listing: '/models?limit=1000',
    path: () => '/messages',
    headers: {
      'anthropic-version': '2023-06-01',
      // Without it the service refuses what comes from a page.
      'anthropic-dangerous-direct-browser-access': 'true',
      ...options.headers,
    },
    frame,
    encodeRequest,
    decodeReply,
  })
}
