import { describe, expect, test } from 'vitest'
import { assistant, system, toolResult, user, type Message } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import { encodeRequest } from './encode-request.ts'

/** The body as it goes out. */
function encode(messages: readonly Message[], options: Partial<ChatOptions> = {}): unknown {
  const body = encodeRequest({ model: 'm:1', messages, options: { model: 'm:1', ...options } })
  return JSON.parse(JSON.stringify(body))
}
const messagesOf = (...messages: Message[]): unknown => {
  const body = encode(messages)
  return typeof body === 'object' && body && 'messages' in body && body.messages
}

test('what is not asked is not sent', () => {
  expect(encode([user('Hi')])).toEqual({
    model: 'm:1',
    messages: [{ role: 'user', content: 'Hi' }],
    stream: true,
  })
})

test('every option that Ollama has', () => {
  const parameters = { type: 'object', properties: { x: { type: 'number' } } }
  expect(
    encode([user('Hi')], {
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      maxTokens: 100,
      stop: 'END',
      seed: 7,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      cachePrompt: true,
      toolChoice: 'auto',
      tools: [{ name: 'one', description: 'One.', parameters }, { name: 'two' }],
      reasoning: { effort: 'high' },
      responseFormat: { type: 'json_schema', schema: parameters },
      providerOptions: { keep_alive: '10m', options: { num_ctx: 8192, top_k: 20 } },
    }),
  ).toEqual({
    model: 'm:1',
    messages: [{ role: 'user', content: 'Hi' }],
    stream: true,
    think: 'high',
    format: parameters,
    keep_alive: '10m',
    options: {
      temperature: 0.5,
      top_p: 0.9,
      top_k: 20,
      num_predict: 100,
      stop: ['END'],
      seed: 7,
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
      num_ctx: 8192,
    },
    tools: [
      { type: 'function', function: { name: 'one', description: 'One.', parameters } },
      {
        type: 'function',
        function: { name: 'two', parameters: { type: 'object', properties: {} } },
      },
    ],
  })
})

test.each<[Partial<ChatOptions>, object]>([
  [{ reasoning: {} }, { think: true }],
  [{ reasoning: { effort: 'none' } }, { think: false }],
  [{ responseFormat: { type: 'json' } }, { format: 'json' }],
  [{ providerOptions: { options: { num_ctx: 1 } } }, { options: { num_ctx: 1 } }],
])('%j', (options, expected) => {
  expect(encode([user('Hi')], options)).toMatchObject(expected)
})

test('no tools are offered where none may be called', () => {
  const options = { tools: [{ name: 'one' }], toolChoice: 'none' } as const
  expect(encode([user('Hi')], options)).not.toHaveProperty('tools')
})

test.each<[string, Partial<ChatOptions>]>([
  ['toolChoice', { toolChoice: 'required' }],
  ['toolChoice', { toolChoice: { name: 'one' } }],
  ['parallelToolCalls', { parallelToolCalls: false }],
  ['tools.strict', { tools: [{ name: 'one', strict: true }] }],
  ['reasoning.maxTokens', { reasoning: { maxTokens: 10 } }],
  ['reasoning.exclude', { reasoning: { exclude: true } }],
  ['reasoning.effort xhigh', { reasoning: { effort: 'xhigh' } }],
])('%s is refused by name', (name, options) => {
  expect(() => encode([user('Hi')], options)).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: `ollama cannot honour ${name}; leave it out, or choose another provider.`,
    }),
  )
})

test.each(['model', 'messages', 'stream'])('provider options must not set %s', (field) => {
  expect(() => encode([user('Hi')], { providerOptions: { [field]: 'x' } })).toThrow(
    expect.objectContaining({ code: 'invalid_request' }),
  )
})

describe('messages', () => {
  const call = { id: 'a', name: 'one', arguments: '{"x":1}' }

  test('a loop of tools, with the thinking that belongs to it', () => {
    const called = {
      ...assistant('I look.', [call]),
      reasoning: 'shown, never sent',
      continuation: { dialect: 'ollama', data: { thinking: 'Hm.' } },
    }
    expect(messagesOf(system('Be brief.'), user('Go'), called, toolResult('a', { y: 2 }))).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Go' },
      {
        role: 'assistant',
        content: 'I look.',
        thinking: 'Hm.',
        tool_calls: [{ function: { name: 'one', arguments: { x: 1 } } }],
      },
      { role: 'tool', content: '{"y":2}', tool_name: 'one' },
    ])
  })

  test('what another dialect keeps is not sent', () => {
    const continuation = { dialect: 'anthropic', data: { thinking: 'signed' } }
    expect(messagesOf({ ...assistant('Hi'), continuation })).toEqual([
      { role: 'assistant', content: 'Hi' },
    ])
  })

  test('images as base64, a refusal as text, parts of a result as one', () => {
    const image = { type: 'image', data: 'AAAA', mediaType: 'image/png' } as const
    expect(
      messagesOf(
        user(['What', image, 'is it?', { type: 'image', url: 'data:image/png;base64,BBBB' }]),
        { role: 'assistant', content: '', refusal: 'No.' },
        assistant('', [call]),
        toolResult('a', [
          { type: 'text', text: 'x' },
          { type: 'text', text: 'y' },
        ]),
      ),
    ).toEqual([
      { role: 'user', content: 'What\nis it?', images: ['AAAA', 'BBBB'] },
      { role: 'assistant', content: 'No.' },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ function: { name: 'one', arguments: { x: 1 } } }],
      },
      { role: 'tool', content: 'x\ny', tool_name: 'one' },
    ])
  })

  test.each<[string, string, Message]>([
    ['a file', 'unsupported', user([{ type: 'file', data: 'AA', mediaType: 'application/pdf' }])],
    ['an address', 'unsupported', user([{ type: 'image', url: 'https://example.com/a.png' }])],
    [
      'an image as a result',
      'unsupported',
      toolResult('a', [{ type: 'image', data: 'AA', mediaType: 'image/png' }]),
    ],
    ['a custom call', 'unsupported', assistant('', [{ ...call, kind: 'custom' }])],
    ['arguments cut', 'invalid_request', assistant('', [{ ...call, arguments: '{"x":' }])],
  ])('%s is refused', (_, code, message) => {
    expect(() => encode([message])).toThrow(expect.objectContaining({ code }))
  })
})
