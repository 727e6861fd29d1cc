import { AwsV4Signer } from 'aws4fetch'
import { frame } from '../dialects/bedrock/chunk.ts'
import { decodeReply } from '../dialects/bedrock/decode-reply.ts'
import { encodeRequest } from '../dialects/bedrock/encode-request.ts'
import { composeReply } from '../dialects/reply-decoder.ts'
import { need } from '../errors.ts'
import { AwsEventStreamDecoder } from '../frames/aws-event-stream.ts'
import { JsonDecoder } from '../json/json-decoder.ts'
import { textOf } from '../json/shape.ts'
import type { Provider } from '../provider.ts'
import type { Fetch } from '../transport/connect.ts'
import type { ApiKey, ProviderOptions } from './api-provider.ts'
import { throwWithout } from '../transport/throw-without.ts'
import { httpProvider } from './http-provider.ts'

/** Keys that sign a request. */
export interface AwsCredentials {
  accessKeyId: string
  secretAccessKey: string
  /** Of keys that last for a while only. */
  sessionToken?: string | undefined
}

/** What {@link bedrock} takes: a region, and an API key or keys that sign. */
export type BedrockOptions = Omit<ProviderOptions, 'apiKey'> & {
  /** Such as `us-east-1`. */
  region: string
} & (
    | { /** An API key of Bedrock's. */ apiKey: ApiKey; credentials?: never }
    | ({ apiKey?: never; credentials?: never } & AwsCredentials)
    | {
        apiKey?: never
        /** A function that gives the keys for each request. */
        credentials: () => AwsCredentials | Promise<AwsCredentials>
      }
  )

/**
 * Amazon Bedrock, by its ConverseStream. Requests are signed (SigV4), or carry an API key.
 *
 * Format: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 *
 * @example
 * ```ts
 * import { createGateway } from 'ratatoskr'
 * import { bedrock } from 'ratatoskr/bedrock'
 *
 * const gateway = createGateway({
 *   providers: [bedrock({ region: 'us-east-1', apiKey: 'your-key' })],
 * })
 * ```
 */
export function bedrock(options: BedrockOptions): Provider {
  const { name = 'bedrock', region, fetch = globalThis.fetch, headers } = options
  need(/^[\w-]+$/.test(textOf(region)), 'configuration', `${name}: region must be the name of one`)
  const base = (options.baseURL ?? `https://bedrock-runtime.${region}.amazonaws.com`).replace(
    /\/+$/,
    '',
  )
  need(
    /^https?:\/\/[^/]/.test(base),
    'configuration',
    `${name}: baseURL must be an http(s) address`,
  )
  const keys = keysOf(options, name)
  const connection = (send: Fetch | undefined): Provider =>
    httpProvider({
      name,
      dialect: 'bedrock',
      family:
        /^(arn:aws|([a-z-]+\.)?(ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshotai|nvidia|openai|qwen|stability|twelvelabs|writer|zai)\.)/,
      // Another address than that of the models themselves.
      listing: options.baseURL
        ? ''
        : `https://bedrock.${region}.amazonaws.com/foundation-models?byOutputModality=TEXT`,
      url: ({ model }) => `${base}/model/${encodeURIComponent(model)}/converse-stream`,
      async headers() {
        return 'apiKey' in keys
          ? { authorization: `Bearer ${await keys.apiKey()}`, ...headers }
          : { ...headers }
      },
      fetch: send,
      encodeRequest: (request) => encodeRequest(request, { provider: name }),
      decodeReply: (reply) =>
        composeReply(new AwsEventStreamDecoder(), new JsonDecoder(frame), decodeReply(reply)),
    })
  if ('apiKey' in keys) return connection(fetch)
  return {
    ...connection(signed(fetch, keys.credentials, region)),
    async open(request, context) {
      // Before anything is sent: what fails here is no failure of the network.
      const found = await keys.credentials()
      const secrets = { token: found.sessionToken ?? '' }
      return (
        connection(signed(fetch, () => found, region))
          .open(request, context)
          // A signature that does not fit is answered with all that should have been signed.
          .catch((error: unknown) => throwWithout(secrets, error))
      )
    },
  }
}

type Keys =
  | { apiKey: () => string | Promise<string> }
  | { credentials: () => AwsCredentials | Promise<AwsCredentials> }

function keysOf(options: BedrockOptions, name: string): Keys {
  const { apiKey } = options
  if (apiKey !== undefined) {
    if (typeof apiKey === 'string') checkKey(apiKey, name)
    return {
      apiKey: async () => checkKey(typeof apiKey === 'string' ? apiKey : await apiKey(), name),
    }
  }
  const own = 'accessKeyId' in options ? options : undefined
  const given = options.credentials ?? (own && ((): AwsCredentials => own))
  need(given, 'configuration', `${name}: apiKey, or accessKeyId and secretAccessKey, must be given`)
  return {
    async credentials() {
      const found = await given?.()
      return {
        accessKeyId: checkKey(found?.accessKeyId, name),
        secretAccessKey: checkKey(found?.secretAccessKey, name),
        sessionToken: found?.sessionToken,
      }
    },
  }
}

/** No header can carry another as it is: `fetch` would fail, and quote it. */
function checkKey(key: unknown, name: string): string {
  const isKey = /^[!#-[\]-~]+$/.test(textOf(key))
  need(isKey, 'configuration', `${name}: apiKey, accessKeyId and secretAccessKey must be keys`)
  return textOf(key)
}

/** Signs each request when all of it is known. */
function signed(
  fetch: Fetch,
  credentials: () => AwsCredentials | Promise<AwsCredentials>,
  region: string,
): Fetch {
  return async (url, init) => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials()
    const signer = new AwsV4Signer({
      method: init.method ?? 'GET',
      url,
      headers: init.headers ?? {},
      body: init.body ?? '',
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      service: 'bedrock',
      region,
    })
    const { headers } = await signer.sign()
    return fetch(url, { ...init, headers: Object.fromEntries(headers) })
  }
}
