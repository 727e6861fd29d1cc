import { decodeReply } from '../dialects/openai-chat/decode-reply.ts'
import type { Provider } from '../provider.ts'
import { profiledProvider, type AccentedProviderOptions } from './profiled-provider.ts'

/**
 * Makes a provider for a host that bends the format: its requests by a profile; its replies, since
 * most hosts show their accent only when they speak, by all that are known.
 */
export function accentedProvider(options: AccentedProviderOptions): Provider {
  return profiledProvider({ ...options, decodeReply })
}
