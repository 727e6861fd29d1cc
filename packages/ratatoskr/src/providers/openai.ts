import { decodePlainReply } from '../dialects/openai-chat/decode-plain-reply.ts'
import type { OpenAIChatProfile } from '../dialects/openai-chat/profile.ts'
import type { Provider } from '../provider.ts'
import type { ProviderOptions } from './api-provider.ts'
import { profiledProvider } from './profiled-provider.ts'

export { openaiResponses, type OpenAIResponsesOptions } from './openai-responses.ts'

const profile: OpenAIChatProfile = {
  unsupported: ['topK'],
  maxTokensField: 'max_completion_tokens',
  streamOptions: { include_usage: true, include_obfuscation: false },
  callIdPattern: /^[^]{1,40}$/,
}

/** What {@link openai} takes. */
export interface OpenAIOptions extends ProviderOptions {
  organization?: string
  project?: string
}

/**
 * OpenAI, by its Chat Completions. Hosts that only speak its format have accents, which
 * `openaiCompatible` hears.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { openai } from 'ratatoskr/openai'
 *
 * const gateway = createGateway({ providers: [openai({ apiKey: 'your-key' })] })
 * ```
 */
export function openai(options: OpenAIOptions): Provider {
  const { organization, project } = options
  return profiledProvider({
    name: 'openai',
    baseURL: 'https://api.openai.com/v1',
    family: /^(gpt-|chatgpt-|o\d|ft:)/,
    ...options,
    // An empty key is refused at once; none would be, too late, by the server.
    apiKey: options.apiKey ?? '',
    headers: {
      ...(organization === undefined ? {} : { 'openai-organization': organization }),
      ...(project === undefined ? {} : { 'openai-project': project }),
      ...options.headers,
    },
    profile,
    decodeReply: decodePlainReply,
  })
}
