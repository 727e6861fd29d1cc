import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRatatoskrError, type ErrorCode, type RatatoskrError } from '../errors.ts'
import { apiError } from './api-error.ts'

/** The error of a response. */
const refused = (status: number, body: unknown): RatatoskrError =>
  apiError({
    provider: 'acme',
    status,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

/** The error of a chunk inside a stream. */
const failed = (body: unknown): RatatoskrError => apiError({ provider: 'acme', body })

/** The shapes and first words are the service's, as its documentation and people's reports have them. */
const anthropicErrors: [number, string, string, ErrorCode, boolean][] = [
  [
    400,
    'invalid_request_error',
    'prompt is too long: 9 tokens > 8 maximum',
    'context_length',
    false,
  ],
  [
    400,
    'invalid_request_error',
    'input length and `max_tokens` exceed context limit: 9 + 9 > 8, decrease input length or `max_tokens` and try again',
    'context_length',
    false,
  ],
  [
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
    'permission',
    false,
  ],
  [
    400,
    'invalid_request_error',
    'Output blocked by content filtering policy',
    'content_filtered',
    false,
  ],
  [
    400,
    'invalid_request_error',
    'max_tokens: 9 > 8, which is the maximum allowed number of output tokens for nut-1',
    'invalid_request',
    false,
  ],
  [
    400,
    'invalid_request_error',
    '"thinking.type.enabled" is not supported for this model.',
    'invalid_request',
    false,
  ],
  [
    400,
    'invalid_request_error',
    'temperature: Extra inputs are not permitted',
    'invalid_request',
    false,
  ],
  [401, 'authentication_error', 'invalid x-api-key', 'authentication', false],
  [402, 'billing_error', 'Pay first', 'permission', false],
  [403, 'permission_error', 'Not for this key', 'permission', false],
  [404, 'not_found_error', 'model: nut-1', 'model_not_found', false],
  [404, 'not_found_error', 'Not found', 'configuration', false],
  [413, 'request_too_large', 'Request exceeds the maximum size', 'invalid_request', false],
  [
    429,
    'rate_limit_error',
    'Number of request tokens has exceeded your rate limit',
    'rate_limited',
    true,
  ],
  [500, 'api_error', 'Internal server error', 'api', true],
  [504, 'timeout_error', 'The request took too long', 'timeout', true],
  [529, 'overloaded_error', 'Overloaded', 'overloaded', true],
]

describe('apiError', () => {
  const folders = join(import.meta.dirname, '../../../../../shared/recordings')
  if (!existsSync(folders)) {
    it.skip('needs ../shared/recordings beside the repository, which is not there', () => {})
  }

  // Written from the bodies, by hand. The last entry is where in the body the provider's own
  // words stand; without it, the whole body is they.
  type Expected = [code: ErrorCode, retryable: boolean, ...words: string[]]
  const expected: { readonly [wire: string]: { readonly [file: string]: Expected } } = {
    'openai-chat': {
      'huggingface-js__mistral-404-8dfb7e10': ['configuration', false, 'message'],
      'huggingface-js__openai-400-a5c77198': ['invalid_request', false, 'error', 'message'],
      'huggingface-js__openai-421-bec17141': ['configuration', false, 'message'],
      'huggingface-js__together-400-38cc6beb': ['invalid_request', false, 'error', 'message'],
      'llmrb__llamacpp-500-server-error-500-cannot-use-tools-with-s': [
        'invalid_request',
        false,
        'error',
        'message',
      ],
      'llmrb__llamacpp-500-server-error-500-image-input-is-not-supp': [
        'invalid_request',
        false,
        'error',
        'message',
      ],
      'openinference__openai-401-invalid-request-error-invalid-api-key-in': [
        'authentication',
        false,
        'error',
        'message',
      ],
      'openllmetry__openai-400-invalid-request-error-invalid-image-form': [
        'invalid_request',
        false,
        'error',
        'message',
      ],
      'openllmetry__openai-404-invalid-request-error-model-not-found-th': [
        'model_not_found',
        false,
        'error',
        'message',
      ],
      'pydantic-ai__groq-404-invalid-request-error-model-not-found-th': [
        'model_not_found',
        false,
        'error',
        'message',
      ],
      'pydantic-ai__groq-404-invalid-request-error-model-not-found-th-2': [
        'model_not_found',
        false,
        'error',
        'message',
      ],
      'ruby_llm__deepseek-400-invalid-request-error-invalid-request-er': [
        'context_length',
        false,
        'error',
        'message',
      ],
      'ruby_llm__deepseek-422-rawfailed-to-deserialize-the-json-body-i': ['invalid_request', false],
      'ruby_llm__mistral-400-invalid-request-message-order-3230-unexp': [
        'invalid_request',
        false,
        'message',
      ],
      'ruby_llm__mistral-429-rate-limited-1300-rate-limit-exceeded': [
        'rate_limited',
        true,
        'message',
      ],
      'ruby_llm__mistral-500-internal-server-error-1000-service-unava': ['api', true, 'message'],
      'ruby_llm__ollama-cloud-400-invalid-request-error-prompt-too-long-ex': [
        'context_length',
        false,
        'error',
        'message',
      ],
      'ruby_llm__ollama-cloud-401-api-error-unauthorized': [
        'authentication',
        false,
        'error',
        'message',
      ],
      'ruby_llm__ollama-compat-400-invalid-request-error-invalid-message-co': [
        'invalid_request',
        false,
        'error',
        'message',
      ],
      'ruby_llm__ollama-compat-400-invalid-request-error-invalid-message-fo': [
        'invalid_request',
        false,
        'error',
        'message',
      ],
      // Both: a single request that is larger than the account's limit for a minute.
      'ruby_llm__openai-429-tokens-rate-limit-exceeded-request-too-l': [
        'rate_limited',
        false,
        'error',
        'message',
      ],
      'ruby_llm__openai-429-tokens-rate-limit-exceeded-request-too-l-2': [
        'rate_limited',
        false,
        'error',
        'message',
      ],
      'ruby_llm__xai-400-incorrect-api-key-provided-iney-you-can': [
        'authentication',
        false,
        'error',
      ],
      'ruby_llm__xai-400-this-models-maximum-prompt-length-is-bu': [
        'context_length',
        false,
        'error',
      ],
      'ruby_llm__xai-503-service-temporarily-unavailable-the-mode': ['overloaded', true, 'error'],
    },
    anthropic: {
      'dd-trace-py__anthropic-400-invalid-request-error-messages-input-doe': [
        'invalid_request',
        false,
        'error',
        'message',
      ],
      'dd-trace-py__anthropic-401-authentication-error-invalid-xapikey': [
        'authentication',
        false,
        'error',
        'message',
      ],
      'otel-contrib__anthropic-404-not-found-error-model-claudesonnet': [
        'model_not_found',
        false,
        'error',
        'message',
      ],
      'otel-contrib__anthropic-404-not-found-error-model-invalidmodelname': [
        'model_not_found',
        false,
        'error',
        'message',
      ],
      'ruby_llm__anthropic-400-invalid-request-error-too-many-total-tex': [
        'context_length',
        false,
        'error',
        'message',
      ],
      'ruby_llm__anthropic-429-rate-limit-error-this-request-would-exce': [
        'rate_limited',
        true,
        'error',
        'message',
      ],
    },
    bedrock: {
      'dd-trace-py__amazon-bedrock-403-the-security-token-included-in-the-reque': [
        'authentication',
        false,
        'message',
      ],
      'otel-contrib__amazon-bedrock-400-the-provided-model-identifier-is-invalid': [
        'model_not_found',
        false,
        'message',
      ],
      'ruby_llm__amazon-bedrock-400-input-is-too-long-for-requested-model': [
        'context_length',
        false,
        'message',
      ],
    },
    cohere: {
      'openllmetry__cohere-404-model-commandr-was-removed-on-septemb': [
        'model_not_found',
        false,
        'message',
      ],
      'ruby_llm__cohere-400-too-many-tokens-size-limit-exceeded-by': [
        'context_length',
        false,
        'message',
      ],
      'ruby_llm__cohere-401-incorrect-api-key-provided': ['authentication', false, 'message'],
    },
    gemini: {
      'pydantic-ai__google-404-404-not-found-modelsgeminiflahs-is-not-f': [
        'model_not_found',
        false,
        'error',
        'message',
      ],
      'ruby_llm__google-400-400-invalid-argument-api-key-not-valid-p': [
        'authentication',
        false,
        'error',
        'message',
      ],
      'ruby_llm__google-400-400-invalid-argument-the-input-token-cou-2': [
        'context_length',
        false,
        'error',
        'message',
      ],
      'ruby_llm__google-429-429-resource-exhausted-you-exceeded-your': [
        'rate_limited',
        true,
        'error',
        'message',
      ],
    },
    ollama: {
      'openinference__ollama-404-model-xistentmodellatest-not-found': [
        'model_not_found',
        false,
        'error',
      ],
    },
    'openai-responses': {
      'dd-trace-py__openai-401-invalid-request-error-invalid-api-key-in': [
        'authentication',
        false,
        'error',
        'message',
      ],
      'pydantic-ai__deepseek-400-invalid-request-error-invalid-request-er': [
        'invalid_request',
        false,
        'error',
        'message',
      ],
      'ruby_llm__openai-400-invalid-request-error-context-length-exc': [
        'context_length',
        false,
        'error',
        'message',
      ],
    },
  }
  const suffix = '.error.json'

  describe.runIf(existsSync(folders)).each(Object.entries(expected))(
    'of the recorded errors of %s',
    (wire, table) => {
      const folder = join(folders, wire)

      it('knows what each of them means', () => {
        const files = readdirSync(folder).filter((file) => file.endsWith(suffix))
        expect(files.map((file) => file.slice(0, -suffix.length)).sort()).toEqual(
          Object.keys(table).sort(),
        )
      })

      it.each(Object.entries(table))('%s', (file, [code, retryable, ...path]) => {
        const recorded = JSON.parse(readFileSync(join(folder, file + suffix), 'utf8')) as {
          status: number
          body: string
        }
        let words: unknown = path.length === 0 ? recorded.body : JSON.parse(recorded.body)
        for (const step of path) words = (words as Record<string, unknown>)[step]

        const error = refused(recorded.status, recorded.body)
        expect(error).toMatchObject({
          code,
          retryable,
          providerMessage: words,
          status: recorded.status,
          provider: 'acme',
          body: recorded.body,
        })
        expect(typeof words).toBe('string')
        expect(error.message).not.toContain(words)
      })
    },
  )

  // In words of our own, in the shapes that the hosts send.
  it.each<[string, number, unknown, ErrorCode, boolean, string?]>([
    [
      'Google: it took too long, within a stream',
      504,
      { error: { code: 504, message: 'Deadline expired.', status: 'DEADLINE_EXCEEDED' } },
      'timeout',
      true,
      'Deadline expired.',
    ],
    [
      'OpenAI: the account has no credit left, at 429',
      429,
      {
        error: { message: 'Quota used up', type: 'insufficient_quota', code: 'insufficient_quota' },
      },
      'rate_limited',
      false,
      'Quota used up',
    ],
    [
      'OpenAI: too many requests',
      429,
      { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } },
      'rate_limited',
      true,
      'Slow down',
    ],
    [
      'OpenAI: the key may not use this',
      403,
      { error: { message: 'Not from this country', type: 'request_forbidden', code: null } },
      'permission',
      false,
      'Not from this country',
    ],
    [
      'OpenAI: the prompt is too long, told by the code alone',
      400,
      { error: { message: 'Shorten it', code: 'context_length_exceeded' } },
      'context_length',
      false,
      'Shorten it',
    ],
    [
      'OpenAI: an internal error',
      500,
      { error: { message: 'We had an error', type: 'server_error', code: null } },
      'api',
      true,
      'We had an error',
    ],
    [
      'OpenRouter: the account has no credit left',
      402,
      { error: { message: 'Add credits', code: 402 } },
      'permission',
      false,
      'Add credits',
    ],
    [
      'OpenRouter: moderation',
      403,
      {
        error: {
          message: 'Input was flagged',
          code: 403,
          metadata: { reasons: ['violence'], flagged_input: 'x' },
        },
      },
      'content_filtered',
      false,
      'Input was flagged',
    ],
    [
      'OpenRouter: the upstream’s own words, as JSON in metadata.raw',
      400,
      {
        error: {
          message: 'The provider failed',
          code: 400,
          metadata: {
            raw: JSON.stringify({ error: { type: 'x', message: 'prompt is too long: 9 > 8' } }),
            provider_name: 'Acme',
          },
        },
      },
      'context_length',
      false,
      'prompt is too long: 9 > 8',
    ],
    [
      'OpenRouter: the upstream’s own words, as JSON in an array in metadata.raw',
      400,
      {
        error: {
          message: 'The provider failed',
          code: 400,
          metadata: { raw: JSON.stringify([{ error: { message: 'Unknown field: nuts' } }]) },
        },
      },
      'invalid_request',
      false,
      'Unknown field: nuts',
    ],
    [
      'OpenRouter: the upstream’s own words, as text in metadata.raw',
      502,
      {
        error: { message: 'The provider failed', code: 502, metadata: { raw: 'no healthy host' } },
      },
      'api',
      true,
      'no healthy host',
    ],
    [
      'OpenRouter: nothing in metadata.raw',
      502,
      { error: { message: 'The provider failed', code: 502, metadata: { raw: '' } } },
      'api',
      true,
      'The provider failed',
    ],
    [
      'OpenRouter: a type among the metadata',
      502,
      { error: { message: 'Busy', code: 502, metadata: { error_type: 'provider_overloaded' } } },
      'overloaded',
      true,
      'Busy',
    ],
    [
      'Azure OpenAI: the content filter',
      400,
      {
        error: {
          message: 'The prompt triggered the policy',
          type: null,
          param: 'prompt',
          code: 'content_filter',
          status: 400,
          innererror: { code: 'ResponsibleAIPolicyViolation' },
        },
      },
      'content_filtered',
      false,
      'The prompt triggered the policy',
    ],
    [
      'Azure OpenAI: too many requests, the status as text',
      429,
      { error: { code: '429', message: 'Calls exceed the limit of your tier' } },
      'rate_limited',
      true,
      'Calls exceed the limit of your tier',
    ],
    [
      'Groq: one request is larger than the limit for a minute',
      413,
      {
        error: {
          message: 'Request too large for model nut-1 on tokens per minute',
          type: 'tokens',
          code: 'rate_limit_exceeded',
        },
      },
      'rate_limited',
      false,
      'Request too large for model nut-1 on tokens per minute',
    ],
    [
      'vLLM: no such model',
      404,
      {
        object: 'error',
        message: 'The model `nut-1` does not exist.',
        type: 'NotFoundError',
        code: 404,
      },
      'model_not_found',
      false,
      'The model `nut-1` does not exist.',
    ],
    [
      'Ollama: no such model',
      404,
      { error: { message: 'model "nut-1" not found, try pulling it first', type: 'api_error' } },
      'model_not_found',
      false,
      'model "nut-1" not found, try pulling it first',
    ],
    [
      'no such model, at 400',
      400,
      { error: { message: 'The requested model nut-1 does not exist', code: 'model_not_found' } },
      'model_not_found',
      false,
      'The requested model nut-1 does not exist',
    ],
    ['a wrong address, as JSON', 404, { detail: 'Not Found' }, 'configuration', false, 'Not Found'],
    [
      'a wrong address, as text',
      404,
      '404 page not found',
      'configuration',
      false,
      '404 page not found',
    ],
    ['a wrong address, without a word', 404, '', 'configuration', false],
    [
      'a wrong method',
      405,
      { detail: 'Method Not Allowed' },
      'configuration',
      false,
      'Method Not Allowed',
    ],
    ['a wrong host', 421, { message: 'Welcome' }, 'configuration', false, 'Welcome'],
    [
      'FastAPI: a bad key',
      401,
      { detail: 'Unauthorized' },
      'authentication',
      false,
      'Unauthorized',
    ],
    ['a bad key, without a word', 401, '', 'authentication', false],
    [
      'a bad key at 400, in an array',
      400,
      [{ error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT' } }],
      'authentication',
      false,
      'API key not valid.',
    ],
    [
      'a missing key at 400, as a string',
      400,
      { error: 'Missing API key: give one' },
      'authentication',
      false,
      'Missing API key: give one',
    ],
    ['no right to it, without a word', 403, '', 'permission', false],
    ['too slow for itself', 408, { error: { message: 'Too slow' } }, 'timeout', true, 'Too slow'],
    ['a conflict', 409, { error: { message: 'Locked' } }, 'api', true, 'Locked'],
    [
      'a body that is too large',
      413,
      '<html><body><h1>413 Request Entity Too Large</h1></body></html>',
      'invalid_request',
      false,
    ],
    [
      'a bad field',
      422,
      { detail: [{ loc: ['body', 'nuts'], msg: 'missing' }] },
      'invalid_request',
      false,
    ],
    [
      'an error that is a string',
      400,
      { error: 'nuts is no field' },
      'invalid_request',
      false,
      'nuts is no field',
    ],
    ['an error page', 500, '<html><h1>Internal Server Error</h1></html>', 'api', true],
    ['a gateway’s error page', 502, '<html><h1>Bad Gateway</h1></html>', 'api', true],
    ['an empty error', 500, '', 'api', true],
    ['an empty object', 500, {}, 'api', true],
    ['null', 500, 'null', 'api', true],
    ['an empty array', 500, [], 'api', true],
    [
      'a request at fault, at 500',
      500,
      { error: { message: 'Tools are not supported', code: 500 } },
      'invalid_request',
      false,
      'Tools are not supported',
    ],
    ['out of service', 503, { error: { message: 'Down' } }, 'overloaded', true, 'Down'],
    [
      'over capacity',
      529,
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      'overloaded',
      true,
      'Overloaded',
    ],
    [
      'over capacity, told at 500',
      500,
      { error: { message: 'Busy', type: 'overloaded_error' } },
      'overloaded',
      true,
      'Busy',
    ],
    ['a message of spaces alone', 500, { error: { message: '  ' } }, 'api', true],
    ...anthropicErrors.map(
      ([status, type, message, code, retryable]): [
        string,
        number,
        unknown,
        ErrorCode,
        boolean,
        string,
      ] => [
        `Anthropic: ${status} ${type}: ${message}`,
        status,
        { type: 'error', error: { type, message }, request_id: 'req_1' },
        code,
        retryable,
        message,
      ],
    ),
  ])('%s', (_, status, body, code, retryable, words) => {
    const error = refused(status, body)
    expect(isRatatoskrError(error)).toBe(true)
    expect(error).toMatchObject({ code, status, retryable, provider: 'acme' })
    if (words !== undefined) expect(error.providerMessage).toBe(words)
  })

  it.each([400, 403, 404, 413, 422, 500, 502])(
    'knows a prompt that is too long at status %i, in many words',
    (status) => {
      for (const message of [
        "This model's maximum context length is 8 tokens. Your messages have 9.",
        "This model's maximum prompt length is 8 but the request contains 9 tokens.",
        'prompt too long; exceeded max context length by 1 tokens',
        'prompt is too long: 9 tokens > 8 maximum',
        'Input is too long for requested model.',
        'The input token count (9) exceeds the maximum number of tokens allowed (8).',
        'the request exceeds the available context size',
        'too many tokens: the limit is 8',
      ]) {
        const shapes = [
          { error: { message } },
          { error: message },
          { message },
          { detail: message },
        ]
        for (const body of [...shapes, message]) {
          expect([message, refused(status, body).code]).toEqual([message, 'context_length'])
        }
      }
      expect(failed({ error: { message: 'prompt is too long' } }).code).toBe('context_length')
    },
  )

  it.each<[string, unknown, ErrorCode, boolean, number | undefined]>([
    [
      'OpenAI: an internal error',
      { error: { message: 'Oh', type: 'server_error', code: null } },
      'api',
      true,
      undefined,
    ],
    [
      'a rate',
      { error: { message: 'Slow down', code: 'rate_limit_exceeded' } },
      'rate_limited',
      true,
      undefined,
    ],
    [
      'a status as a number',
      { error: { message: 'Slow down', code: 429 } },
      'rate_limited',
      true,
      429,
    ],
    ['a status as text', { error: { message: 'Down', code: '503' } }, 'overloaded', true, 503],
    ['a status_code', { error: { message: 'Oh', status_code: 500 } }, 'api', true, 500],
    [
      'OpenRouter: a cut upstream',
      { choices: [], error: { message: 'Oh', code: 502 } },
      'api',
      true,
      502,
    ],
    ['a code that is no status', { error: { message: 'Oh', code: 1000 } }, 'api', true, undefined],
    ['an error that is a string', { error: 'model overloaded' }, 'overloaded', true, undefined],
    [
      'a request at fault',
      { error: { message: 'No', type: 'invalid_request_error' } },
      'invalid_request',
      false,
      undefined,
    ],
    [
      'Mistral’s own shape',
      { object: 'error', message: 'Slow', type: 'rate_limited', code: '1300' },
      'rate_limited',
      true,
      undefined,
    ],
    [
      'nothing but a finish reason',
      { choices: [{ finish_reason: 'error' }] },
      'api',
      true,
      undefined,
    ],
  ])('inside a stream: %s', (_, body, code, retryable, status) => {
    const error = failed(body)
    expect(error).toMatchObject({ code, retryable })
    expect(error.status).toBe(status)
    expect(error.body).toBe(JSON.stringify(body))
  })

  it('believes the response’s status more than one in its body', () => {
    expect(refused(401, { error: { message: 'No', code: 500 } })).toMatchObject({
      status: 401,
      code: 'authentication',
    })
  })

  it('keeps what the response’s headers said', () => {
    const error = apiError({ status: 429, body: '', requestId: 'req_1', retryAfter: 1500 })
    expect(error).toMatchObject({ requestId: 'req_1', retryAfter: 1500 })
    expect(error.provider).toBeUndefined()
  })

  it('names the provider and the status in its message', () => {
    expect(refused(429, '').message).toMatch(/acme.*429/)
    expect(apiError({ body: '' }).message).toMatch(/provider/i)
  })

  it('caps the body and the provider’s words', () => {
    const error = refused(500, { error: { message: 'x'.repeat(100_000) } })
    expect(error.body?.length).toBe(16_384)
    expect(error.providerMessage?.length).toBe(4096)
    expect(error.message.length).toBeLessThan(300)
  })

  it('has no words of the provider where there are none', () => {
    for (const body of ['', '  ', '{}', '[]', '{"error":{}}', '{"error":null}']) {
      expect(refused(500, body).providerMessage).toBeUndefined()
    }
  })

  it('never holds a key or a payload in its message, wherever it stood', () => {
    const secret = fc.nat().map((figure) => `sk-or-v1-qz${figure}zq`)
    const say = fc.constantFrom(
      (s: string) => `Incorrect API key provided: ${s}`,
      (s: string) => `The model ${s} does not exist`,
      (s: string) => `prompt is too long: ${s}`,
      (s: string) => s,
    )
    const shape = fc.constantFrom(
      (s: string) => ({ error: { message: s, type: s, code: s, param: s } }),
      (s: string) => ({ error: s, code: s }),
      (s: string) => ({ message: s, type: s }),
      (s: string) => ({ detail: s }),
      (s: string) => [{ error: { message: s, status: s } }],
      (s: string) => ({ error: { message: s, metadata: { raw: s, error_type: s, [s]: s } } }),
      (s: string) => ({ [s]: { [s]: s } }),
      (s: string) => s,
      (s: string) => `<html>${s}</html>`,
    )
    const status = fc.constantFrom(400, 401, 403, 404, 413, 422, 429, 500, 503)
    fc.assert(
      fc.property(secret, say, shape, status, (hidden, words, make, code) => {
        const body: unknown = make(words(hidden))
        for (const error of [refused(code, body), failed(body)]) {
          expect(error.message).not.toContain(hidden)
          expect(error.cause).toBeUndefined()
        }
      }),
    )
  })

  it('makes an error of any body at any status', () => {
    const names = ['error', 'message', 'type', 'code', 'status', 'metadata', 'raw', 'detail']
    const any = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(
          null,
          true,
          429,
          1e9,
          -1,
          '',
          'model',
          'rate_limit',
          '[{"error":1}]',
        ),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('value'), { noNullPrototype: true }),
      ),
    })).value
    fc.assert(
      fc.property(any, fc.constantFrom(400, 404, 429, 500, 599), (body, status) => {
        for (const error of [refused(status, body), failed(body)]) {
          expect(isRatatoskrError(error)).toBe(true)
          expect(error.providerMessage).not.toBe('')
          // What is at fault itself is never sent again.
          const hopeless: ErrorCode[] = ['invalid_request', 'authentication', 'context_length']
          if (hopeless.includes(error.code)) expect(error.retryable).toBe(false)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
