import { decodeReply } from '../dialects/openai-chat/decode-reply.ts'
import type { Provider } from '../provider.ts'
import { profiledProvider, type ProfiledProviderOptions } from './profiled-provider.ts'

/** What a provider for a host of OpenAI's format is made of. */
export type AccentedProviderOptions = Omit<ProfiledProviderOptions, 'decodeReply'>

/**
 * Makes a provider for a host that bends the format: its requests by a profile; its replies, since
 * most hosts show their accent only when they speak, by all that are known.
 */
export function accentedProvider(options: AccentedProviderOptions): Provider {
  return profiledProvider({ ...options, decodeReply })
}
