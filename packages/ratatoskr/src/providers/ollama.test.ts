import { expect, test } from 'vitest'
import { createGateway } from '../gateway.ts'
import { user } from '../message.ts'
import type { Fetch } from '../transport/connect.ts'
import { ollama, type OllamaOptions } from './ollama.ts'

const reply =
  '{"model":"m","message":{"content":"Hi"},"done":true,"done_reason":"stop","eval_count":1}'

/** Asks once, and tells what went out. */
async function ask(options: OllamaOptions = {}, type = 'application/x-ndjson', body = reply) {
  const sent: { url: string; headers: { [name: string]: string }; body: unknown }[] = []
  const fetch: Fetch = (url, init) => {
    const headers = Object.fromEntries(new Headers(init?.headers))
    sent.push({
      url,
      headers,
      body: typeof init?.body === 'string' ? JSON.parse(init.body) : init?.body,
    })
    return Promise.resolve(new Response(body, { headers: { 'content-type': type } }))
  }
  const gateway = createGateway({ providers: [ollama({ ...options, fetch })], retry: false })
  const response = await gateway.chat([user('Hello')], { model: 'ollama:qwen3:8b' })
  return { response, sent: sent[0] }
}

test('a request goes to the machine itself, without a key', async () => {
  const { response, sent } = await ask()
  expect(sent).toEqual({
    url: 'http://localhost:11434/api/chat',
    headers: { 'content-type': 'application/json' },
    body: { model: 'qwen3:8b', messages: [{ role: 'user', content: 'Hello' }], stream: true },
  })
  expect(response).toMatchObject({ content: 'Hi', finishReason: 'stop', model: 'm' })
})

test.each([
  'http://server:11434',
  'http://server:11434/',
  'http://server:11434/api',
  'http://server:11434/api/',
  'http://server:11434/v1',
])('the address %s', async (baseURL) => {
  expect((await ask({ baseURL })).sent?.url).toBe('http://server:11434/api/chat')
})

test('a whole reply is read too', async () => {
  const { response } = await ask({}, 'application/json; charset=utf-8')
  expect(response.content).toBe('Hi')
})

test('a server behind a key', async () => {
  const { sent } = await ask({ headers: { authorization: 'Bearer x' } })
  expect(sent?.headers['authorization']).toBe('Bearer x')
})

test.each(['', 'localhost:11434', 'ftp://server'])('the address %j is refused', (baseURL) => {
  expect(() => ollama({ baseURL })).toThrow(expect.objectContaining({ code: 'configuration' }))
})

test('its models are known by their tags', () => {
  const { family } = ollama()
  const names = ['qwen3:8b', 'ft:gpt-4:x', 'gpt-5', 'anthropic.claude-v1:0', 'a/b:free']
  expect(names.filter((name) => family?.test(name))).toEqual(['qwen3:8b'])
})
