// The package's README: its examples are well typed, and answer.
import { readFileSync } from 'node:fs'
import { simulatorFetch } from '@ratatoskr/testkit'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { load, readExamples, typeCheck, writeExamples } from '../../../docs/examples.ts'
import { chatRequest, eventsOf, textOf } from '../test/relay-kit.ts'
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

test('it names each of the limits of streams', () => {
  for (const name of Object.keys(defaultStreamLimits)) expect(page).toContain(name)
})
