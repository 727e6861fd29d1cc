import { frame, type Chunk } from '../dialects/openai-chat/chunk.ts'
import { encodeRequest } from '../dialects/openai-chat/encode-request.ts'
import type { OpenAIChatProfile } from '../dialects/openai-chat/profile.ts'
import { isRatatoskrError } from '../errors.ts'
import type { Provider } from '../provider.ts'
import { apiProvider, type ApiProviderOptions } from './api-provider.ts'

/** What a provider for a host with a profile is made of. */
export interface AccentedProviderOptions extends Omit<
  ApiProviderOptions<Chunk, '[DONE]'>,
  'dialect' | 'path' | 'frame' | 'encodeRequest' | 'decodeReply'
> {
  /** What follows the base. Default: `/chat/completions`. */
  path?: ApiProviderOptions<Chunk, '[DONE]'>['path'] | undefined
  profile?: OpenAIChatProfile | undefined
}

/** And by what its replies are decoded. */
export type ProfiledProviderOptions = AccentedProviderOptions &
  Pick<ApiProviderOptions<Chunk, '[DONE]'>, 'decodeReply'>

/**
 * Makes a provider for a host that bends the format of requests, by a profile.
 */
export function profiledProvider({ profile = {}, ...options }: ProfiledProviderOptions): Provider {
  const provider = apiProvider({
    ...options,
    dialect: 'openai-chat',
    path: options.path ?? (() => '/chat/completions'),
    frame,
    encodeRequest: (request) => encodeRequest(request, { provider: options.name, profile }),
  })
  return {
    ...provider,
    async open(request, context) {
      try {
        return await provider.open(request, context)
      } catch (error) {
        // Older and Azure-like servers answer 400 to stream_options: it is asked once more without.
        const isRefused = isRatatoskrError(error) && (error.status === 400 || error.status === 422)
        const words = /stream_?options|include_(usage|obfuscation)/i
        if (!isRefused || !words.test(error.body ?? '')) throw error
        const providerOptions = { ...request.options.providerOptions, stream_options: undefined }
        return provider.open(
          { ...request, options: { ...request.options, providerOptions } },
          context,
        )
      }
    },
  }
}
