import { describe, expect, test } from 'vitest'
import { isRatatoskrError } from '../errors.ts'
import { createGateway } from '../gateway.ts'
import { user } from '../message.ts'
import type { Provider } from '../provider.ts'
import type { Fetch } from '../transport/connect.ts'
import { google } from './google.ts'
import { vertex } from './vertex.ts'

const chunk = '{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}'
const bodies = {
  'text/event-stream': `data: ${chunk}\r\n\r\n`,
  'application/json; charset=UTF-8': `[${chunk}\n]`,
}

/** What is sent for a request. */
async function sent(
  provider: (fetch: Fetch) => Provider,
  model = 'gemini-3-flash-preview',
): Promise<{ url: string; headers: unknown; body: unknown }[]> {
  const seen: { url: string; headers: unknown; body: unknown }[] = []
  for (const [type, body] of Object.entries(bodies)) {
    const gateway = createGateway({
      providers: [
        provider(async (url, init) => {
          const asked: unknown = JSON.parse(typeof init.body === 'string' ? init.body : '')
          seen.push({ url, headers: init.headers, body: asked })
          return new Response(body, { headers: { 'content-type': type } })
        }),
      ],
    })
    const { content } = await gateway.chat([user('Hello')], { model })
    expect(content).toBe('Hi')
  }
  return seen
}

describe('google', () => {
  test('asks for events, with the key in a header, and reads an array too', async () => {
    const [first, second] = await sent((fetch) => google({ apiKey: 'key', fetch }))
    expect(first).toEqual({
      url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3-flash-preview:streamGenerateContent?alt=sse',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': 'key' },
      body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    })
    expect(second).toEqual(first)
  })

  test('takes names with a path, and no other address from them', async () => {
    const urlOf = async (model: string): Promise<string | undefined> =>
      (await sent((fetch) => google({ apiKey: 'key', fetch }), model))[0]?.url
    expect(await urlOf('tunedModels/nut-1')).toContain('/v1beta/tunedModels/nut-1:stream')
    expect(await urlOf('a?b#c')).toContain('/v1beta/models/a%3Fb%23c:stream')
  })
})

describe('vertex', () => {
  test.each([
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com/v1'],
    [undefined, 'https://aiplatform.googleapis.com/v1'],
  ])('asks at %s, with a token made for each request', async (location, base) => {
    let made = 0
    const accessToken = async (): Promise<string> => `token${made++}`
    const seen = await sent((fetch) =>
      vertex({ project: 'nut', accessToken, fetch, ...(location && { location }) }),
    )
    expect(seen.map(({ headers }) => headers)).toMatchObject([
      { authorization: 'Bearer token0' },
      { authorization: 'Bearer token1' },
    ])
    expect(seen[0]?.url).toBe(
      `${base}/projects/nut/locations/${location ?? 'global'}/publishers/google/models/gemini-3-flash-preview:streamGenerateContent?alt=sse`,
    )
  })

  test.each([{ project: '' }, { project: 'a/b' }, { project: 'a', location: '../x' }])(
    'refuses %j',
    (options) => {
      let error: unknown
      try {
        vertex({ accessToken: 'token', ...options })
      } catch (thrown) {
        error = thrown
      }
      expect(isRatatoskrError(error) && error.code).toBe('configuration')
    },
  )
})
