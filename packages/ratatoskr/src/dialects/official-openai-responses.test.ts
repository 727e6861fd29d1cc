import * as fc from 'fast-check'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chatEvents } from '../../test/chat-events.ts'
import { scripts } from '../../test/official-scripts.ts'
import { failure, OfficialServer, play } from '../../test/official-server.ts'
import { collect } from '../collect.ts'
import { RatatoskrError } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import type { ToolCall } from '../message.ts'
import * as openaiResponses from './openai-responses/index.ts'

const server = new OfficialServer(openaiResponses)
let client: OpenAI
beforeAll(async () => {
  await server.start()
  client = new OpenAI({ apiKey: 'key', baseURL: `${server.url}/v1`, maxRetries: 0 })
})
afterAll(() => server.stop())

const hello = { model: 'squirrel-4', input: 'Hello' }

/** What a client holds in the end, in words that are neither the client's nor the wire's. */
interface Result {
  content: string
  refusal: string
  reasoning: string
  calls: ToolCall[]
  total: number | undefined
  status: string | undefined
}

function readCall(item: OpenAI.Responses.ResponseOutputItem): ToolCall[] {
  if (item.type === 'custom_tool_call') {
    return [{ id: item.call_id, name: item.name, arguments: item.input, kind: 'custom' }]
  }
  if (item.type !== 'function_call' || item.status !== 'completed') return []
  return [{ id: item.call_id, name: item.name, arguments: item.arguments }]
}

function readResponse({ output, usage, status }: OpenAI.Responses.Response): Result {
  const parts = output.flatMap((item) => (item.type === 'message' ? item.content : []))
  return {
    content: parts.map((part) => (part.type === 'output_text' ? part.text : '')).join(''),
    refusal: parts.map((part) => (part.type === 'refusal' ? part.refusal : '')).join(''),
    reasoning: output
      .flatMap((item) => (item.type === 'reasoning' ? item.summary : []))
      .map(({ text }) => text)
      .join(''),
    calls: output.flatMap(readCall),
    total: usage?.total_tokens,
    status,
  }
}

/** Reads a reply in each way that the client has, and holds each to what we collect. */
async function readAll(reply: readonly ChatEvent[]): Promise<void> {
  server.play(() => play(reply))
  const response = await collect(reply)
  const isCut = !/^(stop|tool_calls)$/.test(response.finishReason)
  const cut = new Set(response.incompleteToolCalls?.map(({ id }) => id))
  const want: Result = {
    content: response.content,
    refusal: response.refusal ?? '',
    reasoning: response.reasoning ?? '',
    calls: response.toolCalls,
    total: response.usage?.totalTokens,
    status: isCut ? 'incomplete' : 'completed',
  }
  const withoutCut = (result: Result): Result => ({
    ...result,
    calls: result.calls.filter(({ id }) => !cut.has(id)),
  })

  let text = ''
  let sequence = 0
  let final: OpenAI.Responses.Response | undefined
  for await (const event of await client.responses.create({ ...hello, stream: true })) {
    expect(event.sequence_number).toBe(sequence++)
    if (event.type === 'response.output_text.delta') text += event.delta
    if (event.type === 'response.completed' || event.type === 'response.incomplete') {
      final = event.response
    }
  }
  expect(text).toBe(response.content)
  if (!final) throw new Error('The stream has no end')
  expect(withoutCut(readResponse(final))).toEqual(want)

  const whole = await client.responses.create(hello)
  expect(readResponse(whole)).toEqual(want)
  expect(whole.output_text).toBe(response.content)
}

describe('what the client reads is what we collect', () => {
  test.each(Object.keys(scripts))('%s', (name) => readAll(scripts[name] ?? []))

  test('any sequence of events', async () => {
    const any = chatEvents({ custom: true })
    await fc.assert(fc.asyncProperty(any, readAll), { numRuns: 60 })
  })

  test('the helper that puts a stream together', async () => {
    for (const name of ['text', 'parallel calls, one after the other', 'refusal']) {
      const reply = scripts[name] ?? []
      server.play(() => play(reply))
      const response = await collect(reply)
      const stream = client.responses.stream(hello)
      const { content, calls, refusal } = readResponse(await stream.finalResponse())
      expect([content, calls, refusal]).toEqual([
        response.content,
        response.toolCalls,
        response.refusal ?? '',
      ])
    }
  })
})

test('a loop of tools: what the client gives back is what the model made', async () => {
  const tools: OpenAI.Responses.Tool[] = ['weather', 'get_time'].map((name) => ({
    type: 'function',
    name,
    strict: false,
    parameters: { type: 'object', properties: {} },
  }))
  server.play((_, turn) =>
    play(scripts[turn === 0 ? 'parallel calls, one after the other' : 'text'] ?? []),
  )
  const first = await client.responses.create({ ...hello, tools })
  const results = first.output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ type: 'function_call_output' as const, call_id: item.call_id, output: 'done' }]
      : [],
  )
  // As the documentation has it; the types of what comes out and what goes in differ.
  const output = first.output as OpenAI.Responses.ResponseInputItem[]
  const input = [{ role: 'user' as const, content: 'Hello' }, ...output, ...results]
  await client.responses.create({ model: hello.model, tools, input })
  expect(server.decoded[1]?.messages).toEqual([
    { role: 'user', content: 'Hello' },
    {
      role: 'assistant',
      content: 'Let me see.',
      toolCalls: [
        { id: 'call_a', name: 'weather', arguments: '{"city":"Łódź 🏙️"}' },
        {
          id: 'call_b',
          name: 'get_time',
          arguments: '{"zone":{"name":"Asia/東京","at":[1,2.5,null]}}',
        },
      ],
    },
    { role: 'tool', toolCallId: 'call_a', content: 'done' },
    { role: 'tool', toolCallId: 'call_b', content: 'done' },
  ])
  expect(server.decoded[1]?.options.tools?.map(({ name }) => name)).toEqual(['weather', 'get_time'])
})

describe('errors', () => {
  test('before the reply are the client’s own classes', async () => {
    server.play(() => {
      throw new RatatoskrError('rate_limited', 'Wait.', { status: 429 })
    })
    expect(await failure(() => client.responses.create(hello))).toBeInstanceOf(
      OpenAI.RateLimitError,
    )
  })

  test('inside the stream end it as failed', async () => {
    const error = new RatatoskrError('overloaded', 'No room.')
    server.play(() => play([{ type: 'content', text: 'Hi' }], { error }))
    const types: string[] = []
    let failed: unknown
    for await (const event of await client.responses.create({ ...hello, stream: true })) {
      types.push(event.type)
      if (event.type === 'response.failed') failed = event.response.error
    }
    expect(types.at(-1)).toBe('response.failed')
    expect(types).not.toContain('response.completed')
    expect(failed).toMatchObject({ code: 'overloaded' })
  })
})
