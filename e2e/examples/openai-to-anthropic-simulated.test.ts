// The Worker of examples/openai-to-anthropic before the testkit's simulator, which refuses what Anthropic would refuse.
import { scriptNames, simulator } from '@ratatoskr/testkit'
import { serve, type Served } from '@ratatoskr/testkit/node'
import OpenAI from 'openai'
import { createGateway, user } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lacksWorkerd, runWorker, type RunningWorker } from './run-worker.ts'

describe.skipIf(await lacksWorkerd())('an OpenAI client of the simulated Anthropic', () => {
  const key = 'sk-ant-simulated'
  const question = 'Which tree is it?'
  let upstream: Served
  let worker: RunningWorker
  let client: OpenAI

  beforeAll(async () => {
    upstream = await serve(
      simulator({ keys: [key], split: { seed: 1, max: 500 }, pace: { perDelta: 7 } }),
    )
    const bindings = {
      CLIENT_KEY: 'client-key',
      ANTHROPIC_API_KEY: key,
      ANTHROPIC_BASE_URL: `${upstream.url}/v1`,
    }
    worker = await runWorker('openai-to-anthropic', bindings)
    client = new OpenAI({ apiKey: 'client-key', baseURL: `${worker.url}/v1`, maxRetries: 0 })
  })
  afterAll(async () => {
    await worker?.stop()
    await upstream?.close()
  })

  /** What the library itself makes of the same reply. */
  function ask(model: string): ReturnType<ReturnType<typeof createGateway>['chat']> {
    const provider = anthropic({ apiKey: key, baseURL: `${upstream.url}/v1` })
    return createGateway({ providers: [provider] }).chat([user(question)], { model })
  }

  test.each(scriptNames)('reads what a gateway reads: %s', async (model) => {
    const known = await ask(model)
    const { content, finishReason, toolCalls, incompleteToolCalls = [], usage } = known
    const counts = {
      prompt_tokens: usage?.promptTokens,
      completion_tokens: usage?.completionTokens,
      total_tokens: usage?.totalTokens,
    }
    const request = { model, messages: [{ role: 'user' as const, content: question }] }

    const stream = client.chat.completions.stream({
      ...request,
      stream_options: { include_usage: true },
    })
    let reasoning = ''
    stream.on('chunk', ({ choices }) => {
      const delta: OpenAI.ChatCompletionChunk.Choice.Delta & { reasoning_content?: string } =
        choices[0]?.delta ?? {}
      reasoning += delta.reasoning_content ?? ''
    })
    const streamed = await stream.finalChatCompletion()
    expect(streamed.usage).toMatchObject(counts)
    expect(reasoning).toBe(known.reasoning ?? '')

    const whole = await client.chat.completions.create(request)
    expect(whole.usage).toMatchObject(counts)
    for (const { choices } of [streamed, whole]) {
      const { message, finish_reason } = choices[0] ?? {}
      expect(finish_reason).toBe(finishReason)
      expect(message?.content ?? '').toBe(content)
      expect(message?.refusal ?? '').toBe(known.refusal ?? '')
      const calls =
        choices === streamed.choices ? [...toolCalls, ...incompleteToolCalls] : toolCalls
      expect((message?.tool_calls ?? []).map(read)).toEqual(calls)
    }
  })

  // The second thinks with a budget, and refuses a turn that lacks its thoughts.
  test.each(['claude-sonnet-5', 'claude-sonnet-4-5'])(
    'goes on where tools have answered: %s',
    async (model) => {
      const tools = ['weather', 'time'].map((name) => ({
        type: 'function' as const,
        function: {
          name,
          description: `Tells the ${name}`,
          parameters: {
            type: 'object',
            properties: { city: { type: 'string' } },
            required: ['city'],
          },
        },
      }))
      const messages: OpenAI.ChatCompletionMessageParam[] = [
        { role: 'system', content: 'Use your tools.' },
        { role: 'user', content: 'What are the weather and the time in Oslo?' },
      ]
      const request = { model, tools, reasoning_effort: 'low' as const }
      const first = await client.chat.completions
        .stream({ ...request, messages })
        .finalChatCompletion()
      const calls = first.choices[0]?.message.tool_calls ?? []
      expect(calls.map((call) => read(call).name)).toEqual(['weather', 'time'])
      messages.push(
        {
          role: 'assistant',
          content: first.choices[0]?.message.content ?? null,
          tool_calls: calls,
        },
        ...calls.map(({ id }, i) => ({
          role: 'tool' as const,
          tool_call_id: id,
          content: ['4 °C', 'noon'][i] ?? '',
        })),
      )
      const second = await client.chat.completions.create({ ...request, messages })
      expect(second.choices[0]?.finish_reason).toBe('stop')
      expect(second.choices[0]?.message.content).toContain('4 °C; noon')
    },
  )

  test('is told of a model that there is not', async () => {
    const asking = client.chat.completions.create({
      model: 'unknown-model',
      messages: [{ role: 'user', content: question }],
    })
    await expect(asking).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  })

  function read(call: OpenAI.ChatCompletionMessageToolCall): {
    id: string
    name: string
    arguments: string
  } {
    if (call.type !== 'function') throw new Error('It calls a custom tool')
    return { id: call.id, ...call.function }
  }
})
