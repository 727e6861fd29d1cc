// The official client of OpenAI's, unmodified, over real HTTP: both of its protocols, in front of every dialect.
import type { Script } from '@ratatoskr/testkit'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answer, called, calls, schema } from '../../test/scripts.ts'
import { dialects, keyOf, startRelay, until, type HttpRelay } from '../../test/http-relay.ts'

let relay: HttpRelay
let client: OpenAI
beforeAll(async () => {
  relay = await startRelay()
  client = new OpenAI({ apiKey: keyOf('ann'), baseURL: `${relay.url}/v1`, maxRetries: 0 })
})
afterEach(() => relay.reset())
afterAll(() => relay.close())

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
/** Says something, then nothing for longer than any test. */
const endless: Script = [{ text: 'one ' }, { wait: 3_600_000 }, { text: 'two' }]

const failureOf = async (
  asking: Promise<unknown>,
): Promise<InstanceType<typeof OpenAI.APIError>> => {
  const error: unknown = await asking.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  if (error instanceof OpenAI.APIError) return error
  throw new Error('The request has not failed.', { cause: error })
}

describe.each(dialects)('Chat Completions in front of %s', (dialect) => {
  const model = `${dialect}:m`
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  const tools = ['weather', 'clock'].map((name) => ({
    type: 'function' as const,
    function: { name, ...(name === 'weather' && { parameters }) },
  }))

  test('text and usage, streamed and whole', async () => {
    relay.simulated = { script: answer, split: { seed: 3 } }
    const whole = await client.chat.completions.create({ model, messages })
    expect(whole).toMatchObject({
      model,
      choices: [
        { message: { content: 'Łódź is sunny 🌞.', role: 'assistant' }, finish_reason: 'stop' },
      ],
      usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
    })
    expect(whole).toHaveProperty('_request_id', expect.stringMatching(/^req_/))
    const stream = client.chat.completions.stream({
      model,
      messages,
      stream_options: { include_usage: true },
    })
    const streamed = await stream.finalChatCompletion()
    expect(streamed.choices[0]?.message.content).toBe('Łódź is sunny 🌞.')
    expect(streamed.usage).toEqual(whole.usage)
    // Usage that was not asked for is not sent.
    const plain = await client.chat.completions.create({ model, messages, stream: true })
    for await (const chunk of plain) expect(chunk.usage ?? undefined).toBeUndefined()
  })

  test('tools in parallel, and their results', async () => {
    relay.simulated = {
      script: ({ messages: sent }) =>
        sent.at(-1)?.role === 'tool' ? [{ text: JSON.stringify(sent.slice(-3)) }] : calls,
    }
    const streamed = await client.chat.completions
      .stream({ model, messages, tools })
      .finalChatCompletion()
    const whole = await client.chat.completions.create({ model, messages, tools })
    for (const { choices } of [streamed, whole]) {
      const [{ message, finish_reason } = {}] = choices
      expect(finish_reason).toBe('tool_calls')
      const made = (message?.tool_calls ?? []).map((call) =>
        call.type === 'function'
          ? [call.function.name, JSON.parse(call.function.arguments) as unknown]
          : [],
      )
      expect(made).toEqual(called)
      expect(new Set(message?.tool_calls?.map(({ id }) => id)).size).toBe(3)
      if (!message) throw new Error('There is no message.')
      const results = (message.tool_calls ?? []).map(({ id }, i) => ({
        role: 'tool' as const,
        tool_call_id: id,
        content: `result ${i}`,
      }))
      const next = await client.chat.completions.create({
        model,
        tools,
        messages: [...messages, message, ...results],
      })
      expect(next.choices[0]?.message.content).toMatch(/result 0.*result 1.*result 2/)
    }
  })

  test('reasoning, as the hosts write it that have some', async () => {
    relay.simulated = { script: [{ reasoning: 'Let me see. ' }, { text: 'Yes.' }] }
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    let [reasoning, content] = ['', '']
    for await (const { choices } of stream) {
      const delta = choices[0]?.delta as
        | { reasoning_content?: string; content?: string }
        | undefined
      reasoning += delta?.reasoning_content ?? ''
      content += delta?.content ?? ''
    }
    expect([reasoning, content]).toEqual(['Let me see. ', 'Yes.'])
  })

  test('JSON by a schema', async () => {
    const { choices } = await client.chat.completions.parse({
      model,
      messages,
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'reply', schema, strict: true },
      },
    })
    expect(choices[0]?.message.parsed).toEqual({ answer: expect.any(Number) as unknown })
  })

  test.each([
    [429, OpenAI.RateLimitError, 429],
    [400, OpenAI.BadRequestError, 400],
    [503, OpenAI.InternalServerError, 503],
    // It is the relay's key that is refused, which is none of the client's business.
    [401, OpenAI.InternalServerError, 502],
  ])('the provider’s status %i', async (status, kind, told) => {
    relay.simulated = { faults: [{ kind: 'status', status, retryAfter: 7 }] }
    for (const stream of [true, false]) {
      const error = await failureOf(client.chat.completions.create({ model, messages, stream }))
      expect(error).toBeInstanceOf(kind)
      expect(error.status).toBe(told)
      expect(error.requestID).toMatch(/^req_/)
      expect(error.error).toMatchObject({ message: expect.any(String) as unknown })
      if (status === 429) expect(error.headers?.get('retry-after')).toBe('7')
    }
    expect(relay.upstream).toHaveLength(2)
  })

  test('a failure in the stream, after what came before it', async () => {
    relay.simulated = {
      script: [{ text: 'Well' }, { fault: { kind: 'error', code: 'overloaded' } }],
    }
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    let content = ''
    const reading = (async () => {
      for await (const { choices } of stream) content += choices[0]?.delta.content ?? ''
    })()
    expect(await failureOf(reading)).toMatchObject({ code: 'overloaded' })
    expect(content).toBe('Well')
  })

  test('an abort closes the provider’s connection, while the model is silent', async () => {
    relay.simulated = { script: endless }
    const stream = await client.chat.completions.create({ model, messages, stream: true })
    for await (const { choices } of stream) if (choices[0]?.delta.content) break
    await until(() => relay.upstream[0]?.isClosed === true)
    await until(() => relay.entries[0]?.ended === 'detached')
    // The same for a reply that is not streamed, and one that has no event yet.
    for (const request of [{ stream: false }, { stream: true }] as const) {
      relay.reset()
      relay.simulated = { script: [{ wait: 3_600_000 }] }
      const controller = new AbortController()
      const asking = client.chat.completions.create(
        { model, messages, ...request },
        { signal: controller.signal },
      )
      const failed = expect(
        asking.then(async (reply) => {
          if (Symbol.asyncIterator in reply) for await (const _ of reply);
        }),
      ).resolves.toBeUndefined()
      const outcome = Promise.race([failed.catch(() => {}), asking.catch(() => {})])
      await until(() => relay.upstream.length === 1)
      controller.abort()
      await outcome
      await until(() => relay.upstream[0]?.isClosed === true)
    }
  })
})

describe.each(dialects)('Responses in front of %s', (dialect) => {
  const model = `${dialect}:m`
  const tools = ['weather', 'clock'].map((name) => ({
    type: 'function' as const,
    name,
    strict: false,
    parameters: name === 'weather' ? parameters : { type: 'object', properties: {} },
  }))

  test('text and usage, streamed and whole', async () => {
    relay.simulated = { script: answer, split: { seed: 5 } }
    const whole = await client.responses.create({ model, input: 'Hello' })
    expect(whole).toMatchObject({
      model,
      status: 'completed',
      output_text: 'Łódź is sunny 🌞.',
      usage: { input_tokens: 7, output_tokens: 5, total_tokens: 12 },
    })
    const streamed = await client.responses.stream({ model, input: 'Hello' }).finalResponse()
    expect(streamed).toMatchObject({ output_text: whole.output_text, usage: whole.usage })
  })

  test('tools in parallel, and their results', async () => {
    relay.simulated = {
      script: ({ messages }) =>
        messages.at(-1)?.role === 'tool' ? [{ text: JSON.stringify(messages.slice(-3)) }] : calls,
    }
    const streamed = await client.responses.stream({ model, input: 'Hello', tools }).finalResponse()
    const whole = await client.responses.create({ model, input: 'Hello', tools })
    for (const { output } of [streamed, whole]) {
      const made = output.flatMap((item) => (item.type === 'function_call' ? [item] : []))
      expect(made.map((item) => [item.name, JSON.parse(item.arguments) as unknown])).toEqual(called)
      const results = made.map(({ call_id }, i) => ({
        type: 'function_call_output' as const,
        call_id,
        output: `result ${i}`,
      }))
      const plain = made.map(({ call_id, name, arguments: text }) => ({
        type: 'function_call' as const,
        call_id,
        name,
        arguments: text,
      }))
      for (const turn of [made, plain]) {
        const input = [{ role: 'user' as const, content: 'Hello' }, ...turn, ...results]
        const next = await client.responses.create({ model, tools, input })
        expect(next.output_text).toMatch(/result 0.*result 1.*result 2/)
      }
    }
  })

  test('reasoning as a summary, given back', async () => {
    relay.simulated = { script: [{ reasoning: 'Let me see. ' }, { text: 'Yes.' }] }
    // Of Amazon's models, those of Anthropic take a wish for reasoning.
    const name = dialect === 'bedrock' ? 'bedrock:anthropic.claude-3-7-sonnet-20250219-v1:0' : model
    const asked = { model: name, reasoning: { summary: 'auto' as const } }
    const first = await client.responses.stream({ ...asked, input: 'Hello' }).finalResponse()
    const [item] = first.output
    expect(item).toMatchObject({ type: 'reasoning', summary: [{ text: 'Let me see. ' }] })
    // The relay's own item means nothing to a provider, and must not get there.
    const again = { role: 'user' as const, content: 'Again' }
    const said = first.output.flatMap((one) =>
      one.type === 'reasoning' || one.type === 'message' ? [one] : [],
    )
    expect(said).toHaveLength(2)
    await client.responses.create({ ...asked, input: [...said, again] })
    expect(JSON.stringify(relay.upstream.at(-1)?.body)).not.toContain('rs_')
  })

  test('JSON by a schema', async () => {
    const { output_parsed } = await client.responses.parse({
      model,
      input: 'Hello',
      text: { format: { type: 'json_schema', name: 'reply', schema, strict: true } },
    })
    expect(output_parsed).toEqual({ answer: expect.any(Number) as unknown })
  })

  test('failures before the stream and in it', async () => {
    relay.simulated = { faults: [{ kind: 'status', status: 429 }] }
    const refused = await failureOf(client.responses.create({ model, input: 'Hello' }))
    expect(refused).toBeInstanceOf(OpenAI.RateLimitError)
    relay.simulated = {
      script: [{ text: 'Well' }, { fault: { kind: 'error', code: 'overloaded' } }],
    }
    const stream = await client.responses.create({ model, input: 'Hello', stream: true })
    const types: string[] = []
    for await (const { type } of stream) types.push(type)
    expect(types).toContain('response.output_text.delta')
    expect(types.at(-1)).toBe('response.failed')
  })

  test('an abort closes the provider’s connection', async () => {
    relay.simulated = { script: endless }
    const stream = await client.responses.create({ model, input: 'Hello', stream: true })
    for await (const { type } of stream) if (type === 'response.output_text.delta') break
    await until(() => relay.upstream[0]?.isClosed === true)
  })
})
