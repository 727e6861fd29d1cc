import { frame } from '../dialects/openai-responses/chunk.ts'
import { decodeReply } from '../dialects/openai-responses/decode-reply.ts'
import { encodeRequest } from '../dialects/openai-responses/encode-request.ts'
import { need } from '../errors.ts'
import { fieldsOf, textOf } from '../json/shape.ts'
import type { Provider } from '../provider.ts'
import { apiProvider, type ProviderOptions } from './api-provider.ts'

/** What {@link openaiResponses} takes. */
export interface OpenAIResponsesOptions extends ProviderOptions {
  organization?: string
  project?: string
  /** The header that carries the key; Azure's is `api-key`. Default: `authorization`. */
  keyHeader?: string
}

const home = 'https://api.openai.com/v1'

/**
 * OpenAI, by its Responses; with `baseURL` (up to where `/responses` follows) also OpenRouter, xAI,
 * Azure OpenAI and others that speak them.
 *
 * A reply that was asked for with `providerOptions: { background: true }` goes on when the
 * connection is lost. To take it up again, ask with `providerOptions: { resume: { id, starting_after } }`:
 * the reply's id, and the `sequence_number` of the last event (without it, all come again). The
 * messages are not sent then. Both numbers stand in the provider events (`includeProviderEvents`).
 *
 * Format: https://platform.openai.com/docs/api-reference/responses
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { openaiResponses } from 'ratatoskr/openai'
 *
 * const gateway = createGateway({ providers: [openaiResponses({ apiKey: 'your-key' })] })
 * ```
 */
export function openaiResponses(options: OpenAIResponsesOptions): Provider {
  const { organization, project, name = 'openai', baseURL = home } = options
  return apiProvider({
    dialect: 'openai-responses',
    family: /^(gpt-|chatgpt-|o\d|ft:)/,
    ...options,
    name,
    baseURL,
    // An empty key is refused at once; none would be, too late, by the server.
    apiKey: options.apiKey ?? '',
    headers: {
      ...(organization === undefined ? {} : { 'openai-organization': organization }),
      ...(project === undefined ? {} : { 'openai-project': project }),
      ...options.headers,
    },
    // What is taken up again is asked for by `GET`, without a body.
    fetch: (url, init) =>
      (options.fetch ?? globalThis.fetch)(
        url,
        /[?]stream=true/.test(url) ? { ...init, method: 'GET', body: null } : init,
      ),
    path: ({ options: { providerOptions } }) => `/responses${resumed(providerOptions) ?? ''}`,
    frame,
    encodeRequest: (request) =>
      encodeRequest(request, {
        provider: name,
        // Padding that hides the length of what is written costs as much as the text.
        ...(baseURL === home && { streamOptions: { include_obfuscation: false } }),
      }),
    decodeReply,
  })
}

/** What follows the path where a reply is to be taken up again. */
function resumed(providerOptions: { readonly [field: string]: unknown } = {}): string | undefined {
  if (providerOptions['resume'] === undefined) return undefined
  const { id, starting_after: after } = fieldsOf(providerOptions['resume'])
  need(textOf(id), 'invalid_request', 'providerOptions.resume must have the id of a reply')
  const isPlace = after === undefined || Number.isSafeInteger(after)
  need(isPlace, 'invalid_request', 'providerOptions.resume.starting_after must be a whole number')
  const place = after === undefined ? '' : `&starting_after=${Number(after)}`
  return `/${encodeURIComponent(textOf(id))}?stream=true${place}`
}
