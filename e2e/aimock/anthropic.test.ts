// What only Anthropic's format has: thinking that the next turn must give back.
import { createGateway, toolResult, user, type ChatResponse, type ToolCall } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import { anthropicFormat, bodyOf, failure, formats, key, Mock } from './mock.ts'

const mock = Mock.forEachTest()
const { model } = anthropicFormat
const thoughts = 'Tromsø, or Oslo? 樹'
const weather: ToolCall = { id: 'toolu_a', name: 'weather', arguments: '{"city":"Tromsø"}' }
const options = {
  model,
  maxTokens: 8192,
  reasoning: { maxTokens: 2048 },
  tools: [{ name: 'weather', description: 'The weather', parameters: { type: 'object' } }],
}
const asked = [user('Is it cold?')]

/** The bodies of the requests, as they were sent: aimock keeps only what it has made of them. */
const bodies: { readonly [field: string]: unknown }[] = []

/** A gateway to an aimock that refuses a turn without the thinking that belongs to it. */
function strictly(): ReturnType<typeof createGateway> {
  bodies.length = 0
  const recording = (url: string, init: RequestInit): Promise<Response> => {
    bodies.push(bodyOf(init))
    const headers = new Headers(init.headers)
    headers.set('x-aimock-strict', 'true')
    return fetch(url, { ...init, headers })
  }
  return createGateway({
    providers: [anthropicFormat.provider(mock.llm.url, { fetch: recording })],
  })
}

function answerWithACall(): void {
  mock.llm.on({ hasToolResult: true }, { content: 'Yes.' }).on(
    {},
    {
      content: 'Let me see.',
      reasoning: thoughts,
      reasoningSignature: 'c2lnbmVk',
      redactedThinking: ['cmVkYWN0ZWQx', 'cmVkYWN0ZWQy'],
      toolCalls: [weather],
    },
    { chunkSize: 3 },
  )
}

function goOn(
  gateway: ReturnType<typeof createGateway>,
  message: ChatResponse['message'],
): Promise<ChatResponse> {
  return gateway.chat([...asked, message, toolResult(weather.id, 'It is 4 °C')], options)
}

describe('thinking', () => {
  test('is given back as it came when a tool has answered', async () => {
    answerWithACall()
    const gateway = strictly()
    const first = await gateway.chat(asked, options)
    expect(first).toMatchObject({ reasoning: thoughts, toolCalls: [weather] })
    // A history is kept as JSON.
    const message = JSON.parse(JSON.stringify(first.message)) as ChatResponse['message']
    expect((await goOn(gateway, message)).content).toBe('Yes.')
    expect(bodies[1]).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 2048 },
      messages: [
        { role: 'user' },
        {
          role: 'assistant',
          content: [
            { type: 'redacted_thinking', data: 'cmVkYWN0ZWQx' },
            { type: 'redacted_thinking', data: 'cmVkYWN0ZWQy' },
            { type: 'thinking', thinking: thoughts, signature: 'c2lnbmVk' },
            { type: 'text', text: 'Let me see.' },
            { type: 'tool_use', id: weather.id, name: 'weather', input: { city: 'Tromsø' } },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: weather.id }],
        },
      ],
    })
  })

  test('is not asked for in the middle of a loop that has lost it', async () => {
    answerWithACall()
    const gateway = strictly()
    const { continuation: _, ...message } = (await gateway.chat(asked, options)).message
    expect((await goOn(gateway, message)).content).toBe('Yes.')
    expect(bodies[0]).toMatchObject({ thinking: { type: 'enabled' } })
    expect(bodies[1]).not.toMatchObject({ thinking: { type: 'enabled' } })
    // The server would have missed it.
    const thinking = { type: 'enabled', budget_tokens: 2048 }
    const insisting = gateway.chat([...asked, message, toolResult(weather.id, 'It is 4 °C')], {
      ...options,
      providerOptions: { thinking },
    })
    expect(await failure(insisting)).toMatchObject({ code: 'invalid_request', status: 400 })
  })

  test('is no event where it is redacted', async () => {
    mock.answer({ content: 'Yes.', redactedThinking: ['cmVkYWN0ZWQx'] })
    const response = await (await mock.ask(anthropicFormat)).response()
    expect(response).toMatchObject({ content: 'Yes.', toolCalls: [] })
    expect(response.reasoning).toBeUndefined()
    expect(JSON.stringify(response.message.continuation)).toContain('cmVkYWN0ZWQx')
  })

  test.each(formats.filter(({ wire }) => wire.dialect !== 'anthropic'))(
    'does not go to $name',
    async (format) => {
      answerWithACall()
      const first = await strictly().chat(asked, options)
      const sent: string[] = []
      const other = format.provider(mock.llm.url, {
        fetch: (url, init) => {
          sent.push(JSON.stringify(bodyOf(init)))
          return fetch(url, init)
        },
      })
      const response = await createGateway({ providers: [other] }).chat(
        [...asked, first.message, toolResult(weather.id, 'It is 4 °C')],
        { model: format.model, tools: options.tools },
      )
      expect(response.content).toBe('Yes.')
      expect(sent.join('')).not.toMatch(/c2lnbmVk|cmVkYWN0ZWQ/)
      expect(sent.join('')).toContain('Let me see.')
    },
  )
})

test('a request names the version, and comes from pages too', async () => {
  mock.answer({ content: 'Yes.' })
  await (await mock.ask(anthropicFormat)).response()
  expect(mock.llm.getLastRequest()?.headers).toMatchObject({
    'anthropic-version': '2023-06-01',
    'anthropic-dangerous-direct-browser-access': 'true',
  })
  expect(JSON.stringify(mock.lastBody)).not.toContain(key)
})

test('the usage is what the start and the end of the message count', async () => {
  mock.answer({ content: 'Yes.', usage: { input_tokens: 5, output_tokens: 3 } })
  const { usage } = await (await mock.ask(anthropicFormat)).response()
  expect(usage).toEqual({ promptTokens: 5, completionTokens: 3, totalTokens: 8 })
})
