// The package's README: its examples are well typed, and answer.
import { readFileSync } from 'node:fs'
import { simulatorFetch } from '@ratatoskr/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { load, readExamples, typeCheck, writeExamples } from '../../../docs/examples.ts'
import { becomePage } from '../test/page.ts'
import { chatRequest, createKit, eventsOf, textOf } from '../test/relay-kit.ts'
import { readReconnect } from './client/reconnect-options.ts'
import { defaultStreamLimits } from './chat/stream-limits.ts'
import { anthropicExtras, openaiChatExtras, responsesExtras } from './v1/extra-rules.ts'

const page = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const directory = writeExamples('relay', readExamples(page))

beforeAll(() => {
  vi.stubEnv('CLIENT_TOKEN', 'token')
  vi.stubEnv('OPENROUTER_API_KEY', 'sk-example')
  vi.stubEnv('PORT', '0')
  vi.stubGlobal('fetch', simulatorFetch({ script: [{ text: 'A squirrel.' }] }))
})

afterAll(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

test('the examples are well typed', async () => {
  expect(await typeCheck(directory)).toBe('')
})

test('the relay lets in whom it knows, with the models that it has', async () => {
  const { relay } = (await load(directory, 'relay.ts')) as {
    relay: (request: Request) => Promise<Response>
  }
  const options = { model: 'anthropic/claude-sonnet-4' }
  const good = await relay(chatRequest({ caller: 'token', options }))
  expect(textOf(await eventsOf(good))).toBe('A squirrel.')
  expect((await relay(chatRequest({ caller: 'other', options }))).status).toBe(401)
  expect((await relay(chatRequest({ caller: 'token' }))).status).toBe(404)
})

test('it names each field that is left out in silence', () => {
  for (const { ignored } of [openaiChatExtras, responsesExtras, anthropicExtras]) {
    for (const field of ignored) expect(page).toContain(`\`${field}\``)
  }
})

test('the page asks, and resumes after a reload', async () => {
  const { relay, host, upstream } = createKit()
  const stored = new Map([['token', 'ann']])
  becomePage()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  })
  let id: string | undefined
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    id ??= stored.get('reply')
    return relay(new Request(url, init))
  })
  type Show = (text: string) => void
  const { ask, resume } = (await load(directory, 'page.ts')) as {
    ask: (question: string, show: Show) => Promise<void>
    resume: (show: Show) => Promise<void>
  }
  let shown = ''
  const show: Show = (text) => (shown += text)
  await ask('Hi', show)
  expect(shown).toBe('Hello, world!')
  expect(stored.has('reply')).toBe(false)

  stored.set('reply', id ?? '')
  shown = ''
  await resume(show)
  expect(shown).toBe('Hello, world!')
  expect(upstream).toHaveLength(1)
  host.close()
})

test('it names how a client reconnects, and the numbers', () => {
  const { limit, minDelay, maxDelay, silence } = readReconnect()
  expect({ limit, minDelay, maxDelay, silence }).toEqual({
    limit: 8,
    minDelay: 250,
    maxDelay: 10_000,
    silence: 45_000,
  })
  for (const said of ['8 tries', 'a quarter of a second', 'at most 10 s', '45 s']) {
    expect(page).toContain(said)
  }
})

test('it names each of the limits of streams', () => {
  for (const name of Object.keys(defaultStreamLimits)) expect(page).toContain(name)
})
