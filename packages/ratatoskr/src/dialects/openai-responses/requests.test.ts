import { describe, expect, test } from 'vitest'
import { isRatatoskrError } from '../../errors.ts'
import { assistant, system, toolResult, user, type Message } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

function encode(options: Partial<ChatOptions> = {}, messages: Message[] = [user('Hi')]): Json {
  const model = String(options.model ?? 'gpt-5-mini')
  // As it is sent.
  const text = JSON.stringify(encodeRequest({ model, messages, options: { ...options, model } }))
  return JSON.parse(text) as Json
}

function codeOf(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return isRatatoskrError(error) ? [error.code, error.message] : error
  }
  return 'nothing thrown'
}

describe('a request', () => {
  test('of all options', () => {
    expect(
      encode({
        tools: [
          { name: 'weather', description: 'd', parameters: { type: 'object' }, strict: true },
        ],
        toolChoice: { name: 'weather' },
        temperature: 0.5,
        topP: 0.9,
        maxTokens: 100,
        parallelToolCalls: false,
        cachePrompt: true,
        reasoning: { effort: 'low' },
        responseFormat: { type: 'json_schema', name: 'n', schema: { type: 'object' } },
        providerOptions: { user: 'u' },
      }),
    ).toEqual({
      model: 'gpt-5-mini',
      input: [{ role: 'user', content: 'Hi' }],
      stream: true,
      store: false,
      include: ['reasoning.encrypted_content'],
      tools: [
        {
          type: 'function',
          name: 'weather',
          description: 'd',
          parameters: { type: 'object' },
          strict: true,
        },
      ],
      tool_choice: { type: 'function', name: 'weather' },
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 100,
      parallel_tool_calls: false,
      reasoning: { effort: 'low', summary: 'auto' },
      text: {
        format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
      },
      user: 'u',
    })
  })

  test.each([
    ['gpt-5-mini', true],
    ['openai/o4-mini', true],
    ['gpt-5-chat-latest', false],
    ['gpt-4.1', false],
    ['llama', false],
  ])('asks %s for encrypted reasoning: %s', (model, asks) => {
    expect('include' in encode({ model })).toBe(asks)
  })

  test.each(['store', 'previous_response_id', 'conversation', 'background'])(
    'lets the host keep the reply where %s asks for it',
    (field) => {
      const body = encode({ providerOptions: { [field]: field === 'store' ? true : 'x' } })
      expect(body['store']).toBe(field === 'store' ? true : undefined)
      expect(body['include']).toBeUndefined()
    },
  )

  test('of thoughts that are not to be sent, or not to be', () => {
    expect(encode({ reasoning: { effort: 'high', exclude: true } })['reasoning']).toEqual({
      effort: 'high',
    })
    const body = encode({ reasoning: { effort: 'none' } })
    expect([body['reasoning'], body['include']]).toEqual([{ effort: 'none' }, undefined])
  })

  test.each<[string, Partial<ChatOptions>]>([
    ['topK', { topK: 1 }],
    ['stop', { stop: 'x' }],
    ['seed', { seed: 1 }],
    ['frequencyPenalty', { frequencyPenalty: 1 }],
    ['presencePenalty', { presencePenalty: 1 }],
    ['reasoning.maxTokens', { reasoning: { maxTokens: 1 } }],
  ])('with %s is refused by name', (name, options) => {
    expect(codeOf(() => encode(options))).toEqual([
      'unsupported',
      `openai-responses cannot honour ${name}; leave it out, or choose another provider.`,
    ])
  })

  test.each(['stream', 'model', 'input'])('is not taken over by providerOptions.%s', (field) => {
    expect(codeOf(() => encode({ providerOptions: { [field]: 1 } }))).toEqual([
      'invalid_request',
      `providerOptions must not set ${field}.`,
    ])
  })
})

const conversation: Message[] = [
  system('Be brief.'),
  user([
    'What is this?',
    { type: 'image', url: 'https://a.example/a.png', detail: 'low' },
    { type: 'image', data: 'aGk=', mediaType: 'image/png' },
    { type: 'file', data: 'aGk=', mediaType: 'application/pdf', filename: 'a.pdf' },
    { type: 'file', url: 'https://a.example/a.pdf' },
  ]),
  {
    role: 'assistant',
    content: 'Let me see.',
    toolCalls: [
      { id: 'a', name: 'weather', arguments: '{"city":"Łódź"}' },
      { id: 'b', name: 'sql', arguments: 'SELECT 1', kind: 'custom' },
    ],
  },
  toolResult('a', { celsius: 4 }),
  toolResult('b', [
    { type: 'text', text: 'one' },
    { type: 'image', url: 'https://a.example/b.png' },
  ]),
  { ...assistant('Well.'), refusal: 'No.' },
]

describe('a conversation', () => {
  test('is a list of items', () => {
    expect(encode({}, conversation)['input']).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is this?' },
          { type: 'input_image', image_url: 'https://a.example/a.png', detail: 'low' },
          { type: 'input_image', image_url: 'data:image/png;base64,aGk=' },
          { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGk=' },
          { type: 'input_file', file_url: 'https://a.example/a.pdf' },
        ],
      },
      {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Let me see.', annotations: [] }],
      },
      { type: 'function_call', call_id: 'a', name: 'weather', arguments: '{"city":"Łódź"}' },
      { type: 'custom_tool_call', call_id: 'b', name: 'sql', input: 'SELECT 1' },
      { type: 'function_call_output', call_id: 'a', output: '{"celsius":4}' },
      {
        type: 'custom_tool_call_output',
        call_id: 'b',
        output: [
          { type: 'input_text', text: 'one' },
          { type: 'input_image', image_url: 'https://a.example/b.png' },
        ],
      },
      {
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Well.', annotations: [] }],
      },
      { type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] },
    ])
  })

  test('comes back the same', () => {
    expect(decodeRequest(encode({}, conversation)).messages).toEqual(conversation)
  })

  test('leaves the continuation of another dialect out', () => {
    const message: Message = {
      role: 'assistant',
      content: 'Hi',
      continuation: { dialect: 'anthropic', data: { items: [{ type: 'reasoning' }] } },
    }
    expect(encode({}, [message])['input']).toHaveLength(1)
  })

  test('with sound is refused', () => {
    const sound = user([{ type: 'file', data: 'aGk=', mediaType: 'audio/wav' }])
    expect(codeOf(() => encode({}, [sound]))).toMatchObject(['unsupported', expect.any(String)])
  })
})

describe('a client’s body', () => {
  test('with a text alone', () => {
    expect(decodeRequest({ model: 'm', input: 'Hi', instructions: 'Be brief.' })).toEqual({
      messages: [system('Be brief.'), user('Hi')],
      options: { model: 'm' },
      stream: false,
      extra: {},
      reply: { model: 'm' },
    })
  })

  test('of all options', () => {
    const { options, extra, stream } = decodeRequest({
      model: 'm',
      input: 'Hi',
      stream: true,
      stream_options: { include_obfuscation: false },
      temperature: 0.5,
      top_p: 0.9,
      max_output_tokens: 9,
      parallel_tool_calls: false,
      tools: [{ type: 'function', name: 'f', description: 'd', parameters: {}, strict: false }],
      tool_choice: { type: 'function', name: 'f' },
      reasoning: { effort: 'low', summary: 'auto' },
      text: { format: { type: 'json_object' } },
      metadata: { a: 1 },
      store: true,
    })
    expect(stream).toBe(true)
    expect(options).toEqual({
      model: 'm',
      temperature: 0.5,
      topP: 0.9,
      maxTokens: 9,
      parallelToolCalls: false,
      tools: [{ name: 'f', description: 'd', parameters: {}, strict: false }],
      toolChoice: { name: 'f' },
      reasoning: { effort: 'low' },
      responseFormat: { type: 'json' },
    })
    expect(extra).toEqual({ metadata: { a: 1 }, store: true })
  })

  test('what has no unified form stands in extra, as it was sent', () => {
    const sent = {
      tools: [{ type: 'web_search' }, { type: 'function', name: 'f' }],
      tool_choice: { type: 'web_search' },
      reasoning: { effort: 'low', summary: 'detailed' },
      text: { verbosity: 'low', format: { type: 'json_schema', name: 'n', schema: {} } },
      previous_response_id: 'r',
    }
    const { options, extra } = decodeRequest({ model: 'm', input: 'Hi', ...sent })
    expect(extra).toEqual(sent)
    expect(options.tools).toEqual([{ name: 'f' }])
    expect(options.toolChoice).toBeUndefined()
    expect(decodeRequest({ model: 'm', input: 'Hi', text: { verbosity: 'low' } }).extra).toEqual({
      text: { verbosity: 'low' },
    })
  })

  test('reasoning and the items of the host’s tools come as a continuation, and go back', () => {
    const input = [
      { role: 'user', content: 'Hi' },
      { type: 'reasoning', id: 'rs', encrypted_content: 'c2Vj', summary: [] },
      { type: 'web_search_call', id: 'ws', status: 'completed' },
      { type: 'function_call', id: 'fc', call_id: 'a', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'a', output: 'x' },
    ]
    const { messages } = decodeRequest({ model: 'm', input })
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
    expect(encode({}, messages)['input']).toEqual(input)
  })

  test.each<[string, Json, string, string]>([
    ['no model', { input: 'Hi' }, 'invalid_request', 'model'],
    ['no input', { model: 'm' }, 'invalid_request', 'input'],
    [
      'a role that is none',
      { model: 'm', input: [{ role: 'squirrel', content: 'x' }] },
      'invalid_request',
      'input.0',
    ],
    [
      'a part that is none',
      { model: 'm', input: [{ role: 'user', content: [{ type: 'x' }] }] },
      'invalid_request',
      'input.0.content.0',
    ],
    [
      'a call without a name',
      { model: 'm', input: [{ type: 'function_call', call_id: 'a', arguments: '' }] },
      'invalid_request',
      'input.0.name',
    ],
    [
      'a reference',
      { model: 'm', input: [{ type: 'item_reference', id: 'x' }] },
      'unsupported',
      'input.0',
    ],
    [
      'a stored file',
      { model: 'm', input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'x' }] }] },
      'unsupported',
      'input.0.content.0',
    ],
    ['a stored prompt', { model: 'm', input: 'x', prompt: { id: 'p' } }, 'unsupported', 'prompt'],
    [
      'a tool twice',
      {
        model: 'm',
        input: 'x',
        tools: [
          { type: 'function', name: 'f' },
          { type: 'function', name: 'f' },
        ],
      },
      'invalid_request',
      'tools.1.name',
    ],
    [
      'a choice that is none',
      { model: 'm', input: 'x', tool_choice: 7 },
      'invalid_request',
      'tool_choice',
    ],
  ])('with %s is refused, and the place is named', (_, body, code, place) => {
    const [refused, words] = codeOf(() => decodeRequest(body)) as [string, string]
    expect([refused, words.startsWith(place)]).toEqual([code, true])
  })
})
