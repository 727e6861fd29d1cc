import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { isRatatoskrError, RatatoskrError } from './errors.ts'

describe('RatatoskrError', () => {
  it('is an Error with a name, a code and a message', () => {
    const error = new RatatoskrError('truncated', 'The reply was cut off.')
    expect(error).toBeInstanceOf(Error)
    expect(error).toBeInstanceOf(RatatoskrError)
    expect(error.name).toBe('RatatoskrError')
    expect(error.code).toBe('truncated')
    expect(String(error)).toBe('RatatoskrError: The reply was cut off.')
    expect(error.stack).toContain('errors.test.ts')
  })

  it('knows nothing else, and is not worth a retry, unless it is told', () => {
    const error = new RatatoskrError('api', 'It failed.')
    expect(error.retryable).toBe(false)
    expect(error.provider).toBeUndefined()
    expect(error.status).toBeUndefined()
    expect(error.requestId).toBeUndefined()
    expect(error.retryAfter).toBeUndefined()
    expect(error.providerMessage).toBeUndefined()
    expect(error.body).toBeUndefined()
    expect(error.partial).toBeUndefined()
    expect(error.cause).toBeUndefined()
  })

  it('carries its details', () => {
    const cause = new TypeError('fetch failed')
    const details = {
      provider: 'openrouter',
      status: 429,
      requestId: 'req_1',
      retryAfter: 1500,
      retryable: true,
      providerMessage: 'slow down',
      body: '{"error":"slow down"}',
      cause,
    }
    const error = new RatatoskrError('rate_limited', 'Slow down.', details)
    expect(error).toMatchObject(details)
    expect(error.cause).toBe(cause)
  })

  it('can be given what is known later: provider, request and partial reply', () => {
    const error = new RatatoskrError('truncated', 'Cut off.')
    error.provider ??= 'openai'
    error.requestId ??= 'req_1'
    const message = { role: 'assistant', content: 'Hel' } as const
    error.partial ??= { content: 'Hel', toolCalls: [], message }
    expect(error.partial.content).toBe('Hel')
    expect(error.provider).toBe('openai')
  })
})

describe('isRatatoskrError', () => {
  it('knows its own', () => {
    expect(isRatatoskrError(new RatatoskrError('api', 'It failed.'))).toBe(true)
  })

  it('knows those of a subclass', () => {
    class Special extends RatatoskrError {}
    expect(isRatatoskrError(new Special('api', 'It failed.'))).toBe(true)
  })

  it('knows those that another copy of the library made', () => {
    const copy = `const Copy = ${RatatoskrError.toString()}; new Copy('api', 'It failed.')`
    const foreign: unknown = runInThisContext(`{ ${copy} }`)
    expect(foreign).not.toBeInstanceOf(RatatoskrError)
    expect(isRatatoskrError(foreign)).toBe(true)
  })

  it.each<[string, unknown]>([
    ['another error', new Error('It failed.')],
    ['one with a code', Object.assign(new Error('It failed.'), { code: 'api' })],
    ['an object with the same code', { code: 'api', message: 'It failed.' }],
    ['null', null],
    ['undefined', undefined],
    ['a string', '~ratatoskr'],
    ['a function', () => {}],
  ])('does not take %s for one', (_, value) => {
    expect(isRatatoskrError(value)).toBe(false)
  })
})
