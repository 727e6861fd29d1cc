import { frame } from '../dialects/gemini/chunk.ts'
import { decodeReply } from '../dialects/gemini/decode-reply.ts'
import { encodeRequest } from '../dialects/gemini/encode-request.ts'
import { JsonArrayDecoder } from '../frames/json-array.ts'
import type { Provider } from '../provider.ts'
import { apiProvider, type ApiKey, type ProviderOptions } from './api-provider.ts'

/** Where Gemini is reached. */
export interface GeminiProviderOptions extends Omit<ProviderOptions, 'apiKey'> {
  name: string
  baseURL: string
  apiKey: ApiKey
  keyHeader?: string | undefined
  /** Where its models are listed: what follows the base; none where it is empty. */
  listing: string
  /** What follows the base, with the model. */
  modelPath: (model: string) => string
}

/** Makes a provider that speaks Gemini's format. */
export function geminiProvider({ modelPath, ...options }: GeminiProviderOptions): Provider {
  return apiProvider({
    dialect: 'gemini',
    family: /^gemini-/,
    ...options,
    path({ model }) {
      const steps = modelPath(model).split('/').map(encodeURIComponent)
      return `/${steps.join('/')}:streamGenerateContent?alt=sse`
    },
    frame,
    encodeRequest: (request) => encodeRequest(request, { provider: options.name }),
    decodeReply,
    jsonFrames: () => new JsonArrayDecoder(),
  })
}
