// Replies that come whole, in each format of aimock, cut into chunks of any size.
import type { FixtureFileResponse } from '@copilotkit/aimock'
import { collect, toolResult, user, type FinishReason, type ToolCall } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import { bodyOf, counts, eventsOf, formats, key, Mock, openRouterFormat } from './mock.ts'
import type { Part, Wire } from './wire.ts'

const mock = Mock.forEachTest()

const text = 'A squirrel ran up the ash tree.'
// Letters of one to four bytes, one of two code points, one joined of three, one that goes right to left.
const letters = 'Ratatöskr läuft ✓ 日本語 𝄞 🐿️ 👩‍🔬 שלום'
const thoughts = 'Ash, or oak? 樹 – ash.'
const weather: ToolCall = {
  id: 'call_a',
  name: 'weather',
  arguments: '{"city":"Tromsø","days":[1,2],"note":"☃ \\"cold\\""}',
}
const time: ToolCall = { id: 'call_b', name: 'time', arguments: '{"zone":"Europe/Oslo"}' }
const none: ToolCall = { id: 'call_c', name: 'now', arguments: '' }

interface Reply {
  readonly name: string
  readonly sent: FixtureFileResponse
  readonly parts: readonly Part[]
  /** What it means that it ended. Default: what aimock says by itself. */
  readonly finishReason?: FinishReason
  /** Where only one of the formats has it. */
  readonly only?: Wire['dialect']
}

const saying = (said: string): Part => ({ type: 'content', text: said })
const thinking: Part = { type: 'reasoning', text: thoughts }
const calling = (call: ToolCall): Part => ({ type: 'call', call })
const broken = { ...weather, arguments: weather.arguments.slice(0, -3) }

const replies: readonly Reply[] = [
  { name: 'text', sent: { content: text }, parts: [saying(text)] },
  { name: 'multi-byte text', sent: { content: letters }, parts: [saying(letters)] },
  { name: 'no text at all', sent: { content: '' }, parts: [] },
  {
    name: 'reasoning before text',
    sent: { content: letters, reasoning: thoughts },
    parts: [thinking, saying(letters)],
  },
  { name: 'a call', sent: { toolCalls: [weather] }, parts: [calling(weather)] },
  {
    name: 'two calls',
    sent: { toolCalls: [weather, time] },
    parts: [calling(weather), calling(time)],
  },
  { name: 'a call without arguments', sent: { toolCalls: [none] }, parts: [calling(none)] },
  {
    name: 'reasoning, text, and calls',
    sent: { content: text, reasoning: thoughts, toolCalls: [time, weather] },
    parts: [thinking, saying(text), calling(time), calling(weather)],
  },
  {
    name: 'calls between texts',
    sent: {
      blocks: [
        { type: 'toolCall', ...time },
        { type: 'text', text: letters },
        { type: 'toolCall', ...weather },
        { type: 'text', text },
      ],
    },
    parts: [calling(time), saying(letters), calling(weather), saying(text)],
  },
  {
    name: 'text that is too long',
    sent: { content: text, finishReason: 'length' },
    parts: [saying(text)],
    finishReason: 'length',
  },
  {
    name: 'text that a filter has ended',
    sent: { content: text, finishReason: 'content_filter' },
    parts: [saying(text)],
    finishReason: 'content_filter',
    only: 'openai-chat',
  },
  {
    name: 'text that the model has broken off',
    sent: { content: text, finishReason: 'refusal' },
    parts: [saying(text)],
    finishReason: 'content_filter',
    only: 'anthropic',
  },
  {
    name: 'text up to a stop sequence',
    sent: { content: text, finishReason: 'stop_sequence' },
    parts: [saying(text)],
    finishReason: 'stop',
    only: 'anthropic',
  },
  {
    name: 'a turn that pauses',
    sent: { content: text, finishReason: 'pause_turn' },
    parts: [saying(text)],
    finishReason: 'other',
    only: 'anthropic',
  },
  {
    name: 'text that fills the context',
    sent: { content: text, finishReason: 'model_context_window_exceeded' },
    parts: [saying(text)],
    finishReason: 'length',
    only: 'anthropic',
  },
  {
    name: 'text that ends for a reason of its own',
    sent: { content: text, finishReason: 'bored' },
    parts: [saying(text)],
    finishReason: 'other',
  },
  {
    name: 'a call that plainly stops',
    sent: { toolCalls: [time], finishReason: 'stop' },
    parts: [calling(time)],
    finishReason: 'tool_calls',
  },
  {
    name: 'whole calls, and no room for more',
    sent: { toolCalls: [time, weather], finishReason: 'length' },
    parts: [calling(time), calling(weather)],
    finishReason: 'length',
  },
]

/** The replies that a format has. */
function repliesOf({ dialect }: Wire): readonly Reply[] {
  return replies.filter(({ only = dialect }) => only === dialect)
}

/** Asks for no stream: aimock then answers with one JSON value. */
function fetchWhole(url: string, init: RequestInit): Promise<Response> {
  const { stream: _, stream_options: __, ...body } = bodyOf(init)
  return fetch(url, { ...init, body: JSON.stringify(body) })
}

describe.each(formats)('a reply of $name', (format) => {
  const { wire, model } = format

  /** What it takes for the end of a reply of these parts. */
  function finished(
    parts: readonly Part[],
    { sent, finishReason }: Pick<Reply, 'sent' | 'finishReason'>,
  ) {
    const usual = parts.some(({ type }) => type === 'call') ? 'tool_calls' : 'stop'
    const raw = 'finishReason' in sent ? (sent.finishReason ?? usual) : usual
    return { finishReason: finishReason ?? usual, rawFinishReason: wire.word(raw) }
  }

  test.each(repliesOf(wire))('with $name', async (reply) => {
    const { sent, parts } = reply
    const continuation = wire.continuation(parts)
    const done = {
      type: 'done',
      ...finished(parts, reply),
      model,
      id: 'reply-1',
      ...(continuation && { continuation }),
    }
    // 20 is what aimock does by itself; the last is larger than any text here.
    for (const size of [1, 2, 7, 20, 1000]) {
      mock.answer({ id: 'reply-1', usage: counts.usage, ...sent }, { chunkSize: size })
      const gateway = mock.gateway(format)
      const stream = await mock.ask(format, {}, gateway)
      const came = await eventsOf(stream)
      const events = [...wire.chunks(parts, size).flat(), ...wire.last(parts)]
      expect(came, `in chunks of ${size}`).toEqual([...events, counts.event, done])

      const response = await stream.response()
      expect(await collect(came)).toEqual(response)
      expect(stream.partial).toEqual(response)
      expect(await gateway.chat([user('Hello')], { model })).toEqual(response)
    }
  })

  test.each(repliesOf(wire))(
    'with $name, which comes whole, though not asked for so',
    async (reply) => {
      const { sent, parts } = reply
      mock.answer({ id: 'reply-1', usage: counts.usage, ...sent })
      const streamed = await (await mock.ask(format)).response()
      const provider = format.provider(mock.llm.url, { fetch: fetchWhole })
      const gateway = mock.gateway(format, { providers: [provider] })
      const stream = await mock.ask(format, {}, gateway)
      expect(stream.headers?.get('content-type')).toBe('application/json')
      expect(await stream.response()).toEqual(streamed)
      expect(streamed).toMatchObject(finished(parts, reply))
    },
  )

  test('is collected into one response', async () => {
    mock.answer(
      {
        id: 'reply-1',
        usage: counts.usage,
        content: letters,
        reasoning: thoughts,
        toolCalls: [weather, none],
      },
      { chunkSize: 3 },
    )
    const toolCalls = [weather, { ...none, arguments: '{}' }]
    const collected = { content: letters, reasoning: thoughts, toolCalls }
    const continuation = wire.continuation([thinking])
    const whole = {
      ...collected,
      usage: counts.event.usage,
      model,
      id: 'reply-1',
      finishReason: 'tool_calls',
      rawFinishReason: wire.word('tool_calls'),
      message: { role: 'assistant', ...collected, ...(continuation && { continuation }) },
    }
    expect(await (await mock.ask(format)).response()).toEqual(whole)
    expect(await mock.gateway(format).chat([user('Hello')], { model })).toEqual(whole)
    expect(await (await mock.ask(format)).text()).toBe(letters)
  })

  test('may be long: what sockets cut anywhere is put together', async () => {
    const long = letters.repeat(5000)
    mock.answer({ content: long, reasoning: long }, { chunkSize: 997 })
    const response = await (await mock.ask(format)).response()
    expect(response.content).toBe(long)
    expect(response.reasoning).toBe(long)
  })

  test('tells its ids, where the test did not choose them', async () => {
    mock.answer({ toolCalls: [{ name: 'now', arguments: '{}' }] })
    const stream = await mock.ask(format)
    const response = await stream.response()
    expect(response.id).toMatch(format.replyId)
    expect(response.toolCalls).toEqual([
      { id: expect.stringMatching(wire.callId) as string, name: 'now', arguments: '{}' },
    ])
    // aimock writes the id of the request down.
    const { headers } = mock.llm.getLastRequest() ?? {}
    expect(stream.requestId).toBe(headers?.['x-request-id'])
    expect(stream.headers?.get('content-type')).toBe('text/event-stream')
  })

  test('names the model that has answered', async () => {
    mock.answer({ content: text, model: 'another-model' })
    expect((await (await mock.ask(format)).response()).model).toBe('another-model')
  })

  test('comes at the pace of a real model', async () => {
    mock.answer(
      { content: letters, reasoning: thoughts },
      { chunkSize: 4, streamingProfile: { ttft: 20, tps: 1000, jitter: 0.5 } },
    )
    const events = await eventsOf(await mock.ask(format))
    expect(events).toEqual([
      ...wire.chunks([thinking, saying(letters)], 4).flat(),
      expect.objectContaining({ type: 'usage' }),
      expect.objectContaining({ type: 'done', finishReason: 'stop' }),
    ])
  })

  test('comes after a delay before the headers', async () => {
    mock.answer({ content: text }, { chaos: { latencyMs: 30 } })
    expect(await (await mock.ask(format)).text()).toBe(text)
  })
})

describe.each(formats)('a request to $name', (format) => {
  test('is one that aimock takes', async () => {
    mock.answer({ content: text })
    await (await mock.ask(format, { temperature: 0.5, maxTokens: 64 })).response()
    const request = mock.llm.getLastRequest()
    expect(request?.method).toBe('POST')
    expect(request?.path).toBe(format.path)
    expect(request?.headers['content-type']).toBe('application/json')
    const carriers = ['authorization', 'api-key', 'x-api-key'].filter(
      (name) => name in (request?.headers ?? {}),
    )
    expect(carriers).toEqual([format.keyHeader])
    expect(mock.lastBody).toMatchObject({
      model: format.model,
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      temperature: 0.5,
    })
    expect(mock.lastBody['stream_options']).toEqual(format.streamOptions)
    const { max_tokens: old, max_completion_tokens: recent } = mock.lastBody
    expect(old ?? recent).toBe(64)
    expect(JSON.stringify(mock.lastBody)).not.toContain(key)
  })

  test('goes on where a tool has answered', async () => {
    mock.llm
      .on(
        { hasToolResult: true, toolCallId: weather.id, toolResultContains: '4 °C' },
        { content: text },
      )
      .on(
        { toolName: 'weather', hasToolResult: false },
        { content: 'Let me see.', toolCalls: [weather] },
      )
    const gateway = mock.gateway(format)
    const options = {
      model: format.model,
      tools: [{ name: 'weather', description: 'The weather', parameters: { type: 'object' } }],
    }
    const asked = [user('Is it cold?')]
    const first = await gateway.chat(asked, options)
    expect(first.toolCalls).toEqual([weather])
    const second = await gateway.chat(
      [...asked, first.message, toolResult(weather.id, 'It is 4 °C')],
      options,
    )
    expect(second).toMatchObject({ content: text, toolCalls: [], finishReason: 'stop' })
    expect(mock.lastBody['messages']).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: 'Let me see.',
        tool_calls: [
          {
            id: weather.id,
            type: 'function',
            function: { name: 'weather', arguments: weather.arguments },
          },
        ],
      },
      { role: 'tool', tool_call_id: weather.id, content: 'It is 4 °C' },
    ])
  })
})

const chatFormats = formats.filter(({ wire }) => wire.dialect === 'openai-chat')

describe.each(chatFormats)('a reply of $name', (format) => {
  const { wire } = format

  test('may end with a call that is not whole', async () => {
    mock.answer(
      { toolCalls: [time, broken], usage: counts.usage, finishReason: 'length' },
      { chunkSize: 2 },
    )
    const stream = await mock.ask(format)
    const response = await stream.response()
    // The end is proper; the second call is not.
    expect(response).toMatchObject({
      finishReason: 'length',
      rawFinishReason: 'length',
      toolCalls: [time],
    })
    expect(response.incompleteToolCalls).toEqual([broken])
    expect(response.message.toolCalls).toEqual([time])
    const events = await eventsOf(await mock.ask(format))
    const parts = [calling(time), calling(broken)]
    expect(events.slice(0, -2)).toEqual([
      ...wire.chunks(parts, 2).flat(),
      ...wire.last(parts).slice(0, 1),
    ])
  })

  test('has the usage that aimock counts by itself', async () => {
    mock.answer({ content: 'x'.repeat(40) })
    const { usage } = await (await mock.ask(format)).response()
    // A token is four letters; the prompt is `Hello`.
    expect(usage).toEqual({ promptTokens: 2, completionTokens: 10, totalTokens: 12 })
  })

  test('may ask for JSON', async () => {
    mock.llm.onJsonOutput(/Hello/, { tree: 'ash', 木: [1] })
    const stream = await mock.ask(format, { responseFormat: { type: 'json' } })
    expect(JSON.parse(await stream.text())).toEqual({ tree: 'ash', 木: [1] })
  })
})

describe('what only OpenRouter has', () => {
  const format = openRouterFormat

  test('are comments while it waits', async () => {
    mock.answer({ content: text }, { openRouterProcessing: true, chunkSize: 5, latency: 2 })
    const events = await eventsOf(await mock.ask(format))
    expect(events.slice(0, -2)).toEqual(format.wire.chunks([saying(text)], 5).flat())
  })

  test('are cost and details in the usage', async () => {
    mock.answer({
      content: text,
      usage: {
        ...counts.usage,
        cost: 0.00125,
        prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 3 },
        completion_tokens_details: { reasoning_tokens: 4 },
        is_byok: false,
        native_tokens_prompt: 12,
      },
    })
    expect((await (await mock.ask(format)).response()).usage).toEqual({
      ...counts.event.usage,
      cost: 0.00125,
      cachedTokens: 5,
      cacheWriteTokens: 3,
      reasoningTokens: 4,
    })
  })

  test('is a native finish reason: the one that all hosts share is told', async () => {
    mock.answer({ content: text, finishReason: 'stop', nativeFinishReason: 'end_turn' })
    expect(await (await mock.ask(format)).response()).toMatchObject({
      finishReason: 'stop',
      rawFinishReason: 'stop',
    })
  })

  test('are models to fall back to, of which the one that answers is told', async () => {
    mock.llm
      .on({ model: 'openai/busy' }, { error: { message: 'Busy' }, status: 503 })
      .on({ model: 'openai/free' }, { content: text })
    const stream = await mock.ask(format, {
      model: 'openai/busy',
      providerOptions: { models: ['openai/free'] },
    })
    expect(await stream.response()).toMatchObject({ content: text, model: 'openai/free' })
    expect(mock.requests).toBe(1)
  })
})
