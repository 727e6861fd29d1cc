import { beforeEach, expect, test } from 'vitest'
import { Settings } from './settings.ts'

beforeEach(() => sessionStorage.clear())

test('changes that follow each other at once all stay', () => {
  const settings = new Settings()
  settings.simulate({ script: 'code' })
  settings.simulate({ pace: 'slow' })
  settings.simulate({ fault: 'cut' })
  expect(settings.values.simulation).toEqual({ script: 'code', pace: 'slow', fault: 'cut' })
})

test('a model and an address belong to the connection for which they were typed', () => {
  const settings = new Settings()
  settings.change({ connection: 'openai' })
  settings.model = 'gpt-mine'
  settings.baseURL = 'https://proxy.example/v1'
  settings.change({ connection: 'anthropic' })
  expect(settings.model).not.toBe('gpt-mine')
  expect(settings.baseURL).toBe('')
  settings.change({ connection: 'openai' })
  expect([settings.model, settings.baseURL]).toEqual(['gpt-mine', 'https://proxy.example/v1'])
})

test('a key is in memory only, until it is to be remembered, and is forgotten again', () => {
  const settings = new Settings(sessionStorage)
  settings.change({ connection: 'openai' })
  settings.key = 'sk-secret'
  expect(sessionStorage.length).toBe(0)
  settings.change({ rememberKeys: true })
  const again = new Settings(sessionStorage)
  again.change({ connection: 'openai' })
  expect([again.key, again.values.rememberKeys]).toEqual(['sk-secret', true])
  settings.change({ rememberKeys: false })
  expect(sessionStorage.length).toBe(0)
  expect(settings.key).toBe('sk-secret')
})

test('connections that take their key from one variable have one key', () => {
  const settings = new Settings()
  settings.change({ connection: 'openai' })
  settings.key = ' sk-shared '
  settings.change({ connection: 'openai-responses' })
  expect(settings.target).toEqual({ apiKey: 'sk-shared' })
  settings.change({ connection: 'anthropic' })
  settings.baseURL = ' https://proxy.example/v1 '
  settings.serverKeys = new Map([['anthropic', 'sk-server']])
  expect(settings.target).toEqual({ apiKey: 'sk-server', baseURL: 'https://proxy.example/v1' })
})

test.each(['not json', '{}', '[1]', '[["openai"]]', 'null'])(
  'what others left in the storage is passed over: %s',
  (stored) => {
    sessionStorage.setItem('ratatoskr.keys', stored)
    const settings = new Settings(sessionStorage)
    settings.change({ connection: 'openai' })
    expect(settings.key).toBe('')
  },
)

test.each([
  [{ connection: 'openai' as const }, 'Enter a key for OpenAI.'],
  [{ connection: 'custom' as const }, 'Enter the base URL of the server.'],
  [{ connection: 'ollama' as const }, 'Enter the name of a model.'],
  [{ temperature: '3' }, 'The temperature must be a number from 0 to 2, or empty.'],
  [{ temperature: 'warm' }, 'The temperature must be a number from 0 to 2, or empty.'],
  [{ maxTokens: '1.5' }, 'Maximum tokens must be a whole number above 0, or empty.'],
  [
    { maxTokens: '99999999999999999999' },
    'Maximum tokens must be a whole number above 0, or empty.',
  ],
  [{ maxTokens: '0' }, 'Maximum tokens must be a whole number above 0, or empty.'],
  [{ temperature: '0', maxTokens: '1' }, undefined],
])('what is wrong is named: %o', (values, problem) => {
  const settings = new Settings()
  settings.change(values)
  expect(settings.problem?.text).toBe(problem)
})

test('a key of the server will do', () => {
  const settings = new Settings()
  settings.change({ connection: 'openai' })
  settings.serverKeys = new Map([['openai', 'sk-server']])
  expect(settings.problem).toBeUndefined()
})

test.each([
  ['localhost:1234', 'begin with https'],
  ['javascript:alert(1)', 'begin with https'],
  ['http://', 'is no address'],
  ['https://%', 'is no address'],
  ['https://exa mple.com/v1', 'is no address'],
  ['http://127.0.0.1:99999/v1', 'is no address'],
  ['https://user:pw@llm.example/v1', 'must not hold a name or password'],
  ['https://llm.example/v1?key=1', 'before any ?'],
  ['https://llm.example/v1#x', 'before any ?'],
  ['http://192.168.0.7:1234/v1', 'must be at localhost'],
  ['http://localhost.evil.example/v1', 'must be at localhost'],
  ['http://localhost:1234/v1', undefined],
  ['http://127.0.0.1:11434/v1', undefined],
  [' https://llm.example/v1/ ', undefined],
  [`${location.origin}/v1`, undefined],
])('the base URL %s', (baseURL, problem) => {
  const settings = new Settings()
  settings.change({ connection: 'custom' })
  settings.model = 'm'
  settings.baseURL = baseURL
  if (problem === undefined) expect(settings.problem).toBeUndefined()
  else {
    expect(settings.problem?.field).toBe('base-url')
    expect(settings.problem?.text).toContain(problem)
  }
})

test.each([
  ['sk-ümlaut', true],
  ['sk-one sk-two', true],
  ['sk-one\nsk-two', true],
  ['\u200Bsk-one', true],
  [' sk-one\n', false],
])('the key %j', (key, isWrong) => {
  const settings = new Settings()
  settings.change({ connection: 'openai' })
  settings.key = key
  expect(settings.problem?.field).toBe(isWrong ? 'key' : undefined)
  expect(settings.problem?.text ?? '').not.toContain('sk-')
})

test('only what is set becomes an option of the request', () => {
  const settings = new Settings()
  expect(settings.chatOptions).toEqual({})
  settings.change({ temperature: '0.5', maxTokens: '100', effort: 'low', tools: ['get_time'] })
  expect(settings.chatOptions).toMatchObject({
    temperature: 0.5,
    maxTokens: 100,
    reasoning: { effort: 'low' },
    tools: [{ name: 'get_time' }],
  })
})
