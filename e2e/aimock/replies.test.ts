// Replies that come whole, in each format of aimock, cut into chunks of any size.
import type { FixtureFileResponse } from '@copilotkit/aimock'
import { collect, toolResult, user, type ChatEvent, type DoneEvent, type ToolCall } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import {
  call,
  callEnd,
  content,
  counts,
  eventsOf,
  formats,
  key,
  Mock,
  openRouterFormat,
  reasoning,
} from './mock.ts'

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
  /** The events before `usage` and `done`, in chunks of this size. */
  readonly events: (size: number) => ChatEvent[]
  /** Default: stop. */
  readonly end?: Pick<DoneEvent, 'finishReason' | 'rawFinishReason'>
}

function finished(finishReason: DoneEvent['finishReason'], raw: string = finishReason) {
  return { finishReason, rawFinishReason: raw } as const
}

const replies: readonly Reply[] = [
  { name: 'text', sent: { content: text }, events: (size) => content(text, size) },
  {
    name: 'multi-byte text',
    sent: { content: letters },
    events: (size) => content(letters, size),
  },
  {
    name: 'no text at all',
    sent: { content: '' },
    events: () => [],
  },
  {
    name: 'reasoning before text',
    sent: { content: letters, reasoning: thoughts },
    events: (size) => [...reasoning(thoughts, size), ...content(letters, size)],
  },
  {
    name: 'a call',
    sent: { toolCalls: [weather] },
    events: (size) => [...call(0, weather, size), callEnd(0)],
    end: finished('tool_calls'),
  },
  {
    name: 'two calls',
    sent: { toolCalls: [weather, time] },
    events: (size) => [
      ...call(0, weather, size),
      ...call(1, time, size),
      ...[0, 1].map((index) => callEnd(index)),
    ],
    end: finished('tool_calls'),
  },
  {
    name: 'a call without arguments',
    sent: { toolCalls: [none] },
    events: (size) => [...call(0, none, size), callEnd(0)],
    end: finished('tool_calls'),
  },
  {
    name: 'reasoning, text, and calls',
    sent: { content: text, reasoning: thoughts, toolCalls: [time, weather] },
    events: (size) => [
      ...reasoning(thoughts, size),
      ...content(text, size),
      ...call(0, time, size),
      ...call(1, weather, size),
      ...[0, 1].map((index) => callEnd(index)),
    ],
    end: finished('tool_calls'),
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
    events: (size) => [
      ...call(0, time, size),
      ...content(letters, size),
      ...call(1, weather, size),
      ...content(text, size),
      ...[0, 1].map((index) => callEnd(index)),
    ],
    end: finished('tool_calls'),
  },
  {
    name: 'text that is too long',
    sent: { content: text, finishReason: 'length' },
    events: (size) => content(text, size),
    end: finished('length'),
  },
  {
    name: 'text that a filter has ended',
    sent: { content: text, finishReason: 'content_filter' },
    events: (size) => content(text, size),
    end: finished('content_filter'),
  },
  {
    name: 'text that ends for a reason of its own',
    sent: { content: text, finishReason: 'bored' },
    events: (size) => content(text, size),
    end: finished('other', 'bored'),
  },
  {
    name: 'a call that plainly stops',
    sent: { toolCalls: [time], finishReason: 'stop' },
    events: (size) => [...call(0, time, size), callEnd(0)],
    end: finished('tool_calls', 'stop'),
  },
  {
    // The end is proper; the second call is not.
    name: 'a call that is too long',
    sent: {
      toolCalls: [time, { ...weather, arguments: weather.arguments.slice(0, -3) }],
      finishReason: 'length',
    },
    events: (size) => [
      ...call(0, time, size),
      ...call(1, { ...weather, arguments: weather.arguments.slice(0, -3) }, size),
      callEnd(0),
    ],
    end: finished('length'),
  },
]

describe.each(formats)('a reply of $name', (format) => {
  test.each(replies)('with $name', async ({ sent, events, end = finished('stop') }) => {
    // 20 is what aimock does by itself; the last is larger than any text here.
    for (const size of [1, 2, 7, 20, 1000]) {
      mock.answer({ id: 'reply-1', usage: counts.usage, ...sent }, { chunkSize: size })
      const gateway = mock.gateway(format)
      const stream = await mock.ask(format, {}, gateway)
      const came = await eventsOf(stream)
      const done = { type: 'done', ...end, model: format.model, id: 'reply-1' }
      expect(came, `in chunks of ${size}`).toEqual([...events(size), counts.event, done])

      const response = await stream.response()
      expect(await collect(came)).toEqual(response)
      expect(stream.partial).toEqual(response)
      const options = { model: format.model }
      expect(await gateway.chat([user('Hello')], options)).toEqual(response)
    }
  })

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
    const parts = { content: letters, reasoning: thoughts, toolCalls }
    const whole = {
      ...parts,
      usage: counts.event.usage,
      model: format.model,
      id: 'reply-1',
      ...finished('tool_calls'),
      message: { role: 'assistant', ...parts },
    }
    expect(await (await mock.ask(format)).response()).toEqual(whole)
    expect(await mock.gateway(format).chat([user('Hello')], { model: format.model })).toEqual(whole)
    expect(await (await mock.ask(format)).text()).toBe(letters)
  })

  test('keeps a call that is too long apart from those that may be run', async () => {
    const cut = { ...weather, arguments: '{"city":"Trom' }
    mock.answer({ toolCalls: [time, cut], finishReason: 'length' }, { chunkSize: 2 })
    const response = await (await mock.ask(format)).response()
    expect(response).toMatchObject({ finishReason: 'length', toolCalls: [time] })
    expect(response.incompleteToolCalls).toEqual([cut])
    expect(response.message.toolCalls).toEqual([time])
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
    expect(response.id).toMatch(format.name === 'openrouter' ? /^gen-./ : /^chatcmpl-./)
    expect(response.toolCalls).toEqual([
      { id: expect.stringMatching(/^call_./) as string, name: 'now', arguments: '{}' },
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

  test('has the usage that aimock counts by itself', async () => {
    mock.answer({ content: 'x'.repeat(40) })
    const { usage } = await (await mock.ask(format)).response()
    // A token is four letters; the prompt is `Hello`.
    expect(usage).toEqual({ promptTokens: 2, completionTokens: 10, totalTokens: 12 })
  })

  test('comes at the pace of a real model', async () => {
    mock.answer(
      { content: letters, reasoning: thoughts },
      { chunkSize: 4, streamingProfile: { ttft: 20, tps: 1000, jitter: 0.5 } },
    )
    const events = await eventsOf(await mock.ask(format))
    expect(events).toEqual([
      ...reasoning(thoughts, 4),
      ...content(letters, 4),
      expect.objectContaining({ type: 'usage' }),
      expect.objectContaining({ type: 'done', ...finished('stop') }),
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
    expect(events.slice(0, -2)).toEqual(content(text, 5))
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
    expect(await (await mock.ask(format)).response()).toMatchObject(finished('stop'))
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
