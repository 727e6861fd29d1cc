// Every example of streaming.md is type-checked and run, as it stands there.
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ChatEvent } from 'ratatoskr'
import { load, printed, readExamples, typeCheck, writeExamples } from './examples.ts'
import { finish, says, SimulatedProvider, usage } from './simulated-provider.ts'

const page = readFileSync(new URL('streaming.md', import.meta.url), 'utf8')
const examples = readExamples(page)
const directory = writeExamples('streaming', examples)
const provider = new SimulatedProvider()
const poem = ['A squirrel ', '🐿️ ran ', 'up 樹.']

beforeAll(() => {
  process.env['OPENROUTER_API_KEY'] = 'sk-example'
  return provider.start()
})
afterAll(() => provider.stop())
afterEach(() => {
  expect(provider.replies, 'replies that nobody asked for').toEqual([])
  provider.requests = []
})

const run = (name: string): Promise<string> => printed(() => load(directory, name))

test('every example is run by a test of this file', () => {
  const source = readFileSync(import.meta.filename, 'utf8')
  const untested = examples.filter(({ name }) => !source.includes(`'${name}'`))
  expect(examples.length).toBeGreaterThan(10)
  expect(untested.map(({ name, line }) => `${name}, line ${line}`)).toEqual([])
  expect(new Set(examples.map(({ name }) => name)).size).toBe(examples.length)
})

test('the examples are well typed', { timeout: 60_000 }, async () => {
  expect(await typeCheck(directory)).toBe('')
})

test("'gateway.ts' takes its key from the environment", async () => {
  provider.replies = [{ chunks: says('x') }]
  await run('least.ts')
  expect(provider.requests[0]?.headers.authorization).toBe('Bearer sk-example')
})

test("'least.ts' prints the text", async () => {
  provider.replies = [{ chunks: says(...poem) }]
  expect(await run('least.ts')).toBe('A squirrel 🐿️ ran up 樹.')
  expect(provider.requests[0]?.body).toMatchObject({
    model: 'anthropic/claude-sonnet-4',
    stream: true,
  })
})

test("'every-event.ts' tells of every event, and puts parallel calls together", async () => {
  const call = (index: number, fields: object): Record<string, unknown> => ({
    tool_calls: [{ index, ...fields }],
  })
  provider.replies = [
    {
      chunks: [
        { reasoning: 'Two cities.' },
        { content: 'Let me look.' },
        { annotations: [{ type: 'url_citation', url_citation: { url: 'https://met.no/' } }] },
        call(0, { id: 'a', function: { name: 'weather', arguments: '' } }),
        call(1, { id: 'b', function: { name: 'weather', arguments: '{"city"' } }),
        call(0, { function: { arguments: '{"city":' } }),
        call(1, { function: { arguments: ':"Rome"}' } }),
        call(0, { function: { arguments: '"Oslo"}' } }),
        finish('tool_calls'),
        usage(30, 20),
      ],
    },
    { chunks: [{ refusal: 'I would rather not.' }, finish('stop')] },
  ]
  expect(await run('every-event.ts')).toBe(
    [
      'thinks: Two cities.',
      'says: Let me look.',
      'cites: https://met.no/',
      'calls: weather({"city":"Oslo"})',
      'calls: weather({"city":"Rome"})',
      'used: 30 + 20 tokens',
      'done: tool_calls',
      '',
    ].join('\n'),
  )
  expect(await run('every-event.ts')).toBe('declines: I would rather not.\ndone: stop\n')
})

test("'tools.ts' runs the tool and goes on with its result", async () => {
  provider.replies = [
    {
      chunks: [
        { content: 'One moment. ' },
        { reasoning_details: [{ type: 'reasoning.text', text: '', signature: 'signed' }] },
        { tool_calls: [{ index: 0, id: 'c1', function: { name: 'weather', arguments: '{"ci' } }] },
        { tool_calls: [{ index: 0, function: { arguments: 'ty":"Oslo"}' } }] },
        { tool_calls: [{ index: 1, id: 'c2', function: { name: 'tides', arguments: '{}' } }] },
        finish('tool_calls'),
      ],
    },
    { chunks: says('Yes, ', 'it rains.') },
  ]
  expect(await run('tools.ts')).toBe(
    'One moment. (asks the tool weather)\n(asks the tool tides)\nYes, it rains.',
  )
  expect(provider.requests).toHaveLength(2)
  expect(provider.requests[1]?.body.messages).toMatchObject([
    { role: 'user' },
    {
      role: 'assistant',
      content: 'One moment. ',
      tool_calls: [{ id: 'c1', function: { arguments: '{"city":"Oslo"}' } }, { id: 'c2' }],
      reasoning_details: [{ signature: 'signed' }],
    },
    { role: 'tool', tool_call_id: 'c1', content: '{"city":"Oslo","celsius":4,"sky":"rain"}' },
    { role: 'tool', tool_call_id: 'c2', content: 'Error: There is no tool tides.' },
  ])
})

test("'whole-reply.ts' prints and collects", async () => {
  provider.replies = [{ chunks: says(...poem) }]
  expect(await run('whole-reply.ts')).toBe(
    'A squirrel 🐿️ ran up 樹.\n\nsimulated wrote 24 characters\nfor 15 tokens and ended with stop.\n',
  )
})

test("'failures.ts' tells the failures apart", async () => {
  provider.replies = [{ status: 401, body: '{"error":{"message":"No auth"}}' }]
  expect(await run('failures.ts')).toBe('Check the key.\n')

  provider.replies = [{ status: 429, headers: { 'retry-after': '90' }, body: '{}' }]
  expect(await run('failures.ts')).toBe('Try again in 90 s.\n')

  provider.replies = [{ chunks: [{ content: 'A squirrel ' }, { content: 'ran' }], end: 'cut' }]
  expect(await run('failures.ts')).toBe('A squirrel ran\n[cut off after 14 characters]\n')

  provider.replies = [
    {
      chunks: [{ content: 'A ' }, { choices: [], error: { code: 502, message: 'upstream gone' } }],
    },
  ]
  expect(await run('failures.ts')).toMatch(/^A openrouter .* upstream gone\n$/)
})

test("'stop.ts' keeps the text, and the provider sees the connection close", async () => {
  provider.replies = [{ chunks: [{ content: 'A squirrel ' }, { content: 'ran' }], end: 'silence' }]
  expect(await run('stop.ts')).toBe('A squirrel ran\n[stopped; kept 14 characters]\n')
  await provider.requests[0]?.abandoned
})

test("'stop.ts' keeps nothing where nothing has come", async () => {
  provider.replies = [{ end: 'silence' }]
  expect(await run('stop.ts')).toBe('\n[stopped; kept 0 characters]\n')
  await provider.requests[0]?.abandoned
})

test("'enough.ts' leaves the loop, and the provider sees the connection close", async () => {
  const chunks = ['1, ', '2, ', '3, ', '4, '].map((content) => ({ content }))
  provider.replies = [{ chunks, pace: 20, end: 'silence' }]
  expect(await run('enough.ts')).toBe('kept: 1, 2, 3, \n')
  await provider.requests[0]?.abandoned
})

test("'first-word.ts' measures the first word before the last", async () => {
  provider.replies = [{ chunks: says(...poem), pace: 30 }]
  const [, first, last] =
    /^first word after (\d+) ms, last after (\d+) ms\n$/
      .exec(await run('first-word.ts'))
      ?.map(Number) ?? []
  expect(first).toBeLessThan(Number(last))
})

test("'stages.ts' gives the gateway's events", async () => {
  provider.replies = [{ chunks: says('Up ', '樹.') }]
  expect(await run('stages.ts')).toBe(
    [
      "{ type: 'content', text: 'Up ' }",
      "{ type: 'content', text: '樹.' }",
      '{\n' +
        "  type: 'usage',\n" +
        '  usage: { promptTokens: 12, completionTokens: 2, totalTokens: 14 }\n' +
        '}',
      '{\n' +
        "  type: 'done',\n" +
        "  finishReason: 'stop',\n" +
        "  rawFinishReason: 'stop',\n" +
        "  model: 'simulated',\n" +
        "  id: 'gen-1'\n" +
        '}',
      '',
    ].join('\n'),
  )
})

test("'handler.ts' passes the events on, and a cancelled body closes the connection", async () => {
  const { handle } = (await load(directory, 'handler.ts')) as {
    handle: (request: Request) => Promise<Response>
  }
  const ask = (): Promise<Response> =>
    handle(new Request('https://example.com/', { method: 'POST', body: 'Up?' }))

  provider.replies = [{ chunks: says('Up.') }]
  const lines = (await (await ask()).text()).trimEnd().split('\n')
  const events = lines.map((line) => JSON.parse(line) as ChatEvent)
  expect(events.map(({ type }) => type)).toEqual(['content', 'usage', 'done'])
  expect(provider.requests[0]?.body.messages).toEqual([{ role: 'user', content: 'Up?' }])

  provider.replies = [{ chunks: [{ content: 'Up' }], end: 'silence' }]
  await (await ask()).body?.cancel()
  await provider.requests[1]?.abandoned

  provider.replies = [{ chunks: [{ content: 'Up' }], end: 'cut' }]
  await expect((await ask()).text()).rejects.toThrow('cut off')
})
