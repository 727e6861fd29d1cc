import { RatatoskrError, type ErrorCode } from 'ratatoskr'
import { expect, test } from 'vitest'
import { connectionOf } from '../providers/connections.ts'
import { explainError } from './explain-error.ts'

const codes: { readonly [code in ErrorCode]: RegExp } = {
  network: /address/,
  timeout: /again/,
  truncated: /must not be run/,
  protocol: /base URL/,
  too_large: /less/,
  api: /again/,
  authentication: /key/,
  permission: /credit/,
  rate_limited: /Wait/,
  overloaded: /again/,
  model_not_found: /spells/,
  invalid_request: /Change/,
  context_length: /new conversation/,
  content_filtered: /other words/,
  unsupported: /setting/,
  no_provider: /spells/,
  configuration: /setting/,
  cancelled: /again/,
}

function isCode(text: string): text is ErrorCode {
  return text in codes
}

test.each(Object.keys(codes).filter(isCode))('%s says what to do', (code) => {
  const { title, message, advice, said, facts } = explainError(
    new RatatoskrError(code, 'So it is.'),
  )
  expect(title).toMatch(/^[A-Z]/)
  expect(message).toBe('So it is.')
  expect(advice).toMatch(codes[code])
  expect(said).toBeUndefined()
  expect(facts).toEqual([code])
})

test('all that is known is told', () => {
  const error = new RatatoskrError('rate_limited', 'Refused. See providerMessage.', {
    status: 429,
    requestId: 'req_7',
    retryAfter: 1200,
    provider: 'openrouter',
    providerMessage: 'Slow down.',
  })
  const explained = explainError(error, connectionOf('openrouter'))
  expect(explained.message).toBe('Refused.')
  expect(explained.advice).toContain('OpenRouter asks to wait 2\u00A0s.')
  expect(explained.said).toBe('Slow down.')
  expect(explained.facts).toEqual(['rate_limited', 'status 429', 'openrouter', 'request req_7'])
})

test('where a server is not reached, the page says what it needs', () => {
  const refused = new RatatoskrError('network', 'No answer.')
  expect(explainError(refused, connectionOf('lmstudio')).advice).toContain('“Enable CORS”')
  expect(explainError(refused, connectionOf('ollama')).advice).toContain('OLLAMA_ORIGINS')
  const late = new RatatoskrError('timeout', 'No answer.')
  expect(explainError(late, connectionOf('lmstudio')).advice).not.toContain('CORS')
})

test('where the browser has no model, the page says what it needs', () => {
  const missing = new RatatoskrError('unsupported', 'This browser has no model.')
  expect(explainError(missing, connectionOf('browser')).advice).toContain('Chrome')
  expect(explainError(missing, connectionOf('cohere')).advice).not.toContain('pages')
})

test('a page that came instead is shown, as far as it tells something', () => {
  const web = (body: string): string | undefined =>
    explainError(new RatatoskrError('protocol', 'No event stream.', { body })).said
  expect(web('<html>')).toBe('<html>')
  const library = 'acme sent no stream, but text/html; check baseURL and error.body.'
  expect(explainError(new RatatoskrError('protocol', library)).message).toBe(
    'acme sent no stream, but text/html; check the base URL.',
  )
  expect(web('x'.repeat(400))).toBe(`${'x'.repeat(300)}…`)
  const other = new RatatoskrError('api', 'Failed.', { body: 'trace of the server' })
  expect(explainError(other).said).toBeUndefined()
})

test.each([
  [new TypeError('x is not a function'), 'x is not a function'],
  ['thrown text', 'thrown text'],
  [undefined, 'undefined'],
])('a fault of the page itself: %s', (error, message) => {
  const explained = explainError(error)
  expect(explained).toMatchObject({ title: 'Something went wrong in this page', message })
  expect(explained.facts).toEqual([])
})

test('what only a relay fails with', () => {
  const explain = (...[code, message, details]: ConstructorParameters<typeof RatatoskrError>) =>
    explainError(new RatatoskrError(code, message, { provider: 'relay', ...details }))
  const gone = 'The reply cannot be continued'
  expect(explain('invalid_request', 'None.', { status: 404 }).title).toBe(gone)
  expect(explain('cancelled', 'Too late.', { status: 410 }).title).toBe(gone)
  expect(explain('model_not_found', 'None.', { status: 404 }).title).toBe('No such model')
  // Something else is at this address.
  const other = explain('invalid_request', 'Answered 404.', { status: 404, body: '<h1>' })
  expect(other.title).toBe('The request was refused')
  const refused = 'The provider refused the request; see providerMessage.'
  expect(explain('invalid_request', refused, { providerMessage: 'Too hot.' })).toMatchObject({
    message: 'The provider refused the request.',
    said: 'Too hot.',
  })
})
