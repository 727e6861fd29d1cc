import { describe, expect, test } from 'vitest'
import { caught } from '../../test/caught.ts'
import { collect } from '../collect.ts'
import { RatatoskrError, type ErrorCode } from '../errors.ts'
import { apiError } from './api-error.ts'
import { respondToError } from './error-response.ts'
import { encodeError } from './openai-chat/encode-error.ts'

/** The status, and what a reader of the answer, and of a frame in a stream, takes it for. */
const expected: { readonly [code in ErrorCode]: readonly [number, ErrorCode, ErrorCode] } = {
  network: [502, 'api', 'api'],
  timeout: [504, 'timeout', 'timeout'],
  truncated: [502, 'api', 'api'],
  protocol: [502, 'api', 'api'],
  too_large: [502, 'api', 'api'],
  api: [502, 'api', 'api'],
  authentication: [401, 'authentication', 'authentication'],
  permission: [403, 'permission', 'permission'],
  rate_limited: [429, 'rate_limited', 'rate_limited'],
  overloaded: [503, 'overloaded', 'overloaded'],
  model_not_found: [404, 'model_not_found', 'model_not_found'],
  invalid_request: [400, 'invalid_request', 'invalid_request'],
  context_length: [400, 'context_length', 'context_length'],
  content_filtered: [400, 'content_filtered', 'content_filtered'],
  unsupported: [400, 'invalid_request', 'invalid_request'],
  no_provider: [404, 'model_not_found', 'model_not_found'],
  configuration: [500, 'api', 'api'],
  cancelled: [499, 'api', 'api'],
}
const codes = Object.keys(expected) as ErrorCode[]

describe('openai-chat', () => {
  test.each(codes)('%s is answered so that a reader takes it for what it is', (code) => {
    const [status, read, readInStream] = expected[code]
    const answer = encodeError(new RatatoskrError(code, 'It failed.'))
    expect(answer.status).toBe(status)
    expect(apiError({ status: answer.status, body: JSON.stringify(answer.body) }).code).toBe(read)
    expect(apiError({ body: answer.body }).code).toBe(readInStream)
  })

  test.each<[ErrorCode, string, string | null]>([
    ['authentication', 'invalid_request_error', 'invalid_api_key'],
    ['model_not_found', 'invalid_request_error', 'model_not_found'],
    ['context_length', 'invalid_request_error', 'context_length_exceeded'],
    ['content_filtered', 'invalid_request_error', 'content_filter'],
    ['rate_limited', 'rate_limit_exceeded', 'rate_limit_exceeded'],
    ['invalid_request', 'invalid_request_error', null],
    ['api', 'server_error', null],
  ])('%s has OpenAI’s own type and code', (failure, type, code) => {
    expect(encodeError(new RatatoskrError(failure, 'It failed.'))).toStrictEqual({
      status: expected[failure][0],
      headers: { 'content-type': 'application/json' },
      body: { error: { message: 'It failed.', type, param: null, code } },
    })
  })

  test.each([
    new Error('sk-secret'),
    'sk-secret',
    undefined,
    { name: 'RatatoskrError', code: 'sk-secret', message: 'sk-secret' },
    { name: 'RatatoskrError', code: 'toString', message: 'sk-secret' },
  ])('%o, which is not the library’s, tells nothing of itself', (error) => {
    const { status, body } = encodeError(error)
    expect(status).toBe(500)
    expect(body).toStrictEqual({
      error: {
        message: 'The server failed to answer; try again later.',
        type: 'server_error',
        param: null,
        code: null,
      },
    })
  })

  test('an error of another copy of the library is one', () => {
    const { code, message } = new RatatoskrError('overloaded', 'Busy.')
    expect(encodeError({ name: 'RatatoskrError', code, message }).status).toBe(503)
  })
})

describe('the message', () => {
  const said = (code: ErrorCode, message: string, providerMessage?: string): string =>
    respondToError(new RatatoskrError(code, message, { providerMessage, body: 'sk-body' })).message

  test('is the provider’s own where the request is at fault', () => {
    const faults = codes.filter((code) => said(code, 'Ours.', 'Theirs.') === 'Theirs.')
    expect(faults.toSorted()).toStrictEqual([
      'content_filtered',
      'context_length',
      'invalid_request',
      'model_not_found',
      'unsupported',
    ])
    for (const code of codes) expect(said(code, 'Ours.')).toBe('Ours.')
    expect(said('invalid_request', 'Ours.', '')).toBe('Ours.')
  })

  test('points at nothing that only the server has', async () => {
    const failed = apiError({ provider: 'acme', status: 500, body: 'sk-body' })
    expect(failed.message).toContain('providerMessage')
    expect(respondToError(failed).message).toBe('acme failed (api 500): try again later.')
    const cut = await caught(collect([]))
    expect(cut.message).toContain('error.partial')
    expect(respondToError(cut).message).toBe(
      'Cannot collect the reply: its events ended without done, so it was cut off.',
    )
    expect(said('truncated', 'The reply was cut off; what had come is in error.partial.')).toBe(
      'The reply was cut off.',
    )
    expect(
      said('protocol', 'acme sent no stream, but text/html; check baseURL and error.body.'),
    ).toBe('acme sent no stream, but text/html.')
    expect(said('no_provider', 'No provider takes a.b; add one.')).toBe(
      'No provider takes a.b; add one.',
    )
  })
})

describe('the pause that the provider asks for', () => {
  const header = (retryAfter: number | undefined): string | undefined =>
    respondToError(new RatatoskrError('rate_limited', 'Wait.', { retryAfter })).headers[
      'retry-after'
    ]

  test.each([
    [0, '0'],
    [1, '1'],
    [1000, '1'],
    [1001, '2'],
    [undefined, undefined],
    [NaN, undefined],
    [Infinity, undefined],
    [-1, undefined],
  ])('%s ms is %s s', (ms, seconds) => {
    expect(header(ms)).toBe(seconds)
  })
})
