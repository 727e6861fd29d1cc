// The formats of aimock besides Chat Completions and Messages: replies, calls, thoughts, stops, and what breaks off.
// Not Gemini's Interactions and Ollama's /api/generate, which the library does not speak; nor Bedrock's
// InvokeModelWithResponseStream, whose chunks are base64 at Amazon and plain JSON here.
import { createGateway, toolResult, user, type Provider, type ToolCall } from 'ratatoskr'
import { bedrock } from 'ratatoskr/bedrock'
import { cohere } from 'ratatoskr/cohere'
import { google } from 'ratatoskr/google'
import { ollama } from 'ratatoskr/ollama'
import { openaiResponses } from 'ratatoskr/openai'
import { vertex } from 'ratatoskr/vertex'
import { describe, expect, test } from 'vitest'
import { eventsOf, failure, key, Mock } from './mock.ts'

interface OtherFormat {
  name: string
  model: string
  provider: (url: string, apiKey: string) => Provider
  /** Whether aimock writes reasoning in this format. */
  thinks: boolean
}

const formats: readonly OtherFormat[] = [
  {
    name: 'openai-responses',
    model: 'gpt-5-mini',
    provider: (url, apiKey) => openaiResponses({ apiKey, baseURL: `${url}/v1` }),
    thinks: true,
  },
  {
    name: 'google',
    model: 'gemini-2.5-flash',
    provider: (url, apiKey) => google({ apiKey, baseURL: `${url}/v1beta` }),
    thinks: true,
  },
  {
    name: 'vertex',
    model: 'gemini-2.5-flash',
    provider: (url, accessToken) =>
      vertex({ project: 'squirrels', accessToken, baseURL: `${url}/v1` }),
    thinks: true,
  },
  {
    name: 'ollama',
    model: 'qwen3:8b',
    // Ollama has no keys; this server wants one from everybody.
    provider: (url, apiKey) =>
      ollama({ baseURL: url, headers: { authorization: `Bearer ${apiKey}` } }),
    // aimock writes thoughts into a field that Ollama has not.
    thinks: false,
  },
  {
    name: 'cohere',
    model: 'command-a-03-2025',
    provider: (url, apiKey) => cohere({ apiKey, baseURL: `${url}/v2` }),
    // It writes thoughts as text.
    thinks: false,
  },
  {
    name: 'bedrock',
    model: 'amazon.nova-lite-v1:0',
    provider: (url, apiKey) => bedrock({ region: 'us-east-1', apiKey, baseURL: url }),
    thinks: true,
  },
]

const mock = Mock.forEachTest()
const text = 'A squirrel ran up the ash tree. 🐿️ 樹'
const weather: ToolCall = { id: 'call_a', name: 'weather', arguments: '{"city":"Tromsø"}' }
const time: ToolCall = { id: 'call_b', name: 'time', arguments: '{"zone":"Asia/Tokyo"}' }

describe.each(formats)('$name', ({ model, provider, thinks }) => {
  const gateway = (): ReturnType<typeof createGateway> =>
    createGateway({ providers: [provider(mock.llm.url, key)], retry: { minDelay: 1, maxDelay: 1 } })

  test.each([1, 3, 1000])('text in pieces of %i', async (chunkSize) => {
    mock.answer({ content: text }, { chunkSize })
    const events = await eventsOf(await gateway().chatStream([user('Hello')], { model }))
    const said = events.map((event) => (event.type === 'content' ? event.text : '')).join('')
    expect(said).toBe(text)
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' })
    expect(events.filter(({ type }) => type === 'done')).toHaveLength(1)
  })

  test.runIf(thinks)('thoughts', async () => {
    mock.answer({ content: 'Yes.', reasoning: 'Tromsø, or Oslo? 樹' }, { chunkSize: 4 })
    const response = await gateway().chat([user('Hello')], { model })
    expect([response.reasoning, response.content]).toEqual(['Tromsø, or Oslo? 樹', 'Yes.'])
  })

  test('parallel calls, answered', async () => {
    mock.llm
      .clearFixtures()
      .on({ hasToolResult: true }, { content: 'Cold.' })
      .on({}, { toolCalls: [weather, time] }, { chunkSize: 5 })
    const tools = ['weather', 'time'].map((name) => ({ name, parameters: { type: 'object' } }))
    const first = await gateway().chat([user('Hello')], { model, tools })
    expect(first.finishReason).toBe('tool_calls')
    const plain = ({ name, arguments: args }: ToolCall): unknown => [name, JSON.parse(args)]
    expect(first.toolCalls.map(plain)).toEqual([weather, time].map(plain))
    const results = first.toolCalls.map(({ id }) => toolResult(id, 'It is 4 °C'))
    const second = await gateway().chat([user('Hello'), first.message, ...results], {
      model,
      tools,
    })
    expect(second.content).toBe('Cold.')
  })

  test.each([1, 3, 5])('cut after %i chunks it is no reply', async (truncateAfterChunks) => {
    mock.answer({ content: text.repeat(4) }, { chunkSize: 6, truncateAfterChunks })
    const error = await failure(
      gateway().chat([user('Hello')], { model, signal: AbortSignal.timeout(20_000) }),
    )
    expect(error.code).toMatch(/^(truncated|network)$/)
  })

  test('what comes late is waited for', async () => {
    mock.answer({ content: text }, { chunkSize: 10, latency: 20 })
    expect((await gateway().chat([user('Hello')], { model })).content).toBe(text)
  })

  test('errors before the reply: their codes', async () => {
    const answer = (status: number, message: string): void => {
      mock.answer({ error: { message, type: 'error' }, status })
    }
    answer(400, 'The request is wrong')
    expect((await failure(gateway().chat([user('Hello')], { model }))).code).toBe('invalid_request')
    const once = createGateway({ providers: [provider(mock.llm.url, key)], retry: false })
    answer(503, 'No room')
    expect((await failure(once.chat([user('Hello')], { model }))).code).toBe('overloaded')
  })

  test.each([
    [{ dropRate: 1 }, 'api'],
    [{ malformedRate: 1 }, 'protocol'],
    [{ disconnectRate: 1 }, 'network'],
  ])('chaos %j ends it with %s', async (chaos, code) => {
    mock.llm.clearFixtures().on({}, { content: text }, { chaos })
    const once = createGateway({ providers: [provider(mock.llm.url, key)], retry: false })
    expect((await failure(once.chat([user('Hello')], { model }))).code).toBe(code)
  })

  test('a wrong key is refused', async () => {
    mock.answer({ content: text })
    const wrong = createGateway({ providers: [provider(mock.llm.url, 'sk-wrong')], retry: false })
    const error = await failure(wrong.chat([user('Hello')], { model }))
    expect(error.code).toBe('authentication')
    expect(error.message).not.toContain('sk-wrong')
  })

  test('break closes the connection', async () => {
    mock.answer({ content: text.repeat(50) }, { chunkSize: 4, latency: 20 })
    for await (const event of await gateway().chatStream([user('Hello')], { model })) {
      expect(event.type).toBe('content')
      break
    }
    await mock.abandoned()
  })
})
