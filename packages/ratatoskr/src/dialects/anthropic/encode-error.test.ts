import { describe, expect, test } from 'vitest'
import { RatatoskrError, type ErrorCode } from '../../errors.ts'
import { apiError } from '../api-error.ts'
import { encodeError } from './encode-error.ts'

/** The status and the type, and what a reader of the answer, and of a frame, takes it for. */
const expected: {
  readonly [code in ErrorCode]: readonly [number, string, ErrorCode, ErrorCode]
} = {
  network: [502, 'api_error', 'api', 'api'],
  timeout: [504, 'timeout_error', 'timeout', 'timeout'],
  truncated: [502, 'api_error', 'api', 'api'],
  protocol: [502, 'api_error', 'api', 'api'],
  too_large: [502, 'api_error', 'api', 'api'],
  api: [502, 'api_error', 'api', 'api'],
  authentication: [401, 'authentication_error', 'authentication', 'authentication'],
  permission: [403, 'permission_error', 'permission', 'permission'],
  rate_limited: [429, 'rate_limit_error', 'rate_limited', 'rate_limited'],
  overloaded: [529, 'overloaded_error', 'overloaded', 'overloaded'],
  // The format tells them apart by their words.
  model_not_found: [404, 'not_found_error', 'model_not_found', 'model_not_found'],
  no_provider: [404, 'not_found_error', 'model_not_found', 'model_not_found'],
  invalid_request: [400, 'invalid_request_error', 'invalid_request', 'invalid_request'],
  context_length: [400, 'invalid_request_error', 'context_length', 'context_length'],
  content_filtered: [400, 'invalid_request_error', 'content_filtered', 'content_filtered'],
  unsupported: [400, 'invalid_request_error', 'invalid_request', 'invalid_request'],
  configuration: [500, 'api_error', 'api', 'api'],
  cancelled: [499, 'api_error', 'api', 'api'],
}
const codes = Object.keys(expected) as ErrorCode[]

/** What the library itself says of such a failure of Anthropic. */
const words: { readonly [code in ErrorCode]?: string } = {
  model_not_found: 'No such model is known here: valid model names are in the list.',
  no_provider: 'No configured provider takes this model: valid models have other names.',
  context_length: 'prompt is too long: 9 tokens > 8 maximum',
  content_filtered: 'Output blocked by content filtering policy',
}

describe('errors', () => {
  test.each(codes)('%s', (code) => {
    const [status, type, read, readInStream] = expected[code]
    const message = words[code] ?? 'It failed.'
    const answer = encodeError(new RatatoskrError(code, message))
    expect(answer).toStrictEqual({
      status,
      headers: { 'content-type': 'application/json' },
      body: { type: 'error', error: { type, message } },
    })
    expect(apiError({ status, body: JSON.stringify(answer.body) }).code).toBe(read)
    expect(apiError({ body: answer.body }).code).toBe(readInStream)
  })

  test('a pause that the provider asked for, in whole seconds', () => {
    const error = new RatatoskrError('rate_limited', 'Slow down.', { retryAfter: 1500 })
    expect(encodeError(error).headers).toMatchObject({ 'retry-after': '2' })
  })

  test('the provider’s own words where the request is at fault, and nowhere else', () => {
    const details = { providerMessage: 'messages.0: no' }
    const told = (code: ErrorCode): unknown =>
      (
        encodeError(new RatatoskrError(code, 'It failed.', details)).body['error'] as {
          message: string
        }
      ).message
    expect(told('invalid_request')).toBe('messages.0: no')
    expect(told('authentication')).toBe('It failed.')
    expect(told('rate_limited')).toBe('It failed.')
  })

  test.each([
    new TypeError('sk-secret'),
    'sk-secret',
    { name: 'RatatoskrError', code: 'constructor', message: 'sk-secret' },
    null,
  ])('of what is no error of the library nothing is told', (error) => {
    const answer = encodeError(error)
    expect(answer).toMatchObject({
      status: 500,
      body: { type: 'error', error: { type: 'api_error' } },
    })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })
})
