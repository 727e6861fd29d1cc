// Loops of tools whose provider wants something back that the client's protocol has no place for.
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { keyOf, startRelay, type HttpRelay } from '../../test/http-relay.ts'

let relay: HttpRelay
beforeAll(async () => {
  relay = await startRelay()
})
afterEach(() => relay.reset())
afterAll(() => relay.close())

/** Two turns of a client, whose tool says `4 degrees`; resolves with the last text. */
type Loop = (model: string, stream: boolean, caller?: string) => Promise<string>

const parameters = { type: 'object' as const, properties: { city: { type: 'string' } } }

const chat: Loop = async (model, stream, caller = 'ann') => {
  const client = new OpenAI({ apiKey: keyOf('ann'), baseURL: `${relay.url}/v1`, maxRetries: 0 })
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Weather?' }]
  const asked = {
    model,
    messages,
    reasoning_effort: 'low' as const,
    tools: [{ type: 'function' as const, function: { name: 'weather', parameters } }],
  }
  const { choices } = stream
    ? await client.chat.completions.stream(asked).finalChatCompletion()
    : await client.chat.completions.create(asked)
  // As most clients do: the calls, and nothing that the format does not have.
  const tool_calls = (choices[0]?.message.tool_calls ?? []).flatMap((call) =>
    call.type === 'function'
      ? [
          {
            id: call.id,
            type: call.type,
            function: { name: call.function.name, arguments: call.function.arguments },
          },
        ]
      : [],
  )
  messages.push({ role: 'assistant', content: choices[0]?.message.content ?? null, tool_calls })
  for (const { id } of tool_calls) {
    messages.push({ role: 'tool', tool_call_id: id, content: '4 degrees' })
  }
  const other = new OpenAI({ apiKey: keyOf(caller), baseURL: `${relay.url}/v1`, maxRetries: 0 })
  const last = await other.chat.completions.create(asked)
  return last.choices[0]?.message.content ?? ''
}

const responses: Loop = async (model, stream) => {
  const client = new OpenAI({ apiKey: keyOf('ann'), baseURL: `${relay.url}/v1`, maxRetries: 0 })
  const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: 'Weather?' }]
  const asked = {
    model,
    input,
    reasoning: { effort: 'low' as const, summary: 'auto' as const },
    include: ['reasoning.encrypted_content' as const],
    tools: [{ type: 'function' as const, name: 'weather', strict: false, parameters }],
  }
  const { output } = stream
    ? await client.responses.stream(asked).finalResponse()
    : await client.responses.create(asked)
  for (const item of output) {
    if (item.type === 'function_call') {
      const { type, call_id, name, arguments: text } = item
      input.push({ type, call_id, name, arguments: text })
    } else if (item.type === 'reasoning' || item.type === 'message') input.push(item)
  }
  for (const item of output) {
    if (item.type !== 'function_call') continue
    input.push({ type: 'function_call_output', call_id: item.call_id, output: '4 degrees' })
  }
  return (await client.responses.create(asked)).output_text
}

const messages: Loop = async (model, stream) => {
  const client = new Anthropic({ apiKey: keyOf('ann'), baseURL: relay.url, maxRetries: 0 })
  const turns: Anthropic.MessageParam[] = [{ role: 'user', content: 'Weather?' }]
  const asked = {
    model,
    max_tokens: 8000,
    messages: turns,
    thinking: { type: 'enabled' as const, budget_tokens: 2000 },
    tools: [{ name: 'weather', input_schema: parameters }],
  }
  const { content } = stream
    ? await client.messages.stream(asked).finalMessage()
    : await client.messages.create(asked)
  turns.push({ role: 'assistant', content })
  turns.push({
    role: 'user',
    content: content.flatMap((block) =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: '4 degrees' }]
        : [],
    ),
  })
  const last = await client.messages.create(asked)
  return last.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

const sse = (...events: object[]): Response =>
  new Response(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''), {
    headers: { 'content-type': 'text/event-stream' },
  })

const secret = 'RU5DUllQVEVE'

/** Replies of the services that the simulator does not sign for, as they come over the wire. */
const upstreams: {
  readonly [name: string]: { model: string; first: () => Response; back: object }
} = {
  Gemini: {
    model: 'gemini:gemini-3-pro',
    first: () =>
      sse({
        candidates: [
          {
            content: {
              role: 'model',
              parts: [
                {
                  functionCall: { name: 'weather', args: { city: 'Oslo' } },
                  thoughtSignature: secret,
                },
              ],
            },
            finishReason: 'STOP',
          },
        ],
      }),
    back: { thoughtSignature: secret },
  },
  Responses: {
    model: 'openai-responses:gpt-5',
    first() {
      const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: secret }
      const call = {
        type: 'function_call',
        id: 'fc_1',
        call_id: 'call_9',
        name: 'weather',
        arguments: '{ "city":"Oslo"}',
        status: 'completed',
      }
      return sse(
        { type: 'response.created', response: { id: 'resp_1', status: 'in_progress' } },
        { type: 'response.output_item.added', output_index: 0, item: { ...reasoning } },
        { type: 'response.output_item.done', output_index: 0, item: reasoning },
        { type: 'response.output_item.added', output_index: 1, item: { ...call, arguments: '' } },
        { type: 'response.output_item.done', output_index: 1, item: call },
        {
          type: 'response.completed',
          response: { id: 'resp_1', status: 'completed', output: [reasoning, call] },
        },
      )
    },
    back: { type: 'reasoning', encrypted_content: secret },
  },
  OpenRouter: {
    model: 'openrouter:vendor/model',
    first() {
      const details = { type: 'reasoning.encrypted', data: secret, id: 'r', index: 0 }
      const called = { name: 'weather', arguments: '{"city":"Oslo"}' }
      const call = { index: 0, id: 'functions.weather:0', type: 'function', function: called }
      return sse(
        { choices: [{ index: 0, delta: { reasoning_details: [details] } }] },
        { choices: [{ index: 0, delta: { tool_calls: [call] } }] },
        { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      )
    },
    back: { type: 'reasoning.encrypted', data: secret },
  },
}

/** Everything in a body that has all these fields. */
function findAll(value: unknown, like: object): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  const fits = Object.entries(like).every(([name, field]) => Reflect.get(value, name) === field)
  return [...(fits ? [value] : []), ...Object.values(value).flatMap((one) => findAll(one, like))]
}

describe.each([
  ['Chat Completions', chat],
  ['Responses', responses],
  ['Messages', messages],
])('through %s', (_, loop) => {
  test.each([true, false])(
    'Anthropic’s thinking keeps its signature (streamed: %s)',
    async (stream) => {
      relay.simulated = {
        script: ({ messages: sent }) =>
          sent.at(-1)?.role === 'tool'
            ? [{ text: 'Cold.' }]
            : [
                { reasoning: 'Which city? Oslo, 東京.' },
                { text: 'Let me look.' },
                {
                  toolCalls: [
                    { name: 'weather', arguments: { city: 'Oslo' } },
                    { name: 'weather', arguments: { city: '東京' } },
                  ],
                },
              ],
      }
      // A model with a budget: the simulator refuses a loop that goes on without its thinking, or with another.
      expect(await loop('anthropic:claude-sonnet-4-5', stream)).toBe('Cold.')
      const [thinking] = findAll(relay.upstream[1]?.body, { type: 'thinking' })
      expect(thinking).toMatchObject({
        thinking: 'Which city? Oslo, 東京.',
        signature: expect.stringMatching(/./) as unknown,
      })
      expect(relay.upstream[1]?.body).toMatchObject({ thinking: { type: 'enabled' } })
    },
  )

  test.each(Object.keys(upstreams))('what %s wants back gets there', async (name) => {
    const upstream = upstreams[name]
    if (!upstream) throw new Error('There is none.')
    for (const stream of [true, false]) {
      relay.reset()
      relay.answer = () => {
        if (relay.upstream.length === 1) return upstream.first()
        return new Response('{"error":{"message":"Enough."}}', { status: 400 })
      }
      await expect(loop(upstream.model, stream)).rejects.toThrow('Enough.')
      expect(findAll(relay.upstream[0]?.body, upstream.back)).toEqual([])
      expect(findAll(relay.upstream[1]?.body, upstream.back)).toHaveLength(1)
    }
  })
})

test('what belongs to one caller does not go out with the messages of another', async () => {
  relay.answer = () =>
    relay.upstream.length === 1
      ? (upstreams['Gemini']?.first() ?? Response.error())
      : new Response('{"error":{"message":"Enough."}}', { status: 400 })
  await expect(chat('gemini:gemini-3-pro', true, 'bob')).rejects.toThrow('Enough.')
  expect(JSON.stringify(relay.upstream[1]?.body)).not.toContain(secret)
})
