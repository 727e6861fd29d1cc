// Every example of serving.md is type-checked and run, as it stands there.
import { readFileSync } from 'node:fs'
import { simulatorFetch } from '@ratatoskr/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { load, readExamples, typeCheck, writeExamples } from './examples.ts'

const page = readFileSync(new URL('serving.md', import.meta.url), 'utf8')
const examples = readExamples(page)
const directory = writeExamples('serving', examples)

beforeAll(() => {
  process.env['ANTHROPIC_API_KEY'] = 'sk-example'
  vi.stubGlobal(
    'fetch',
    simulatorFetch({ script: [{ reasoning: 'Hm.' }, { text: 'A squirrel.' }] }),
  )
})
afterAll(() => {
  vi.unstubAllGlobals()
})

function ask(body: unknown): Request {
  return new Request('http://here.test/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify(body),
  })
}
const messages = [{ role: 'user', content: 'Hello' }]

interface Handler {
  handle: (request: Request) => Promise<Response>
}
interface Translator {
  translate: (upstream: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>
}

test('the examples are well typed', { timeout: 60_000 }, async () => {
  expect(examples.map(({ name }) => name)).toEqual(['handle.ts', 'translate.ts'])
  expect(await typeCheck(directory)).toBe('')
})

test("'handle.ts' answers clients of Chat Completions with Anthropic's model", async () => {
  const { handle } = (await load(directory, 'handle.ts')) as Handler
  const streamed = await handle(ask({ model: 'claude-sonnet-5', messages, stream: true }))
  expect(streamed.headers.get('content-type')).toBe('text/event-stream')
  const text = await streamed.text()
  expect(text).toContain('"reasoning_content":"Hm."')
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)

  const whole = await handle(ask({ model: 'claude-sonnet-5', messages }))
  expect(await whole.json()).toMatchObject({
    object: 'chat.completion',
    choices: [{ message: { content: 'A squirrel.' }, finish_reason: 'stop' }],
  })

  const refused = await handle(ask({ model: 'claude-sonnet-5', messages: 'Hello' }))
  expect(refused.status).toBe(400)
  const unknown = await handle(ask({ model: 'unknown-model', messages }))
  expect(unknown.status).toBe(404)
  expect(await unknown.json()).toMatchObject({ error: { code: 'model_not_found' } })
})

test("'translate.ts' turns one format into the other", async () => {
  const { translate } = (await load(directory, 'translate.ts')) as Translator
  const upstream = await fetch('http://simulated.test/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer any' },
    body: JSON.stringify({ model: 'm', messages, stream: true }),
  })
  expect(upstream.body).not.toBeNull()
  const text = await new Response(upstream.body && translate(upstream.body)).text()
  expect(text).toMatch(/^event: message_start\n/)
  expect(text).toContain('"thinking":"Hm."')
  expect(text).toMatch(/event: message_stop\ndata: \{"type":"message_stop"\}\n\n$/)
})
