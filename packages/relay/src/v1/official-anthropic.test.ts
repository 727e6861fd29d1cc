// The official client of Anthropic's, unmodified, over real HTTP, in front of every dialect.
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { answer, called, calls, schema } from '../../test/scripts.ts'
import { dialects, keyOf, startRelay, until, type HttpRelay } from '../../test/http-relay.ts'

let relay: HttpRelay
let client: Anthropic
beforeAll(async () => {
  relay = await startRelay()
  client = new Anthropic({ apiKey: keyOf('ann'), baseURL: relay.url, maxRetries: 0 })
})
afterEach(() => relay.reset())
afterAll(() => relay.close())

const tools = ['weather', 'clock'].map((name) => ({
  name,
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } },
}))

const failureOf = async (
  asking: Promise<unknown>,
): Promise<InstanceType<typeof Anthropic.APIError>> => {
  const error: unknown = await asking.then(
    () => undefined,
    (failure: unknown) => failure,
  )
  if (error instanceof Anthropic.APIError) return error
  throw new Error('The request has not failed.', { cause: error })
}

describe.each(dialects)('Messages in front of %s', (dialect) => {
  const asked = {
    model: `${dialect}:m`,
    max_tokens: 1000,
    messages: [{ role: 'user' as const, content: 'Hello' }],
  }

  test('text and usage, streamed and whole', async () => {
    relay.simulated = { script: answer, split: { seed: 3 } }
    const whole = await client.messages.create(asked)
    expect(whole).toMatchObject({
      type: 'message',
      role: 'assistant',
      model: asked.model,
      content: [{ type: 'text', text: 'Łódź is sunny 🌞.' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 7, output_tokens: 5 },
    })
    expect(whole).toHaveProperty('_request_id', expect.stringMatching(/^req_/))
    const streamed = await client.messages.stream(asked).finalMessage()
    expect(streamed).toMatchObject({ content: whole.content, stop_reason: 'end_turn' })
    expect(streamed.usage).toMatchObject({ input_tokens: 7, output_tokens: 5 })
  })

  test('tools in parallel, and their results', async () => {
    relay.simulated = {
      script: ({ messages }) =>
        messages.at(-1)?.role === 'tool' ? [{ text: JSON.stringify(messages.slice(-3)) }] : calls,
    }
    const streamed = await client.messages.stream({ ...asked, tools }).finalMessage()
    const whole = await client.messages.create({ ...asked, tools })
    for (const { content, stop_reason } of [streamed, whole]) {
      expect(stop_reason).toBe('tool_use')
      const made = content.flatMap((block) => (block.type === 'tool_use' ? [block] : []))
      expect(made.map(({ name, input }) => [name, input])).toEqual(called)
      const results = made.map(({ id }, i) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: `result ${i}`,
      }))
      const next = await client.messages.create({
        ...asked,
        tools,
        messages: [
          ...asked.messages,
          { role: 'assistant', content },
          { role: 'user', content: results },
        ],
      })
      const [block] = next.content
      expect(block?.type === 'text' && block.text).toMatch(/result 0.*result 1.*result 2/)
    }
  })

  test('thinking', async () => {
    relay.simulated = { script: [{ reasoning: 'Let me see. ' }, { text: 'Yes.' }] }
    const streamed = await client.messages.stream(asked).finalMessage()
    const whole = await client.messages.create(asked)
    for (const { content } of [streamed, whole]) {
      expect(content).toMatchObject([
        { type: 'thinking', thinking: 'Let me see. ' },
        { type: 'text', text: 'Yes.' },
      ])
      const [block] = content
      const isSigned = block?.type === 'thinking' && block.signature !== ''
      expect(isSigned).toBe(dialect === 'anthropic')
      // Given back, signed by the provider or by nobody, it is in nobody's way.
      const next = await client.messages.create({
        ...asked,
        messages: [
          ...asked.messages,
          { role: 'assistant', content },
          { role: 'user', content: 'Again' },
        ],
      })
      expect(next.stop_reason).toBe('end_turn')
    }
  })

  test('JSON by a schema', async () => {
    const { content } = await client.messages.create({
      ...asked,
      output_config: { format: { type: 'json_schema', schema } },
    })
    const [block] = content
    const text = block?.type === 'text' ? block.text : ''
    expect(JSON.parse(text)).toEqual({ answer: expect.any(Number) as unknown })
  })

  test.each([
    [429, Anthropic.RateLimitError, 429, 'rate_limit_error'],
    [400, Anthropic.BadRequestError, 400, 'invalid_request_error'],
    [529, Anthropic.InternalServerError, 529, 'overloaded_error'],
    [401, Anthropic.InternalServerError, 502, 'api_error'],
  ])('the provider’s status %i', async (status, kind, told, type) => {
    relay.simulated = { faults: [{ kind: 'status', status, retryAfter: 7 }] }
    for (const stream of [true, false]) {
      const error = await failureOf(client.messages.create({ ...asked, stream }))
      expect(error).toBeInstanceOf(kind)
      expect(error.status).toBe(told)
      expect(error.requestID).toMatch(/^req_/)
      expect(error.error).toMatchObject({ type: 'error', error: { type } })
    }
    expect(relay.upstream).toHaveLength(2)
  })

  test('a failure in the stream, after what came before it', async () => {
    relay.simulated = {
      script: [{ text: 'Well' }, { fault: { kind: 'error', code: 'overloaded' } }],
    }
    let text = ''
    const stream = client.messages.stream(asked).on('text', (piece) => {
      text += piece
    })
    expect((await failureOf(stream.finalMessage())).error).toMatchObject({
      error: { type: 'overloaded_error' },
    })
    expect(text).toBe('Well')
  })

  test('an abort closes the provider’s connection', async () => {
    relay.simulated = { script: [{ text: 'one ' }, { wait: 3_600_000 }] }
    const stream = await client.messages.create({ ...asked, stream: true })
    for await (const { type } of stream) if (type === 'content_block_delta') break
    await until(() => relay.upstream[0]?.isClosed === true)
    await until(() => relay.entries[0]?.ended === 'detached')
  })
})

describe('Messages', () => {
  const messages = [{ role: 'user' as const, content: 'Hello' }]

  test('lists models, and finds one', async () => {
    relay.simulated = { models: ['claude-a'] }
    const ids: string[] = []
    for await (const { id } of client.models.list()) ids.push(id)
    expect(ids).toContain('anthropic:claude-a')
    expect(await client.models.retrieve('anthropic:claude-a')).toMatchObject({ type: 'model' })
    expect(await failureOf(client.models.retrieve('anthropic:else'))).toMatchObject({
      status: 404,
      error: { error: { type: 'not_found_error' } },
    })
  })

  test('counts no tokens, which only a provider could', async () => {
    const counting = client.messages.countTokens({ model: 'anthropic:m', messages })
    expect(await failureOf(counting)).toMatchObject({
      status: 404,
      error: {
        type: 'error',
        error: { type: 'not_found_error' },
        request_id: expect.any(String) as unknown,
      },
    })
    expect(relay.upstream).toEqual([])
  })

  test('refuses whoever it does not know', async () => {
    const stranger = new Anthropic({ apiKey: 'nobody', baseURL: relay.url, maxRetries: 0 })
    const asking = stranger.messages.create({ model: 'anthropic:m', max_tokens: 10, messages })
    const error = await failureOf(asking)
    expect(error).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(error.error).toMatchObject({ error: { type: 'authentication_error' } })
    expect(relay.upstream).toEqual([])
  })
})
