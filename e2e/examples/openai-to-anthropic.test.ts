// The Worker of examples/openai-to-anthropic in workerd, asked by the `openai` client, over HTTP on both sides.
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import OpenAI, { APIConnectionError, APIError, AuthenticationError, RateLimitError } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  AnthropicUpstream,
  finish,
  start,
  textBlock,
  thinkingBlock,
  toolBlock,
} from './anthropic-upstream.ts'
import { lacksWorkerd, runWorker, type RunningWorker } from './run-worker.ts'

const clientKey = 'client-key-0123456789'
const anthropicKey = 'sk-ant-0123456789'
const model = 'claude-sonnet-5'

describe.skipIf(await lacksWorkerd())('an OpenAI client of an Anthropic model', () => {
  const upstream = new AnthropicUpstream()
  let worker: RunningWorker
  const messages = [{ role: 'user' as const, content: 'Where is the squirrel?' }]
  const weather = {
    type: 'function' as const,
    function: {
      name: 'weather',
      description: 'The weather in a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
    },
  }

  beforeAll(async () => {
    await upstream.start()
    worker = await runWorker('openai-to-anthropic', {
      CLIENT_KEY: clientKey,
      ANTHROPIC_API_KEY: anthropicKey,
      ANTHROPIC_BASE_URL: `${upstream.url}/v1`,
    })
  })
  afterAll(async () => {
    await worker?.stop()
    await upstream.stop()
  })
  beforeEach(() => {
    upstream.script((request) => request.fail(500, 'api_error', 'There is no script'))
  })

  /** The client as it is; its own retries would only hide what the Worker does. */
  function client(apiKey = clientKey): OpenAI {
    return new OpenAI({ apiKey, baseURL: `${worker.url}/v1`, maxRetries: 0 })
  }

  /** What a promise, or the loop over a stream, rejects with; the text that came before. */
  async function failure(
    chunks: PromiseLike<AsyncIterable<OpenAI.ChatCompletionChunk>>,
  ): Promise<{ error: unknown; text: string; finished: boolean }> {
    let text = ''
    let finished = false
    try {
      for await (const { choices } of await chunks) {
        text += choices[0]?.delta.content ?? ''
        finished ||= choices[0]?.finish_reason != null
      }
    } catch (error) {
      return { error, text, finished }
    }
    throw new Error(`Nothing failed; there came: ${text}`)
  }

  test('streams text and usage', async () => {
    upstream.script((request) => {
      request.stream([
        start({ input_tokens: 8, cache_read_input_tokens: 3, cache_creation_input_tokens: 0 }),
        { type: 'ping' },
        ...textBlock(0, 'In the ', 'ash 🐿️', ' – 樹.'),
        ...finish('end_turn', 7),
      ])
    })
    const chunks: OpenAI.ChatCompletionChunk[] = []
    const system = { role: 'system' as const, content: 'Be short.' }
    const { data: stream, response } = await client()
      .chat.completions.create({
        model,
        messages: [system, ...messages],
        temperature: 0.5,
        max_completion_tokens: 64,
        stop: ['END'],
        stream: true,
        stream_options: { include_usage: true },
      })
      .withResponse()
    for await (const chunk of stream) chunks.push(chunk)

    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
    const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta))
    expect(deltas[0]?.role).toBe('assistant')
    expect(deltas.map(({ content }) => content ?? '').join('')).toBe('In the ash 🐿️ – 樹.')
    expect(deltas.filter(({ content }) => content)).toHaveLength(3)
    expect(new Set(chunks.map((chunk) => chunk.model))).toEqual(new Set([model]))
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop')
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: {
        prompt_tokens: 11,
        completion_tokens: 7,
        total_tokens: 18,
        prompt_tokens_details: { cached_tokens: 3 },
      },
    })

    const asked = await upstream.request()
    expect(asked.path).toBe('/v1/messages')
    expect(asked.headers).toMatchObject({
      'x-api-key': anthropicKey,
      'anthropic-version': '2023-06-01',
    })
    expect(JSON.stringify(asked.headers)).not.toContain(clientKey)
    expect(asked.body).toMatchObject({
      model,
      stream: true,
      max_tokens: 64,
      temperature: 0.5,
      stop_sequences: ['END'],
      system: [{ type: 'text', text: 'Be short.' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Where is the squirrel?' }] }],
    })
    expect(upstream.requests).toHaveLength(1)
    expect(await asked.closed).toBe('ended')
  })

  test('streams each piece as it comes', async () => {
    upstream.script((request) => {
      request.begin([start(), ...textBlock(0, 'First')])
    })
    const stream = await client().chat.completions.create({ model, messages, stream: true })
    const iterator = stream[Symbol.asyncIterator]()
    const next = async (): Promise<OpenAI.ChatCompletionChunk.Choice | undefined> => {
      const { value } = (await iterator.next()) as { value: OpenAI.ChatCompletionChunk | undefined }
      return value?.choices[0]
    }
    expect((await next())?.delta.content).toBe('First')
    const asked = await upstream.request()
    asked.send(textBlock(1, ', second'))
    expect((await next())?.delta.content).toBe(', second')
    asked.send(finish())
    asked.end()
    expect((await next())?.finish_reason).toBe('stop')
    expect(await next()).toBeUndefined()
  })

  test('shows what the model thinks', async () => {
    upstream.script((request) => {
      request.stream([
        start(),
        ...thinkingBlock(0, 'Ash, ', 'or oak?'),
        ...textBlock(1, 'Ash.'),
        ...finish(),
      ])
    })
    const stream = await client().chat.completions.create({
      model,
      messages,
      stream: true,
      reasoning_effort: 'low',
    })
    let thoughts = ''
    let text = ''
    for await (const { choices } of stream) {
      const delta: { reasoning_content?: string; content?: string | null } = choices[0]?.delta ?? {}
      thoughts += delta.reasoning_content ?? ''
      text += delta.content ?? ''
    }
    expect({ thoughts, text }).toEqual({ thoughts: 'Ash, or oak?', text: 'Ash.' })
    const { body } = await upstream.request()
    expect(body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    })
  })

  test('calls tools side by side, and goes on with their results', async () => {
    upstream.script((request, number) => {
      request.stream(
        number === 0
          ? [
              start(),
              ...textBlock(0, 'Let me see.'),
              ...toolBlock(1, 'toolu_1', 'weather', '', '{"city":', '"Oslo"}'),
              ...toolBlock(2, 'toolu_2', 'weather', '{"city":"Tromsø"}'),
              ...toolBlock(3, 'toolu_3', 'now', ''),
              ...finish('tool_use'),
            ]
          : [start(), ...textBlock(0, 'Cold.'), ...finish()],
      )
    })
    const tools = [weather, { type: 'function' as const, function: { name: 'now' } }]
    const asking = client().chat.completions.stream({ model, messages, tools })
    const first = (await asking.finalChatCompletion()).choices[0]
    expect(first?.finish_reason).toBe('tool_calls')
    expect(first?.message.content).toBe('Let me see.')
    const calls = (first?.message.tool_calls ?? []).filter((call) => call.type === 'function')
    expect(
      calls.map(({ id, function: { name, arguments: text } }) => [
        id,
        name,
        JSON.parse(text) as unknown,
      ]),
    ).toEqual([
      ['toolu_1', 'weather', { city: 'Oslo' }],
      ['toolu_2', 'weather', { city: 'Tromsø' }],
      ['toolu_3', 'now', {}],
    ])

    const { role, content, tool_calls } = first?.message ?? { role: 'assistant', content: null }
    const results = calls.map(({ id }, i) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: `${i} °C`,
    }))
    const answered = { role, content, ...(tool_calls && { tool_calls }) }
    const second = await client()
      .chat.completions.stream({ model, tools, messages: [...messages, answered, ...results] })
      .finalChatCompletion()
    expect(second.choices[0]).toMatchObject({
      finish_reason: 'stop',
      message: { content: 'Cold.' },
    })
    expect(upstream.requests).toHaveLength(2)
    expect(upstream.requests[1]?.body['messages']).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me see.' },
          { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } },
          { type: 'tool_use', id: 'toolu_2', name: 'weather', input: { city: 'Tromsø' } },
          { type: 'tool_use', id: 'toolu_3', name: 'now', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1' },
          { type: 'tool_result', tool_use_id: 'toolu_2' },
          { type: 'tool_result', tool_use_id: 'toolu_3' },
        ],
      },
    ])
    // The results are text, in one of the two forms that Anthropic takes.
    expect(JSON.stringify(upstream.requests[1]?.body).match(/\d °C/g)).toEqual([
      '0 °C',
      '1 °C',
      '2 °C',
    ])
    expect(upstream.requests[1]?.body['tools']).toMatchObject([
      { name: 'weather', input_schema: weather.function.parameters },
      { name: 'now', input_schema: { type: 'object' } },
    ])
  })

  test('answers without a stream', async () => {
    upstream.script((request) => {
      request.stream([
        start(),
        ...thinkingBlock(0, 'Where?'),
        ...textBlock(1, 'In the ', 'ash.'),
        ...toolBlock(2, 'toolu_1', 'weather', '{"city":"Oslo"}'),
        ...finish('tool_use'),
      ])
    })
    const whole = await client().chat.completions.create({ model, messages, tools: [weather] })
    expect(whole).toMatchObject({
      object: 'chat.completion',
      model,
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: 'In the ash.',
            reasoning_content: 'Where?',
            tool_calls: [
              {
                id: 'toolu_1',
                type: 'function',
                function: { name: 'weather', arguments: '{"city":"Oslo"}' },
              },
            ],
          },
        },
      ],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
    })
  })

  test('says that the reply was too long', async () => {
    upstream.script((request) => {
      request.stream([start(), ...textBlock(0, 'In the'), ...finish('max_tokens')])
    })
    const whole = await client().chat.completions.create({ model, messages })
    expect(whole.choices[0]?.finish_reason).toBe('length')
  })

  test.each(['client-key', `${clientKey}0`, 'undefined', anthropicKey])(
    'is refused with a key of its own: %s',
    async (apiKey) => {
      const asking = client(apiKey).chat.completions.create({ model, messages, stream: true })
      const { error } = await failure(asking)
      expect(error).toBeInstanceOf(AuthenticationError)
      expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' })
      expect(upstream.requests).toHaveLength(0)
    },
  )

  test('is refused by a Worker that was given no client key', async () => {
    const open = await runWorker('openai-to-anthropic', {
      ANTHROPIC_API_KEY: anthropicKey,
      ANTHROPIC_BASE_URL: `${upstream.url}/v1`,
    })
    try {
      for (const authorization of ['Bearer undefined', 'Bearer ', 'Bearer', undefined]) {
        const response = await fetch(`${open.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { ...(authorization && { authorization }) },
          body: JSON.stringify({ model, messages }),
        })
        expect(response.status).toBe(401)
      }
      expect(upstream.requests).toHaveLength(0)
    } finally {
      await open.stop()
    }
  })

  test('is told what is wrong with its request', async () => {
    const send = (body: string): Promise<Response> =>
      fetch(`${worker.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${clientKey}` },
        body,
      })
    for (const body of ['', '{', '[]', '{}', JSON.stringify({ model, messages: 'Hello' })]) {
      const response = await send(body)
      expect(response.status).toBe(400)
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
    }
    // Anthropic has none.
    const { error } = await failure(
      client().chat.completions.create({ model, messages, frequency_penalty: 1, stream: true }),
    )
    expect(error).toMatchObject({ status: 400, code: 'unsupported_parameter' })
    expect(upstream.requests).toHaveLength(0)
    upstream.script((request) => {
      request.fail(400, 'invalid_request_error', 'prompt is too long: 250000 tokens > 200000')
    })
    const tooLong = await failure(
      client().chat.completions.create({ model, messages, stream: true }),
    )
    expect(tooLong.error).toMatchObject({ status: 400, code: 'context_length_exceeded' })
    expect((tooLong.error as Error).message).toContain('250000 tokens')

    expect((await fetch(`${worker.url}/v1/models`)).status).toBe(404)
  })

  test('is told to wait where the model has too much to do', async () => {
    upstream.script((request) => {
      // Longer than the gateway waits itself.
      request.fail(429, 'rate_limit_error', 'Slow down', { 'retry-after': '61' })
    })
    const { error } = await failure(
      client().chat.completions.create({ model, messages, stream: true }),
    )
    expect(error).toBeInstanceOf(RateLimitError)
    expect((error as APIError).headers?.get('retry-after')).toBe('61')
    expect(upstream.requests).toHaveLength(1)
    await expect(client().chat.completions.create({ model, messages })).rejects.toBeInstanceOf(
      RateLimitError,
    )
  })

  test('does not notice what the gateway has tried again', async () => {
    upstream.script((request, number) => {
      if (number === 0) request.fail(429, 'rate_limit_error', 'Slow down', { 'retry-after': '0' })
      else request.stream([start(), ...textBlock(0, 'Here.'), ...finish()])
    })
    const whole = await client().chat.completions.create({ model, messages })
    expect(whole.choices[0]?.message.content).toBe('Here.')
    expect(upstream.requests).toHaveLength(2)
  })

  test('fails where an error comes in the middle', async () => {
    upstream.script((request) => {
      request.stream([
        start(),
        ...textBlock(0, 'In the '),
        { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      ])
    })
    const { error, text, finished } = await failure(
      client().chat.completions.create({ model, messages, stream: true }),
    )
    expect({ text, finished }).toEqual({ text: 'In the ', finished: false })
    expect(error).toBeInstanceOf(APIError)
    expect(error).toMatchObject({ code: 'overloaded', type: 'server_error' })
  })

  test.each(['reset', 'end'] as const)('fails where the reply is cut off: %s', async (cut) => {
    upstream.script((request) => {
      request.begin([start(), ...textBlock(0, 'In the ').slice(0, -1)])
    })
    const stream = await client().chat.completions.create({ model, messages, stream: true })
    const chunks = (async function* cutOnceItHasCome() {
      for await (const chunk of stream) {
        yield chunk
        ;(await upstream.request())[cut]()
      }
    })()
    const { error, text, finished } = await failure(Promise.resolve(chunks))
    expect({ text, finished }).toEqual({ text: 'In the ', finished: false })
    expect(error).toBeInstanceOf(APIError)

    const whole = client().chat.completions.create({ model, messages })
    whole.catch(() => {})
    while (upstream.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    upstream.requests[1]?.[cut]()
    await expect(whole).rejects.toMatchObject({ status: 502 })
  })

  test('closes the connection to the model when it goes', async () => {
    upstream.script((request) => {
      request.begin([start(), ...textBlock(0, 'In the ').slice(0, -1)])
      // workerd sees that a connection was closed properly when it writes to it, not before.
      const delta = { type: 'text_delta', text: 'ash, ' }
      const talking = setInterval(() => {
        request.send([{ type: 'content_block_delta', index: 0, delta }])
      }, 10)
      void request.closed.then(() => {
        clearInterval(talking)
      })
    })
    const stopping = await client().chat.completions.create({ model, messages, stream: true })
    for await (const chunk of stopping) {
      expect(chunk.choices[0]?.delta.content).toBe('In the ')
      break
    }
    expect(await (await upstream.request()).closed).toBe('abandoned')

    const controller = new AbortController()
    const aborting = await client().chat.completions.create(
      { model, messages, stream: true },
      { signal: controller.signal },
    )
    for await (const _ of aborting) controller.abort()
    expect(upstream.requests).toHaveLength(2)
    expect(await upstream.requests[1]?.closed).toBe('abandoned')
  })

  // A connection that is reset workerd sees at once.
  test.each([
    [
      'has begun to answer, and is silent',
      true,
      [start(), ...textBlock(0, 'In the ').slice(0, -1)],
    ],
    ['has said nothing yet', true, [start()]],
    ['has said nothing yet, without a stream', false, [start()]],
  ])('closes it while the model %s', async (_name, stream, events) => {
    upstream.script((request) => {
      request.begin(events)
    })
    const asking = httpRequest(`${worker.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${clientKey}` },
    })
    asking.on('error', () => {})
    asking.end(JSON.stringify({ model, messages, stream }))
    const asked = await upstream.request()
    if (events.length > 1) {
      const [response] = (await once(asking, 'response')) as [IncomingMessage]
      await once(response, 'data')
    }
    asking.socket?.resetAndDestroy()
    expect(await asked.closed).toBe('abandoned')
    expect(upstream.requests).toHaveLength(1)
  })

  test('is not told more than it needs when the model cannot be reached', async () => {
    upstream.script((request) => {
      request.fail(401, 'authentication_error', `invalid x-api-key ${anthropicKey}`)
    })
    const { error } = await failure(
      client().chat.completions.create({ model, messages, stream: true }),
    )
    expect(error).not.toBeInstanceOf(APIConnectionError)
    expect(JSON.stringify(error) + String(error)).not.toContain(anthropicKey)
  })
})
