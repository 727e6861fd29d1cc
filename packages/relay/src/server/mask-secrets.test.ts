import { RatatoskrError } from 'ratatoskr'
import { describe, expect, it } from 'vitest'
import { maskError, secretMask } from './mask-secrets.ts'

describe('secretMask', () => {
  const mask = secretMask(['', 'hunter2', 'hunter2-long'])

  it.each([
    ['Wrong: sk-proj-abcdefgh12345678!', 'Wrong: ***!'],
    ['Incorrect API key provided: abcdefgh12345678', 'Incorrect ***'],
    ['key AIzaSyA1234567890abcdef is wrong', 'key *** is wrong'],
    ['header "Authorization: Bearer eyJhbGciOi.J9.x"', 'header "Authorization: ***"'],
    ['{"api_key":"0123456789abcdef"}', '{"***"}'],
    ['hunter2-long and hunter2', '*** and ***'],
  ])('masks what looks like a key, or is named: %s', (text, expected) => {
    expect(mask(text)).toBe(expected)
  })

  it.each([
    'The token is malformed.',
    'max_tokens: 123456789 is too many for claude-sonnet-4-20250514',
    'skateboarding-instructions are not a role',
    'messages.0.content must be a string',
  ])('leaves what tells a client what to do: %s', (text) => {
    expect(mask(text)).toBe(text)
  })
})

describe('maskError', () => {
  it('masks all that an error says, and leaves what is no error of the library', () => {
    const error = new RatatoskrError('api', 'No: hunter2', {
      providerMessage: 'hunter2',
      body: '{"x":"hunter2"}',
    })
    expect(JSON.stringify(maskError(error, secretMask(['hunter2'])))).not.toContain('hunter2')
    expect(error.message).toBe('No: ***')
    const other = new Error('hunter2')
    expect(maskError(other, secretMask(['hunter2']))).toBe(other)
  })
})
