import { describe, expect, test } from 'vitest'
import { isRatatoskrError } from '../errors.ts'
import { createGateway } from '../gateway.ts'
import { user } from '../message.ts'
import type { Fetch } from '../transport/connect.ts'
import { openaiResponses, type OpenAIResponsesOptions } from './openai-responses.ts'

const body =
  'data: {"type":"response.output_text.delta","output_index":0,"delta":"Hi"}\n\ndata: {"type":"response.completed","response":{"status":"completed"}}\n\n'

/** What is sent for a request. */
async function sent(
  providerOptions: { [field: string]: unknown } = {},
  options: Partial<OpenAIResponsesOptions> = {},
): Promise<{ url: string; init: RequestInit; body: unknown }> {
  const seen: { url: string; init: RequestInit }[] = []
  const fetch: Fetch = async (url, init) => {
    seen.push({ url, init })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }
  const gateway = createGateway({
    providers: [openaiResponses({ apiKey: 'key', fetch, ...options })],
  })
  const response = await gateway.chat([user('Hello')], { model: 'gpt-5-mini', providerOptions })
  expect(response.content).toBe('Hi')
  const [{ url, init } = { url: '', init: {} }] = seen
  return { url, init, body: typeof init.body === 'string' ? JSON.parse(init.body) : init.body }
}

describe('openaiResponses', () => {
  test('asks OpenAI, with the key as a bearer token', async () => {
    const { url, init, body: asked } = await sent({}, { organization: 'o', project: 'p' })
    expect([url, init.method]).toEqual(['https://api.openai.com/v1/responses', 'POST'])
    expect(init.headers).toEqual({
      'content-type': 'application/json',
      authorization: 'Bearer key',
      'openai-organization': 'o',
      'openai-project': 'p',
    })
    expect(asked).toMatchObject({ stream_options: { include_obfuscation: false }, store: false })
  })

  test('asks other hosts, with Azure’s header where it is asked for', async () => {
    const baseURL = 'https://nut.openai.azure.com/openai/v1'
    const { url, init, body: asked } = await sent({}, { baseURL, keyHeader: 'api-key' })
    expect(url).toBe(`${baseURL}/responses`)
    expect(init.headers).toMatchObject({ 'api-key': 'key' })
    expect(asked).not.toHaveProperty('stream_options')
  })

  test('takes up a reply that went on in the background', async () => {
    const { url, init, body: asked } = await sent({ resume: { id: 'resp/1', starting_after: 42 } })
    expect([url, init.method, asked]).toEqual([
      'https://api.openai.com/v1/responses/resp%2F1?stream=true&starting_after=42',
      'GET',
      null,
    ])
    expect((await sent({ resume: { id: 'r' } })).url).toMatch(/responses\/r\?stream=true$/)
  })

  test.each([{}, { id: '' }, { id: 'r', starting_after: 'x' }])(
    'refuses to resume by %j',
    async (resume) => {
      const error: unknown = await sent({ resume }).catch((reason: unknown) => reason)
      expect(isRatatoskrError(error) && error.code).toBe('invalid_request')
    },
  )
})
