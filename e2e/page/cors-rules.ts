/** Whom a service lets ask from a page, and with which headers. */
export interface CorsRules {
  /** Where the API lies, as in the base URL that a person enters. */
  readonly basePath: string
  /** `*` for the pages of any origin, else the origins; one that ends in `*` has any rest. */
  readonly origins: '*' | readonly string[]
  /** The status for a page of another origin. Default: what others get, without CORS headers. */
  readonly foreignStatus?: number
  readonly methods: readonly string[]
  /** In lower case. `*` is any but `authorization`: https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name */
  readonly headers: readonly string[]
  /** The headers of a response that a page may read besides the safelisted ones. */
  readonly exposes: readonly string[]
  /** A header without which a page is not answered, and its value. */
  readonly needs?: { readonly name: string; readonly value: string }
}

/** What is known of one request, or of the one that a preflight announces. */
export interface CorsRequest {
  readonly origin: string
  readonly method: string
  /** The names of the headers that scripts have set, in lower case. */
  readonly headers: readonly string[]
  /** The value of {@link CorsRules.needs}; a preflight knows none. */
  readonly needed?: string | undefined
}

const stainless = [
  'arch',
  'async',
  'custom-poll-interval',
  'helper-method',
  'lang',
  'os',
  'package-version',
  'poll-helper',
  'retry-count',
  'runtime',
  'runtime-version',
  'timeout',
].map((name) => `x-stainless-${name}`)

const browserAccess = 'anthropic-dangerous-direct-browser-access'

/**
 * The services that the page calls. A list is what the service is known to allow, not all that it
 * may allow today: what passes here works there.
 */
export const corsRules = {
  // The headers of its documentation: https://openrouter.ai/docs/api-reference/overview#headers
  // and https://openrouter.ai/docs/app-attribution. It did refuse others:
  // https://github.com/davidmigloz/langchain_dart/issues/510
  openrouter: {
    basePath: '/api/v1',
    origins: '*',
    methods: ['GET', 'POST', 'OPTIONS'],
    headers: ['authorization', 'content-type', 'http-referer', 'x-title'],
    exposes: [],
  },
  // Its documented headers: https://platform.openai.com/docs/api-reference/authentication. It lets
  // pages send more (https://github.com/ollama/ollama/pull/13365), which is no promise.
  openai: {
    basePath: '/v1',
    origins: '*',
    methods: ['GET', 'POST', 'OPTIONS'],
    headers: ['authorization', 'content-type', 'openai-organization', 'openai-project'],
    exposes: ['x-request-id'],
  },
  // Only with the header: https://simonwillison.net/2024/Aug/23/anthropic-dangerous-direct-browser-access/
  // The answers with and without it: https://github.com/open-pencil/open-pencil/issues/436
  anthropic: {
    basePath: '/v1',
    origins: '*',
    methods: ['GET', 'POST', 'OPTIONS'],
    headers: ['x-api-key', 'anthropic-version', 'anthropic-beta', 'content-type', browserAccess],
    exposes: ['*'],
    needs: { name: browserAccess, value: 'true' },
  },
  // The names that its preflights were seen to allow, and one that they refuse:
  // https://github.com/googleapis/js-genai/issues/1723
  google: {
    basePath: '/v1beta',
    origins: '*',
    methods: ['GET', 'POST', 'OPTIONS'],
    headers: ['authorization', 'content-type', 'x-goog-api-client', 'x-goog-api-key'],
    exposes: [],
  },
  // Of services that say nothing about pages: the least that a request with a key needs.
  unstated: {
    basePath: '/v1',
    origins: '*',
    methods: ['GET', 'POST', 'OPTIONS'],
    headers: ['authorization', 'content-type'],
    exposes: [],
  },
  // With "Enable CORS", or `lms server start --cors`: https://github.com/lmstudio-ai/lms/issues/11
  'lm-studio': {
    basePath: '/v1',
    origins: '*',
    methods: ['*'],
    headers: ['*'],
    exposes: [],
  },
  // LM Studio as it is installed: https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/443
  'no-cors': { basePath: '/v1', origins: [], methods: [], headers: [], exposes: [] },
  // The headers: https://github.com/ollama/ollama/blob/main/server/routes.go (GenerateRoutes),
  // the origins: https://github.com/ollama/ollama/blob/main/envconfig/config.go (AllowedOrigins),
  // the methods and the status: https://github.com/gin-contrib/cors
  ollama: {
    basePath: '/v1',
    origins: ['localhost', '127.0.0.1', '0.0.0.0']
      .flatMap((host) => [`http://${host}`, `https://${host}`])
      .flatMap((origin) => [origin, `${origin}:*`])
      .concat('app://*', 'file://*', 'tauri://*'),
    foreignStatus: 403,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'],
    headers: [
      'authorization',
      'content-type',
      'user-agent',
      'accept',
      'x-requested-with',
      'openai-beta',
      ...stainless,
    ],
    exposes: [],
  },
} as const satisfies { readonly [name: string]: CorsRules }

/** The name of a service in {@link corsRules}. */
export type CorsRulesName = keyof typeof corsRules

/** Whether a page of an origin is answered at all. */
export function allowsOrigin({ origins }: CorsRules, origin: string): boolean {
  if (origins === '*') return true
  return origins.some((allowed) =>
    allowed.endsWith('*') ? origin.startsWith(allowed.slice(0, -1)) : origin === allowed,
  )
}

/** What a request does that it may not, in words; nothing where all is well. */
export function offences(rules: CorsRules, request: CorsRequest): string[] {
  const { origin, method, headers, needed } = request
  const { needs } = rules
  const said: string[] = []
  if (!allowsOrigin(rules, origin)) said.push(`the origin ${origin} is not allowed`)
  // https://fetch.spec.whatwg.org/#cors-safelisted-method
  const isSafe = ['GET', 'HEAD', 'POST'].includes(method)
  if (!isSafe && !rules.methods.includes(method) && !rules.methods.includes('*')) {
    said.push(`the method ${method} is not allowed`)
  }
  for (const name of headers) {
    const isCovered = rules.headers.includes('*') && name !== 'authorization'
    if (!isCovered && !rules.headers.includes(name)) said.push(`the header ${name} is not allowed`)
  }
  if (needs && !headers.includes(needs.name)) said.push(`the header ${needs.name} is missing`)
  else if (needs && needed !== undefined && needed !== needs.value) {
    said.push(`the header ${needs.name} is not ${needs.value}`)
  }
  return said
}

// What browsers send by themselves, also to other origins, and what any page may send:
// https://fetch.spec.whatwg.org/#forbidden-request-header and
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
const ownHeaders = new Set(
  (
    'accept accept-charset accept-encoding accept-language cache-control connection ' +
    'content-language content-length cookie date dnt expect host if-modified-since if-none-match ' +
    'keep-alive origin pragma priority range referer te trailer transfer-encoding upgrade ' +
    'upgrade-insecure-requests user-agent via'
  ).split(' '),
)
const simpleType = /^(text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)\b/i

/** The headers of a request that need the service's leave. */
export function askedHeaders(headers: { readonly [name: string]: unknown }): string[] {
  return Object.entries(headers)
    .filter(([name, value]) => {
      if (ownHeaders.has(name) || /^(sec|proxy)-/.test(name)) return false
      return name !== 'content-type' || !simpleType.test(String(value))
    })
    .map(([name]) => name)
}
