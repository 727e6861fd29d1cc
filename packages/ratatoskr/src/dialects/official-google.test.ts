import { ApiError, GoogleGenAI, type GenerateContentResponse } from '@google/genai'
import * as fc from 'fast-check'
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chatEvents } from '../../test/chat-events.ts'
import { scripts } from '../../test/official-scripts.ts'
import { failure, play, type Model } from '../../test/official-server.ts'
import { collect } from '../collect.ts'
import { RatatoskrError } from '../errors.ts'
import type { ChatEvent } from '../event.ts'
import { ChatEventEncoderStream, SseEncoderStream } from '../streams/index.ts'
import type { DecodedRequest } from './decoded-request.ts'
import * as gemini from './gemini/index.ts'

let model: Model = () => play([])
const decoded: DecodedRequest[] = []

/** The handler that a worker would have: model and streaming stand in the address. */
async function answer(url: string, text: string): Promise<Response> {
  try {
    const [, name = '', method] = /\/models\/([^:]+):(\w+)/.exec(decodeURIComponent(url)) ?? []
    const stream = method === 'streamGenerateContent'
    const request = gemini.decodeRequest(JSON.parse(text), { model: name, stream })
    const events = model(request, decoded.push(request) - 1)
    if (!stream) return Response.json(gemini.encodeResponse(await collect(events), request.reply))
    const body = events
      .pipeThrough(new ChatEventEncoderStream(gemini.encodeReply(request.reply)))
      .pipeThrough(new SseEncoderStream())
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  } catch (error) {
    const { status, headers, body } = gemini.encodeError(error)
    return Response.json(body, { status, headers })
  }
}

const server = createServer((request, response) => {
  void (async () => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const { status, headers, body } = await answer(
      request.url ?? '',
      Buffer.concat(pieces).toString(),
    )
    response.writeHead(status, Object.fromEntries(headers))
    const reader = body?.getReader()
    for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
      response.write(step.value)
    }
    response.end()
  })().catch(() => response.destroy())
})
let client: GoogleGenAI
beforeAll(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  client = new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: `http://127.0.0.1:${port}` } })
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const hello = { model: 'squirrel-5', contents: 'Hello' }

interface Result {
  content: string
  reasoning: string
  calls: { name?: string; args?: unknown }[]
  total: number | undefined
}

function read(chunks: readonly GenerateContentResponse[]): Result {
  const parts = chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
  return {
    content: parts.map(({ text, thought }) => (thought ? '' : (text ?? ''))).join(''),
    reasoning: parts.map(({ text, thought }) => (thought ? (text ?? '') : '')).join(''),
    calls: parts.flatMap(({ functionCall: call }) =>
      call ? [{ name: call.name ?? '', args: call.args }] : [],
    ),
    total: chunks.at(-1)?.usageMetadata?.totalTokenCount,
  }
}

/** Reads a reply in each way that the client has, and holds each to what we collect. */
async function readAll(reply: readonly ChatEvent[]): Promise<void> {
  model = () => play(reply)
  const response = await collect(reply)
  const want: Result = {
    content: response.content,
    reasoning: response.reasoning ?? '',
    calls: response.toolCalls
      .filter(({ kind }) => kind !== 'custom')
      .map(({ name, arguments: text }) => ({ name, args: JSON.parse(text) as unknown })),
    total: response.usage?.totalTokens,
  }
  // A refusal has no place of its own: where it stood in a stream, and behind the text of the whole.
  const said = reply
    .map((event) => (event.type === 'content' || event.type === 'refusal' ? event.text : ''))
    .join('')
  const chunks: GenerateContentResponse[] = []
  for await (const chunk of await client.models.generateContentStream(hello)) chunks.push(chunk)
  const { calls, ...streamed } = read(chunks)
  const { calls: wanted, ...others } = want
  expect(streamed).toEqual({ ...others, content: said })
  expect(sorted(calls)).toEqual(sorted(wanted))
  const whole = read([await client.models.generateContent(hello)])
  expect(whole).toEqual({ ...want, content: want.content + (response.refusal ?? '') })
}

const sorted = (calls: Result['calls']): string[] =>
  calls.map((call) => JSON.stringify(call)).sort()

describe('what the client reads is what we collect', () => {
  test.each(Object.keys(scripts))('%s', (name) => readAll(scripts[name] ?? []))

  test('any sequence of events', async () => {
    await fc.assert(fc.asyncProperty(chatEvents(), readAll), { numRuns: 40 })
  })
})

test('a loop of tools: what the client gives back is what the model made', async () => {
  decoded.length = 0
  model = (_, turn) =>
    play(scripts[turn === 0 ? 'parallel calls, one after the other' : 'text'] ?? [])
  const config = { tools: [{ functionDeclarations: [{ name: 'weather' }, { name: 'get_time' }] }] }
  const first = await client.models.generateContent({ ...hello, config })
  const results = (first.functionCalls ?? []).map(({ id, name }) => ({
    functionResponse: { ...(id && { id }), ...(name && { name }), response: { output: 'done' } },
  }))
  const content = first.candidates?.[0]?.content ?? {}
  await client.models.generateContent({
    model: hello.model,
    config,
    contents: [
      { role: 'user', parts: [{ text: 'Hello' }] },
      content,
      { role: 'user', parts: results },
    ],
  })
  expect(decoded[1]?.messages).toEqual([
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
    { role: 'tool', toolCallId: 'call_a', content: '{"output":"done"}' },
    { role: 'tool', toolCallId: 'call_b', content: '{"output":"done"}' },
  ])
})

describe('errors', () => {
  test('before the reply are the client’s own', async () => {
    model = () => {
      throw new RatatoskrError('model_not_found', 'No such model.')
    }
    const error = await failure(() => client.models.generateContent(hello))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 404 })
  })

  test('inside the stream end it with an error', async () => {
    const error = new RatatoskrError('overloaded', 'No room.')
    model = () => play([{ type: 'content', text: 'Hi' }], { error })
    const readToEnd = async (): Promise<void> => {
      for await (const _ of await client.models.generateContentStream(hello)) continue
    }
    expect(await failure(readToEnd)).toBeInstanceOf(ApiError)
  })
})
