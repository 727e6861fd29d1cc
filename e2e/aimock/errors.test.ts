// Errors and chaos instead of a reply: their codes, and which of them are worth another try.
import type { ErrorResponse } from '@copilotkit/aimock'
import { createGateway, user, type ErrorCode } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import { failure, formats, key, Mock, openRouterFormat } from './mock.ts'

const mock = Mock.forEachTest()
const text = 'A squirrel ran up the ash tree. 🐿️'

interface Failing {
  readonly sent: ErrorResponse & { status: number }
  readonly code: ErrorCode
  readonly retried: boolean
}

/** An error as its provider words it. OpenRouter keeps the message and the status, Anthropic's format has no code. */
function failing(
  status: number,
  error: ErrorResponse['error'],
  code: ErrorCode,
  retried = false,
): Failing {
  // Without a wait, or aimock asks for a second.
  return { sent: { status, error, ...(status === 429 && { retryAfter: 0 }) }, code, retried }
}

const chatErrors: readonly Failing[] = [
  failing(
    400,
    { message: "Invalid value for 'temperature'", type: 'invalid_request_error' },
    'invalid_request',
  ),
  failing(
    400,
    {
      message: "This model's maximum context length is 8192 tokens",
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
    },
    'context_length',
  ),
  failing(
    401,
    {
      message: 'Incorrect API key provided',
      type: 'invalid_request_error',
      code: 'invalid_api_key',
    },
    'authentication',
  ),
  failing(402, { message: 'Insufficient credits' }, 'permission'),
  failing(403, { message: 'Your project has no access' }, 'permission'),
  failing(
    404,
    { message: 'The model `x` does not exist', code: 'model_not_found' },
    'model_not_found',
  ),
  failing(408, { message: 'Timed out', type: 'timeout' }, 'timeout', true),
  failing(409, { message: 'Conflict' }, 'api', true),
  failing(429, { message: 'Rate limit reached', type: 'rate_limit_error' }, 'rate_limited', true),
  failing(500, { message: 'The server had an error', type: 'server_error' }, 'api', true),
  failing(502, { message: 'Bad gateway' }, 'api', true),
  failing(503, { message: 'The engine is overloaded' }, 'overloaded', true),
  failing(529, { message: 'Overloaded', type: 'overloaded_error' }, 'overloaded', true),
]

/** As Anthropic words them, with its own types. */
const anthropicErrors: readonly Failing[] = [
  failing(
    400,
    { message: 'max_tokens: must be greater than 0', type: 'invalid_request_error' },
    'invalid_request',
  ),
  failing(
    400,
    {
      message: 'prompt is too long: 208310 tokens > 200000 maximum',
      type: 'invalid_request_error',
    },
    'context_length',
  ),
  failing(
    400,
    {
      message: 'Your credit balance is too low to access the Anthropic API',
      type: 'invalid_request_error',
    },
    'permission',
  ),
  failing(401, { message: 'invalid x-api-key', type: 'authentication_error' }, 'authentication'),
  failing(402, { message: 'Payment required', type: 'billing_error' }, 'permission'),
  failing(
    403,
    { message: 'OAuth is not allowed for this organization', type: 'permission_error' },
    'permission',
  ),
  failing(404, { message: 'model: claude-1', type: 'not_found_error' }, 'model_not_found'),
  failing(
    413,
    { message: 'Request exceeds the maximum allowed number of bytes', type: 'request_too_large' },
    'invalid_request',
  ),
  failing(
    429,
    {
      message: 'This request would exceed the rate limit of your organization',
      type: 'rate_limit_error',
    },
    'rate_limited',
    true,
  ),
  failing(500, { message: 'Internal server error', type: 'api_error' }, 'api', true),
  failing(504, { message: 'Request timed out', type: 'timeout_error' }, 'timeout', true),
  failing(529, { message: 'Overloaded', type: 'overloaded_error' }, 'overloaded', true),
]

function titled(errors: readonly Failing[]): (Failing & { title: string })[] {
  return errors.map((error) => ({
    ...error,
    title: `${error.sent.status}, ${error.sent.error.message}`,
  }))
}

describe.each(formats)('an error of $name', (format) => {
  const errors = titled(format.wire.dialect === 'anthropic' ? anthropicErrors : chatErrors)

  test.each(errors)('$title, is told, and perhaps tried again', async ({ sent, code, retried }) => {
    mock.answer(sent)
    const error = await failure(mock.ask(format))
    expect(error).toMatchObject({
      code,
      status: sent.status,
      retryable: retried,
      providerMessage: sent.error.message,
      provider: format.provider(mock.llm.url).name,
      requestId: mock.llm.getLastRequest()?.headers['x-request-id'],
    })
    expect(error.body).toContain(sent.error.message)
    expect(error.partial).toBeUndefined()
    expect(error.message).not.toContain(sent.error.message)
    expect(mock.requests).toBe(retried ? 3 : 1)
    // Once for the whole, never again by chat() itself.
    mock.llm.clearRequests()
    const asked = failure(mock.gateway(format).chat([user('Hello')], { model: format.model }))
    expect((await asked).code).toBe(code)
    expect(mock.requests).toBe(retried ? 3 : 1)
  })

  test.each(errors)('$title, may be followed by a reply', async ({ sent, code, retried }) => {
    mock.answerFirst([sent], { content: text })
    const opening = mock.ask(format)
    if (retried) expect(await (await opening).text()).toBe(text)
    else expect((await failure(opening)).code).toBe(code)
    expect(mock.requests).toBe(retried ? 2 : 1)
  })

  test('that is injected once is tried again', async () => {
    for (const status of [500, 503]) {
      mock.llm.clearRequests()
      mock.answer({ content: text })
      mock.llm.nextRequestError(status, { message: 'Once', type: 'server_error' })
      expect(await (await mock.ask(format)).text()).toBe(text)
      const served = mock.llm.getRequests().map(({ response }) => response.status)
      expect(served).toEqual([status, 200])
    }
  })

  test('is tried again as often as the gateway says', async () => {
    mock.answer({ error: { message: 'Down' }, status: 500 })
    for (const limit of [0, 1, 4]) {
      mock.llm.clearRequests()
      const gateway = mock.gateway(format, { retry: { limit, minDelay: 1, maxDelay: 1 } })
      expect((await failure(mock.ask(format, {}, gateway))).code).toBe('api')
      expect(mock.requests).toBe(limit + 1)
    }
    mock.llm.clearRequests()
    await failure(mock.ask(format, {}, mock.gateway(format, { retry: false })))
    expect(mock.requests).toBe(1)
  })

  test('of one model leads to the next of the list', async () => {
    mock.llm
      .on({ model: 'broken' }, { error: { message: 'Bad key' }, status: 401 })
      .on({ model: 'whole' }, { content: text })
    const stream = await mock.ask(format, { model: ['broken', 'whole'] })
    expect(await stream.response()).toMatchObject({ content: text, model: 'whole' })
    expect(mock.requests).toBe(2)
  })

  test('of the last model of a list is the one that is told', async () => {
    mock.llm
      .on({ model: 'broken' }, { error: { message: 'Bad key' }, status: 401 })
      .on({ model: 'gone' }, { error: { message: 'The model is gone' }, status: 404 })
    const error = await failure(mock.ask(format, { model: ['broken', 'gone'] }))
    expect(error.code).toBe('model_not_found')
  })

  test('for another key than its own does not tell the key', async () => {
    mock.answer({ content: text })
    const apiKey = 'sk-wrong-0123456789'
    const gateway = createGateway({ providers: [format.provider(mock.llm.url, { apiKey })] })
    const error = await failure(mock.ask(format, {}, gateway))
    expect(error).toMatchObject({ code: 'authentication', status: 401, retryable: false })
    for (const secret of [apiKey, key]) {
      expect([error.message, error.stack, error.body].join(' ')).not.toContain(secret)
    }
    expect(mock.requests).toBe(0)
  })

  test('where aimock knows no answer names the address as the cause', async () => {
    const error = await failure(mock.ask(format))
    expect(error).toMatchObject({ code: 'configuration', status: 404, retryable: false })
    expect(error.providerMessage).toBe('No fixture matched')
  })
})

describe.each(formats.filter(({ streamOptions }) => streamOptions))('$name', (format) => {
  test('is asked without stream_options where they are refused', async () => {
    mock.answerFirst(
      [
        {
          error: {
            message: 'Unrecognized request argument supplied: stream_options',
            type: 'invalid_request_error',
          },
          status: 400,
        },
      ],
      { content: text },
    )
    const response = await (await mock.ask(format)).response()
    expect(response.content).toBe(text)
    expect(response.usage).toBeUndefined()
    expect(mock.requests).toBe(2)
    expect(mock.lastBody).not.toHaveProperty('stream_options')
    expect(mock.lastBody).toMatchObject({ stream: true, model: format.model })
  })
})

describe.each(formats)('chaos of $name', (format) => {
  test('that drops requests is an error of the provider', async () => {
    mock.answer({ content: text }, { chaos: { dropRate: 1 } })
    const error = await failure(mock.ask(format))
    expect(error).toMatchObject({ code: 'api', status: 500, retryable: true })
    expect(error.providerMessage).toBe('Chaos: request dropped')
    expect(mock.requests).toBe(3)
  })

  test('that limits the rate says how long to wait', async () => {
    mock.answer({ content: text })
    mock.llm.setChaos({ rateLimitRate: 1 })
    const gateway = mock.gateway(format, { retry: false })
    const error = await failure(mock.ask(format, {}, gateway))
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, retryAfter: 1000 })
    expect(mock.requests).toBe(1)
  })

  test('that sends nonsense is told with the nonsense, and not tried again', async () => {
    mock.answer({ content: text }, { chaos: { malformedRate: 1 } })
    const error = await failure(mock.ask(format))
    expect(error).toMatchObject({
      code: 'protocol',
      retryable: false,
      provider: format.provider(mock.llm.url).name,
      requestId: mock.llm.getLastRequest()?.headers['x-request-id'],
      body: '{malformed json: <<<chaos>>>',
    })
    expect(error.message).not.toContain('chaos')
    expect(error.partial).toBeUndefined()
    expect(mock.requests).toBe(1)
  })

  test('that closes the connection is a network error', async () => {
    mock.answer({ content: text }, { chaos: { disconnectRate: 1 } })
    const error = await failure(mock.ask(format))
    expect(error).toMatchObject({ code: 'network', retryable: true })
    expect(error.status).toBeUndefined()
    expect(error.partial).toBeUndefined()
    expect(mock.requests).toBe(3)
  })

  test('that cuts a reply before it has left the server is a network error', async () => {
    // All of the chunks are in the socket's buffer when it is destroyed.
    mock.answer({ content: text }, { truncateAfterChunks: 3, chunkSize: 1 })
    const error = await failure(mock.ask(format))
    expect(error).toMatchObject({ code: 'network', retryable: true })
    expect(mock.requests).toBe(3)
  })

  test.each([
    ['drops', { dropRate: 1 }],
    ['closes', { disconnectRate: 1 }],
    ['delays and drops', { latencyMs: 20, dropRate: 1 }],
  ])('that %s one request is overcome', async (_name, chaos) => {
    mock.answerFirst([{ content: 'lost' }, { chaos }], { content: text })
    expect(await (await mock.ask(format)).text()).toBe(text)
    expect(mock.requests).toBe(2)
  })

  test('of every kind never gives a wrong reply', async () => {
    mock.answer(
      { content: text },
      { chunkSize: 2, chaos: { dropRate: 0.2, malformedRate: 0.2, disconnectRate: 0.2 } },
    )
    const gateway = mock.gateway(format)
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, async () => {
        const asking = gateway.chat([user('Hello')], { model: format.model })
        return asking.then(
          ({ content }) => content,
          async () => (await failure(asking)).code,
        )
      }),
    )
    expect([text, 'api', 'protocol', 'network']).toEqual(
      expect.arrayContaining([...new Set(outcomes)]),
    )
  })
})

describe('an error of OpenRouter', () => {
  const metadata = { reasons: ['violence'], flagged_input: 'Hello', provider_name: 'OpenAI' }

  test('for what its moderation refuses is one of content', async () => {
    const message = 'Your chosen model requires moderation and your input was flagged'
    mock.answer({ error: { message, metadata }, status: 403 })
    const error = await failure(mock.ask(openRouterFormat))
    expect(error).toMatchObject({ code: 'content_filtered', status: 403, retryable: false })
    expect(error.providerMessage).toBe(message)
  })

  test('tells what the host behind it has said', async () => {
    const raw = JSON.stringify({ error: { message: 'Upstream is out of capacity' } })
    mock.answer({
      error: { message: 'Provider returned error', metadata: { raw, provider_name: 'Some' } },
      status: 503,
    })
    const error = await failure(mock.ask(openRouterFormat))
    expect(error).toMatchObject({ code: 'overloaded', status: 503 })
    expect(error.providerMessage).toBe('Upstream is out of capacity')
  })
})
