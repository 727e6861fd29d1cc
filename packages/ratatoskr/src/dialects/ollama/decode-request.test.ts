import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { assistant, system, toolResult, user, type Message } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

const hello = { model: 'm:1', messages: [{ role: 'user', content: 'Hi' }] }

test('the smallest request asks for a stream', () => {
  expect(decodeRequest(hello)).toEqual({
    messages: [{ role: 'user', content: 'Hi' }],
    options: { model: 'm:1' },
    stream: true,
    extra: {},
    reply: { model: 'm:1' },
  })
  expect(decodeRequest({ ...hello, stream: false }).stream).toBe(false)
})

const png = 'iVBORw0KGgoAAAANSUhEUg=='
const call = { id: 'call_0', name: 'one', arguments: '{"x":1}' }
const conversation: Message[] = [
  system('Be brief.'),
  user(['What is it?', { type: 'image', data: png, mediaType: 'image/png' }]),
  {
    ...assistant('I look.', [call, { id: 'call_1', name: 'two', arguments: '{}' }]),
    reasoning: 'Hm.',
    continuation: { dialect: 'ollama', data: { thinking: 'Hm.' } },
  },
  toolResult('call_1', 'second'),
  toolResult('call_0', 'first'),
  assistant('Done.'),
]

test('what was encoded is decoded as it was', () => {
  const schema = { type: 'object', properties: { x: { type: 'number' } } }
  const options: ChatOptions & { model: string } = {
    model: 'm:1',
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    maxTokens: 100,
    stop: ['END'],
    seed: 7,
    frequencyPenalty: 0.1,
    presencePenalty: 0.2,
    tools: [{ name: 'one', description: 'One.', parameters: schema }],
    reasoning: { effort: 'high' },
    responseFormat: { type: 'json_schema', schema },
  }
  const extra = { keep_alive: '10m', options: { num_ctx: 8192 } }
  const body: unknown = JSON.parse(
    JSON.stringify(
      encodeRequest({
        model: 'm:1',
        messages: conversation,
        options: { ...options, providerOptions: extra },
      }),
    ),
  )
  const decoded = decodeRequest(body)
  expect(decoded.messages).toEqual(conversation)
  expect(decoded.options).toEqual(options)
  expect(decoded.extra).toEqual(extra)
  const again = encodeRequest({
    model: 'm:1',
    messages: decoded.messages,
    options: { ...decoded.options, providerOptions: decoded.extra },
  })
  expect(JSON.parse(JSON.stringify(again))).toEqual(body)
})

test.each([
  [{ think: true }, { reasoning: {} }],
  [{ think: false }, { reasoning: { effort: 'none' } }],
  [{ think: 'low' }, { reasoning: { effort: 'low' } }],
  [{ format: 'json' }, { responseFormat: { type: 'json' } }],
  [{ format: '' }, {}],
  [{ options: { stop: 'END', frequency_penalty: 0 } }, { stop: 'END' }],
  [{ options: { num_predict: -1 } }, {}],
])('%j', (fields, options) => {
  expect(decodeRequest({ ...hello, ...fields }).options).toEqual({ model: 'm:1', ...options })
})

test('what has no unified form is handed on', () => {
  const { extra } = decodeRequest({
    ...hello,
    keep_alive: 0,
    options: { num_predict: -1, mirostat: 2 },
  })
  expect(extra).toEqual({ keep_alive: 0, options: { num_predict: -1, mirostat: 2 } })
})

describe('results', () => {
  const called = (...names: string[]) => ({
    role: 'assistant',
    tool_calls: names.map((name) => ({ function: { name } })),
  })
  const results = (...sent: object[]): unknown[] =>
    decodeRequest({
      ...hello,
      messages: [
        ...hello.messages,
        called('one', 'two', 'one'),
        ...sent.map((result) => ({ role: 'tool', content: 'x', ...result })),
      ],
    })
      .messages.slice(2)
      .map((message) => message.role === 'tool' && message.toolCallId)

  test('go to the calls of their names, in order', () => {
    const [one, two] = [{ tool_name: 'one' }, { tool_name: 'two' }]
    expect(results(one, one, two)).toEqual(['call_0', 'call_2', 'call_1'])
  })

  test('without a name they go to the next', () => {
    expect(results({}, {}, {})).toEqual(['call_0', 'call_1', 'call_2'])
  })

  test('by id, where servers and clients have one', () => {
    const { messages } = decodeRequest({
      ...hello,
      messages: [
        { role: 'assistant', tool_calls: [{ id: 'mine', function: { name: 'one' } }] },
        { role: 'tool', content: 'x', tool_call_id: 'mine' },
      ],
    })
    expect(messages[1]).toEqual({ role: 'tool', toolCallId: 'mine', content: 'x' })
  })

  test('of no call are refused', async () => {
    const error = await caught(() => results({ tool_name: 'three' }))
    expect(error).toMatchObject({
      code: 'invalid_request',
      message: 'messages.2 must be the result of a call before it.',
    })
  })
})

test.each<[string, unknown, string]>([
  ['no object', [], 'The body must be an object.'],
  ['no model', { messages: hello.messages }, 'model must be a name.'],
  ['no messages', { model: 'm' }, 'messages must be a list of messages.'],
  ['none at all', { model: 'm', messages: [] }, 'messages must be a list of messages.'],
  [
    'another role',
    { model: 'm', messages: [{ role: 'robot', content: 'secret' }] },
    'messages.0.role must be system, user, assistant or tool.',
  ],
  [
    'parts',
    { model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] },
    'messages.0.content must be a text.',
  ],
  [
    'an image of no kind',
    { model: 'm', messages: [{ role: 'user', content: '', images: ['secret'] }] },
    'messages.0.images.0 must be a PNG, JPEG, GIF or WebP in base64.',
  ],
  ['a level', { ...hello, think: 'secret' }, 'think must be true, false, low, medium or high.'],
  ['a format', { ...hello, format: ['secret'] }, 'format must be json or a JSON Schema.'],
  ['an option', { ...hello, options: { top_k: 'secret' } }, 'options.top_k must be a number.'],
])('%s is refused by place, and not quoted', async (_, body, message) => {
  expect(await caught(() => decodeRequest(body))).toMatchObject({
    code: 'invalid_request',
    message,
  })
})
