import { need } from '../errors.ts'
import { textOf } from '../json/shape.ts'
import type { Provider } from '../provider.ts'
import type { ApiKey, ProviderOptions } from './api-provider.ts'
import { geminiProvider } from './gemini-provider.ts'

/** What {@link vertex} takes. */
export interface VertexOptions extends Omit<ProviderOptions, 'apiKey'> {
  /** The project's id. */
  project: string
  /** Such as `europe-west4`. Default: `global`. */
  location?: string
  /** An OAuth access token, which lasts an hour, or a function that gives one for each request. */
  accessToken: ApiKey
}

/**
 * Google's Gemini, by Vertex AI. Signing for a token is left to Google's own libraries, or to the
 * metadata server of its machines.
 *
 * Format: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { vertex } from 'ratatoskr/vertex'
 *
 * const accessToken = async () => 'your-token'
 * const gateway = createGateway({ providers: [vertex({ project: 'my-project', accessToken })] })
 * ```
 */
export function vertex(options: VertexOptions): Provider {
  const { project, location = 'global', accessToken, name = 'vertex', ...others } = options
  const isNamed = [project, location].every((part) => /^[\w.:-]+$/.test(textOf(part)))
  need(isNamed, 'configuration', `${name}: project and location must be names`)
  const host = location === 'global' ? '' : `${location}-`
  return geminiProvider({
    baseURL: `https://${host}aiplatform.googleapis.com/v1`,
    ...others,
    name,
    listing: '',
    // An empty token is refused at once; none would be, too late, by the server.
    apiKey: accessToken ?? '',
    modelPath: (model) =>
      `projects/${project}/locations/${location}/publishers/google/models/${model}`,
  })
}
