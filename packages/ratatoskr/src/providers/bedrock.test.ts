import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { amazonFrames } from '../../test/recordings.ts'
import { isRatatoskrError } from '../errors.ts'
import { createGateway } from '../gateway.ts'
import { user } from '../message.ts'
import { bedrock, type BedrockOptions } from './bedrock.ts'

const body = amazonFrames([
  '{"contentBlockDelta":{"contentBlockIndex":0,"delta":{"text":"Hi"}}}',
  '{"messageStop":{"stopReason":"end_turn"}}',
])
const model = 'us.anthropic.claude-haiku-4-5-20251001-v1:0'

interface Seen {
  url: string
  headers: { [name: string]: string }
  body: string
}

/** What is sent for a request. */
async function sent(options: BedrockOptions): Promise<Seen> {
  const seen: Seen[] = []
  const provider = bedrock({
    ...options,
    fetch: async (url, init) => {
      const text = typeof init.body === 'string' ? init.body : ''
      seen.push({ url, headers: { ...(init.headers as { [name: string]: string }) }, body: text })
      return new Response(new Uint8Array(body), {
        headers: { 'content-type': 'application/vnd.amazon.eventstream' },
      })
    },
  })
  const response = await createGateway({ providers: [provider] }).chat([user('Hello')], { model })
  expect(response.content).toBe('Hi')
  const [first = { url: '', headers: {}, body: '' }] = seen
  return first
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()
const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The signature as the documentation describes it, by Node's own hashes. */
function signatureOf({ url, headers, body: text }: Seen, secret: string): string {
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(headers['authorization'] ?? '') ?? []
  const { host, pathname } = new URL(url)
  const canonical = [
    'POST',
    // Encoded twice, as for all services but S3.
    pathname.split('/').map(encodeURIComponent).join('/'),
    '',
    ...names.split(';').map((name) => `${name}:${name === 'host' ? host : headers[name]}`),
    '',
    names,
    sha(text),
  ].join('\n')
  const date = headers['x-amz-date'] ?? ''
  const scope = `${date.slice(0, 8)}/us-east-1/bedrock/aws4_request`
  const key = [date.slice(0, 8), 'us-east-1', 'bedrock', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${secret}`,
  )
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\n')).toString('hex')
}

describe('bedrock', () => {
  test('signs a request, the model’s name encoded', async () => {
    const keys = {
      accessKeyId: 'AKIAEXAMPLE',
      secretAccessKey: 'secret/+key',
      sessionToken: 'session',
    }
    const seen = await sent({ region: 'us-east-1', ...keys })
    expect(seen.url).toBe(
      `https://bedrock-runtime.us-east-1.amazonaws.com/model/${encodeURIComponent(model)}/converse-stream`,
    )
    expect(JSON.parse(seen.body)).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
    })
    expect(seen.headers['x-amz-security-token']).toBe('session')
    expect(seen.headers['content-type']).toBe('application/json')
    const [, signature] = /Signature=(\w+)$/.exec(seen.headers['authorization'] ?? '') ?? []
    expect(signature).toBe(signatureOf(seen, keys.secretAccessKey))
  })

  test('asks for keys anew for each request', async () => {
    let asked = 0
    const credentials = async (): Promise<{ accessKeyId: string; secretAccessKey: string }> => {
      asked += 1
      return { accessKeyId: `AKIA${asked}`, secretAccessKey: 'secret' }
    }
    const options = { region: 'us-east-1', credentials }
    const first = await sent(options)
    const second = await sent(options)
    expect([first.headers['authorization'], second.headers['authorization']]).toEqual([
      expect.stringContaining('Credential=AKIA1/'),
      expect.stringContaining('Credential=AKIA2/'),
    ])
  })

  test('signs each attempt anew, with the keys of its time', async () => {
    const signatures: (string | null)[] = []
    let asked = 0
    const provider = bedrock({
      region: 'us-east-1',
      credentials: async () => ({
        accessKeyId: `AKIA${(asked += 1)}`,
        secretAccessKey: 'secret',
      }),
      fetch: async (_, init) => {
        signatures.push(new Headers(init.headers).get('authorization'))
        return signatures.length < 3
          ? new Response('{"message":"Wait"}', { status: 429, headers: { 'retry-after-ms': '1' } })
          : new Response(new Uint8Array(body), {
              headers: { 'content-type': 'application/vnd.amazon.eventstream' },
            })
      },
    })
    const gateway = createGateway({ providers: [provider], retry: { limit: 2 } })
    expect((await gateway.chat([user('Hello')], { model })).content).toBe('Hi')
    expect(signatures).toEqual(
      [1, 2, 3].map((n) => expect.stringContaining(`Credential=AKIA${n}/`) as unknown),
    )
  })

  test('what fails while keys are fetched is no failure of the network', async () => {
    const reason = new Error('The vault is closed')
    const credentials = (): Promise<never> => Promise.reject(reason)
    await expect(sent({ region: 'us-east-1', credentials })).rejects.toBe(reason)
  })

  test.each<[number, string, string]>([
    [403, 'The request signature we calculated does not match', 'authentication'],
    [403, 'Signature expired: 20250101T000000Z is now earlier than', 'authentication'],
    [403, 'Bearer Token has expired', 'authentication'],
    [403, 'Authentication failed: Please make sure your API Key is valid.', 'authentication'],
    [403, 'User: x is not authorized to perform: bedrock:CallWithBearerToken', 'permission'],
    [424, 'The model failed', 'api'],
  ])('an answer of %i, %s, with its words in either spelling', async (status, words, code) => {
    for (const field of ['message', 'Message']) {
      const sessionToken = 'a-token-of-a-session'
      const text = JSON.stringify({ [field]: `${words}\nx-amz-security-token:${sessionToken}` })
      const provider = bedrock({
        region: 'us-east-1',
        accessKeyId: 'AKIA',
        secretAccessKey: 'secret',
        sessionToken,
        fetch: async () => new Response(text, { status }),
      })
      const error: unknown = await createGateway({ providers: [provider], retry: false })
        .chat([user('Hello')], { model })
        .catch((reason: unknown) => reason)
      expect(isRatatoskrError(error) && [error.code, error.status, error.retryable]).toEqual([
        code,
        status,
        code === 'api',
      ])
      expect(isRatatoskrError(error) && error.providerMessage).toContain(words)
      expect(JSON.stringify(error)).not.toContain(sessionToken)
    }
  })

  test('carries an API key, or one that a function gives', async () => {
    for (const apiKey of ['key', async (): Promise<string> => 'key']) {
      const { headers } = await sent({ region: 'eu-central-1', apiKey, headers: { 'x-own': '1' } })
      expect(headers).toEqual({
        'content-type': 'application/json',
        authorization: 'Bearer key',
        'x-own': '1',
      })
    }
  })

  test.each<[string, unknown]>([
    ['no region', { apiKey: 'key' }],
    ['a region that is an address', { region: 'a.b/c', apiKey: 'key' }],
    ['no keys', { region: 'us-east-1' }],
    ['an empty key', { region: 'us-east-1', apiKey: '' }],
    ['a base that is no address', { region: 'us-east-1', apiKey: 'key', baseURL: 'nut' }],
  ])('with %s is refused', (_, options) => {
    let error: unknown
    try {
      bedrock(options as BedrockOptions)
    } catch (thrown) {
      error = thrown
    }
    expect(isRatatoskrError(error) && error.code).toBe('configuration')
  })

  test('with keys that are none, a request is refused, and no key is quoted', async () => {
    const error: unknown = await sent({
      region: 'us-east-1',
      accessKeyId: 'AKIA\n',
      secretAccessKey: 'x',
    }).catch((reason: unknown) => reason)
    expect(isRatatoskrError(error) && error.code).toBe('configuration')
    expect(String(error)).not.toContain('AKIA')
  })

  test('knows its models by their names', () => {
    const { family } = bedrock({ region: 'us-east-1', apiKey: 'key' })
    for (const name of [
      model,
      'amazon.nova-lite-v1:0',
      'us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0',
      'openai.gpt-oss-20b-1:0',
      'arn:aws:bedrock:us-east-1:1:x',
    ]) {
      expect([name, family?.test(name)]).toEqual([name, true])
    }
    for (const name of [
      'gpt-4.1',
      'claude-haiku-4-5',
      'llama3.2:1b',
      'openai/gpt-5',
      'gemini-2.5-flash',
    ]) {
      expect([name, family?.test(name)]).toEqual([name, false])
    }
  })
})
