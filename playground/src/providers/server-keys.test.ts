import { afterEach, expect, test, vi } from 'vitest'
import { fetchServerKeys } from './server-keys.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

test.each([
  ['keys', '{"openai":"sk-1","anthropic":"sk-2"}', 200, ['openai', 'anthropic']],
  [
    'what is no connection, or no text',
    '{"openai":5,"evil":"x","anthropic":"k"}',
    200,
    ['anthropic'],
  ],
  ['no JSON', '<html>', 200, []],
  ['null', 'null', 200, []],
  ['a refusal', '{"openai":"sk-1"}', 403, []],
])('the server answers %s', async (_, body, status, expected) => {
  const fetch = vi.fn(() => Promise.resolve(new Response(body, { status })))
  vi.stubGlobal('fetch', fetch)
  expect([...(await fetchServerKeys()).keys()]).toEqual(expected)
  expect(fetch).toHaveBeenCalledWith('/keys.json')
})

test('there is no server', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  expect((await fetchServerKeys()).size).toBe(0)
})
