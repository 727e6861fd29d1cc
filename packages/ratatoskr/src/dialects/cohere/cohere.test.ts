import { describe, expect, test } from 'vitest'
import { runDecoder, type Run } from '../../../test/run-decoder.ts'
import { collect } from '../../collect.ts'
import { isRatatoskrError, RatatoskrError } from '../../errors.ts'
import type { ChatEvent } from '../../event.ts'
import { assistant, system, toolResult, user, type Message } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import type { Chunk } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeError, encodeReply } from './encode-reply.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

const event = (type: string, message: Json, index = 0): Chunk => ({
  type,
  index,
  delta: { message },
})
const end = (finish_reason = 'COMPLETE', more: Json = {}): Chunk => ({
  type: 'message-end',
  delta: { finish_reason, ...more },
})
const call = (args = ''): Chunk =>
  event('tool-call-start', { tool_calls: { id: 'a', function: { name: 'f', arguments: args } } })
const piece = (args: string): Chunk =>
  event('tool-call-delta', { tool_calls: { function: { arguments: args } } })
const callEnd: Chunk = { type: 'tool-call-end', index: 0 }

function run(
  chunks: readonly (Chunk | '[DONE]')[],
  options?: Parameters<typeof decodeReply>[0],
): Run<ChatEvent> {
  return runDecoder(decodeReply(options), chunks)
}

describe('a reply', () => {
  test('text and thinking, also in the start of their blocks', () => {
    const { output } = run([
      event('content-start', { content: { type: 'thinking', thinking: 'H' } }),
      event('content-delta', { content: { thinking: 'm' } }),
      event('content-start', { content: { type: 'text', text: '' } }, 1),
      event('content-delta', { content: { text: 'Hi' } }, 1),
      end(),
    ])
    expect(output).toEqual([
      { type: 'reasoning', text: 'H' },
      { type: 'reasoning', text: 'm' },
      { type: 'content', text: 'Hi' },
      { type: 'done', finishReason: 'stop', rawFinishReason: 'COMPLETE' },
    ])
  })

  test('each source of a passage is a citation', () => {
    const sources = [
      { type: 'document', id: 'd', document: { url: 'https://a.example', title: 'A' } },
      { type: 'tool', id: 't:0', tool_output: {} },
    ]
    const citations = { start: 1, end: 3, text: 'ab', sources }
    expect(run([event('citation-start', { citations }), end()]).output.slice(0, 2)).toEqual([
      {
        type: 'citation',
        citation: {
          url: 'https://a.example',
          title: 'A',
          documentId: 'd',
          text: 'ab',
          start: 1,
          end: 3,
        },
      },
      { type: 'citation', citation: { documentId: 't:0', text: 'ab', start: 1, end: 3 } },
    ])
  })

  test('passages have their places in the whole content, in UTF-16 units', () => {
    const text = (words: string, index: number): Chunk =>
      event('content-delta', { content: { text: words } }, index)
    const cited = (more: Json): Chunk =>
      event('citation-start', { citations: { sources: [{ id: 'd' }], ...more } })
    const { output } = run([
      event('content-delta', { content: { thinking: 'Hm' } }, 0),
      text('🐿 松', 1),
      text('鼠🐿!', 1),
      text('A 🐿 b', 2),
      // Characters of the second text, of the third, and of all.
      cited({ content_index: 1, start: 2, end: 5 }),
      cited({ content_index: 2, start: 2, end: 5 }),
      cited({ start: 8, end: 9, type: 'TEXT_CONTENT' }),
      cited({ content_index: 0, start: 0, end: 2, type: 'THINKING_CONTENT' }),
      cited({ start: 0, end: 2, type: 'PLAN', text: 'I' }),
      end(),
    ])
    const said = '🐿 松鼠🐿!A 🐿 b'
    const places = output.flatMap((each) => (each.type === 'citation' ? [each.citation] : []))
    expect(places.map(({ start, end: stop }) => stop && said.slice(start, stop))).toEqual([
      '松鼠🐿',
      '🐿 b',
      '🐿',
      undefined,
      undefined,
    ])
    expect(places[4]).toEqual({ documentId: 'd', text: 'I' })
  })

  test('a place that was written is read again', () => {
    const events: ChatEvent[] = [
      { type: 'content', text: 'A 🐿 and 🐿' },
      { type: 'citation', citation: { documentId: 'd', text: '🐿', start: 9, end: 11 } },
      { type: 'done', finishReason: 'stop' },
    ]
    const frames = runDecoder(encodeReply(), events).output
    const cited = frames.find(({ data }) => data.includes('citation-start'))
    expect(JSON.parse(cited?.data ?? '')).toMatchObject({
      delta: { message: { citations: { start: 8, end: 9 } } },
    })
    const { output } = run(frames.map(({ data }) => JSON.parse(data) as Chunk))
    expect(output).toContainEqual(events[1])
  })

  test('a call that is cut has no end', () => {
    expect(run([call(), piece('{"x":'), callEnd, end('MAX_TOKENS')]).output).toMatchObject([
      { type: 'tool_call_start', id: 'a', name: 'f' },
      { type: 'tool_call_delta', arguments: '{"x":' },
      { type: 'done', finishReason: 'length' },
    ])
  })

  test.each<[string, Chunk[]]>([
    ['arguments of no call', [piece('{}')]],
    ['a call without a name', [event('tool-call-start', { tool_calls: { id: 'a' } })]],
  ])('%s are an error', (_, chunks) => {
    expect(run(chunks).error?.code).toBe('protocol')
  })

  test('the plan is a provider event, and goes back with the calls', async () => {
    const plan = event('tool-plan-delta', { tool_plan: 'I will ' })
    const chunks = [
      plan,
      event('tool-plan-delta', { tool_plan: 'look.' }),
      call('{}'),
      callEnd,
      end('TOOL_CALL'),
    ]
    const { output } = run(chunks, { includeProviderEvents: true })
    expect(output[0]).toEqual({ type: 'provider', dialect: 'cohere', data: plan })
    const { message } = await collect(output)
    const body = encodeRequest({
      model: 'm',
      messages: [JSON.parse(JSON.stringify(message)) as Message],
      options: { model: 'm' },
    })
    expect(body['messages']).toMatchObject([{ role: 'assistant', tool_plan: 'I will look.' }])
    const foreign = { ...message, continuation: { dialect: 'anthropic', data: { tool_plan: 'x' } } }
    const other = encodeRequest({ model: 'm', messages: [foreign], options: { model: 'm' } })
    expect(other['messages']).not.toMatchObject([{ tool_plan: expect.anything() as unknown }])
  })

  test.each<[string, (Chunk | '[DONE]')[], string]>([
    ['an error at the end', [end('ERROR', { error: 'rate_limit: slow down' })], 'api'],
    ['a timeout', [end('TIMEOUT')], 'timeout'],
    [
      'an error instead of an event',
      [{ message: 'too many tokens: size limit exceeded' }],
      'context_length',
    ],
    ['no end', [event('content-delta', { content: { text: 'Hi' } }), '[DONE]'], 'truncated'],
  ])('with %s fails', (_, chunks, code) => {
    expect(run(chunks).error?.code).toBe(code)
  })

  test('words that are new are another end', () => {
    expect(run([end('NEW_WORD')]).output).toEqual([
      { type: 'done', finishReason: 'other', rawFinishReason: 'NEW_WORD' },
    ])
  })
})

function encode(options: Partial<ChatOptions> = {}, messages: Message[] = [user('Hi')]): Json {
  const request = { model: 'm', messages, options: { ...options, model: 'm' } }
  return JSON.parse(JSON.stringify(encodeRequest(request))) as Json
}

describe('a request', () => {
  test('of all options', () => {
    expect(
      encode({
        tools: [{ name: 'f', description: 'd', parameters: { type: 'object' }, strict: true }],
        toolChoice: 'required',
        temperature: 0.5,
        topP: 0.9,
        topK: 3,
        maxTokens: 100,
        stop: 'x',
        seed: 7,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        cachePrompt: true,
        reasoning: { maxTokens: 50 },
        responseFormat: { type: 'json_schema', schema: { type: 'object' } },
        providerOptions: { documents: [{ id: 'd', data: 'text' }] },
      }),
    ).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'd', parameters: { type: 'object' } },
        },
      ],
      strict_tools: true,
      tool_choice: 'REQUIRED',
      temperature: 0.5,
      p: 0.9,
      k: 3,
      max_tokens: 100,
      stop_sequences: ['x'],
      seed: 7,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      thinking: { type: 'enabled', token_budget: 50 },
      response_format: { type: 'json_object', json_schema: { type: 'object' } },
      documents: [{ id: 'd', data: 'text' }],
    })
    expect(encode({ reasoning: { effort: 'none' } })['thinking']).toEqual({ type: 'disabled' })
    const tools = [{ name: 'f' }]
    expect(encode({ tools, toolChoice: 'auto' })).not.toHaveProperty('tool_choice')
    expect(encode({ tools, toolChoice: 'none' })['tool_choice']).toBe('NONE')
  })

  test('of a conversation', () => {
    const messages: Message[] = [
      system('Be brief.'),
      user(['Look:', { type: 'image', data: 'aGk=', mediaType: 'image/png', detail: 'low' }]),
      assistant('', [{ id: 'a', name: 'f', arguments: '' }]),
      toolResult('a', { x: 1 }),
      { ...assistant(''), refusal: 'No.' },
    ]
    expect(encode({}, messages)['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look:' },
          {
            type: 'image_url',
            image_url: { url: 'data:image/png;base64,aGk=', detail: 'low' },
          },
        ],
      },
      {
        role: 'assistant',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '{"x":1}' },
      { role: 'assistant', content: 'No.' },
    ])
  })

  test.each<[string, Partial<ChatOptions>, Message[]?]>([
    ['toolChoice of one tool', { tools: [{ name: 'f' }], toolChoice: { name: 'f' } }],
    ['parallelToolCalls', { parallelToolCalls: false }],
    ['reasoning.exclude', { reasoning: { exclude: true } }],
    ['reasoning.effort high', { reasoning: { effort: 'high' } }],
    [
      'files (give documents in providerOptions)',
      {},
      [user([{ type: 'file', data: 'aGk=', mediaType: 'a/b' }])],
    ],
    [
      'images in tool results',
      {},
      [toolResult('a', [{ type: 'image', url: 'https://a.example' }])],
    ],
    [
      'custom tool calls',
      {},
      [assistant('', [{ id: 'a', name: 'f', arguments: 'x', kind: 'custom' }])],
    ],
  ])('with %s is refused by name', (name, options, messages) => {
    let error: unknown
    try {
      encode(options, messages)
    } catch (thrown) {
      error = thrown
    }
    expect(isRatatoskrError(error) && [error.code, error.message]).toEqual([
      'unsupported',
      `cohere cannot honour ${name}; leave it out, or choose another provider.`,
    ])
  })
})

test('an error is a sentence and a status', () => {
  expect(encodeError(new RatatoskrError('rate_limited', 'Wait.'))).toMatchObject({
    status: 429,
    body: { message: 'Wait.' },
  })
})
