import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { texts } from '../../../test/chat-events.ts'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { recordingFetch } from '../../../test/recording-fetch.ts'
import { checkRequest } from '../../check-request.ts'
import { isRatatoskrError } from '../../errors.ts'
import { createGateway } from '../../gateway.ts'
import type { Message, UserPart } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import { openai } from '../../providers/openai.ts'
import { openrouter } from '../../providers/openrouter.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

const hello = [{ role: 'user', content: 'Hello' }]
const body = (fields: Json = {}): Json => ({ model: 'm', messages: hello, ...fields })
const decode = (fields: Json): ReturnType<typeof decodeRequest> =>
  decodeRequest(deepFreeze(body(fields)))

/** The one message that these become. */
const message = (sent: Json): Message | undefined => decode({ messages: [sent] }).messages[0]
/** What one part of a user's message becomes. */
const part = (sent: Json): unknown => {
  const content = message({ role: 'user', content: [sent] })?.content
  return Array.isArray(content) ? (content as unknown[])[0] : content
}
/** The options besides the model. */
const options = (fields: Json): Json => {
  const { model: _, ...rest } = decode(fields).options
  return rest
}

test('a small request', () => {
  expect(decode({})).toStrictEqual({
    messages: [{ role: 'user', content: 'Hello' }],
    options: { model: 'm' },
    stream: false,
    extra: {},
    reply: { model: 'm', includeUsage: false },
  })
})

test('what the reply must be like', () => {
  const sent = { stream: true, stream_options: { include_usage: true, include_obfuscation: false } }
  expect(decode(sent)).toMatchObject({
    stream: true,
    extra: {},
    reply: { model: 'm', includeUsage: true },
  })
  expect(decode({ stream: null, stream_options: null })).toStrictEqual(decode({}))
})

describe('messages', () => {
  test.each<[string, Json, Message]>([
    ['system', { role: 'system', content: 'Be brief.' }, { role: 'system', content: 'Be brief.' }],
    ['developer', { role: 'developer', content: 'a' }, { role: 'system', content: 'a' }],
    [
      'parts of instructions, joined',
      {
        role: 'system',
        content: [
          { type: 'text', text: 'Be ' },
          { type: 'text', text: 'brief.' },
        ],
      },
      { role: 'system', content: 'Be brief.' },
    ],
    ['nothing said', { role: 'user', content: '' }, { role: 'user', content: '' }],
    ['an answer', { role: 'assistant', content: 'Hi' }, { role: 'assistant', content: 'Hi' }],
    ['no answer', { role: 'assistant', content: null }, { role: 'assistant', content: '' }],
    [
      'an answer as this library and OpenAI give it',
      {
        role: 'assistant',
        content: 'Hi',
        refusal: null,
        audio: null,
        function_call: null,
        annotations: [],
        tool_calls: [],
        images: [],
        reasoning_details: [],
        name: null,
      },
      { role: 'assistant', content: 'Hi' },
    ],
    [
      'an answer in parts',
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I ' },
          { type: 'text', text: 'can' },
          { type: 'refusal', refusal: 'not.' },
        ],
      },
      { role: 'assistant', content: 'I can', refusal: 'not.' },
    ],
    [
      'a refusal',
      { role: 'assistant', refusal: 'no' },
      { role: 'assistant', content: '', refusal: 'no' },
    ],
    [
      'calls',
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'b', function: { name: 'g', arguments: '' } },
          { id: 'c', type: 'custom', custom: { name: 'h', input: '' } },
        ],
      },
      {
        role: 'assistant',
        content: '',
        toolCalls: [
          { id: 'a', name: 'f', arguments: '{"x":1}' },
          { id: 'b', name: 'g', arguments: '{}' },
          { id: 'c', name: 'h', arguments: '', kind: 'custom' },
        ],
      },
    ],
    [
      'reasoning, as most hosts name it',
      { role: 'assistant', content: 'a', reasoning_content: 'Hm' },
      { role: 'assistant', content: 'a', reasoning: 'Hm' },
    ],
    [
      'reasoning, and what OpenRouter wants back',
      {
        role: 'assistant',
        content: 'a',
        reasoning: 'Hm',
        reasoning_details: [{ type: 'reasoning.encrypted', data: 'AAAA' }],
      },
      {
        role: 'assistant',
        content: 'a',
        reasoning: 'Hm',
        continuation: {
          dialect: 'openai-chat',
          data: { reasoning_details: [{ type: 'reasoning.encrypted', data: 'AAAA' }] },
        },
      },
    ],
    [
      'images that a model made',
      {
        role: 'assistant',
        content: '',
        images: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'https://a.example/a' } },
        ],
      },
      {
        role: 'assistant',
        content: '',
        images: [
          { mediaType: 'image/png', data: 'AAAA' },
          { mediaType: 'image/*', url: 'https://a.example/a' },
        ],
      },
    ],
    [
      'a result, whose name says nothing new',
      { role: 'tool', tool_call_id: 'a', content: '4', name: 'f' },
      { role: 'tool', toolCallId: 'a', content: '4' },
    ],
    [
      'a result in parts',
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: '4' }] },
      { role: 'tool', toolCallId: 'a', content: [{ type: 'text', text: '4' }] },
    ],
  ])('%s', (_name, sent, expected) => {
    expect(message(sent)).toStrictEqual(expected)
  })

  test('text, and images', () => {
    expect(part({ type: 'text', text: 'a', cache_control: null })).toStrictEqual({
      type: 'text',
      text: 'a',
    })
    const image = (url: string, detail?: string): unknown =>
      part({ type: 'image_url', image_url: { url, ...(detail && { detail }) } })
    expect(image('https://a.example/a.png', 'low')).toStrictEqual({
      type: 'image',
      url: 'https://a.example/a.png',
      detail: 'low',
    })
    expect(image('data:image/png;base64,AAAA')).toStrictEqual({
      type: 'image',
      data: 'AAAA',
      mediaType: 'image/png',
    })
    // Not base64, or nothing at all: left to the provider.
    for (const url of [
      'data:image/svg+xml,<svg/>',
      'data:;base64,AAAA',
      'data:image/png;base64,',
    ]) {
      expect(image(url)).toStrictEqual({ type: 'image', url })
    }
  })

  test.each(['wav', 'mp3'])('sound as %s', (format) => {
    expect(part({ type: 'input_audio', input_audio: { data: 'AAAA', format } })).toStrictEqual({
      type: 'file',
      data: 'AAAA',
      mediaType: `audio/${format}`,
    })
  })

  test.each<[string, Json, Json]>([
    [
      'a data: URL',
      { file_data: 'data:text/plain;charset=utf-8;base64,AAAA', filename: 'a.txt' },
      { data: 'AAAA', mediaType: 'text/plain;charset=utf-8', filename: 'a.txt' },
    ],
    ['an address', { file_data: 'https://a.example/a.pdf' }, { url: 'https://a.example/a.pdf' }],
    [
      'base64 named as PDF',
      { file_data: 'AAAA', filename: 'a.PDF' },
      { data: 'AAAA', mediaType: 'application/pdf', filename: 'a.PDF' },
    ],
    [
      'base64 that begins as PDF',
      { file_data: 'JVBERi0xLjQ=', filename: null, file_id: null },
      { data: 'JVBERi0xLjQ=', mediaType: 'application/pdf' },
    ],
    [
      'other base64',
      { file_data: 'A+/=' },
      { data: 'A+/=', mediaType: 'application/octet-stream' },
    ],
  ])('a file by %s', (_name, file, expected) => {
    expect(part({ type: 'file', file })).toStrictEqual({ type: 'file', ...expected })
  })

  test.each(['system', 'user', 'assistant', 'tool'])(
    'a part of %s that OpenRouter is to cache up to',
    (role) => {
      const marked = (cache_control: unknown): unknown =>
        options({
          messages: [
            { role, tool_call_id: 'a', content: [{ type: 'text', text: 'a', cache_control }] },
          ],
        })
      expect(marked({ type: 'ephemeral' })).toStrictEqual({ cachePrompt: true })
      expect(marked(null)).toStrictEqual({})
    },
  )
})

const tool = (name: string, more: Json = {}): Json => ({
  type: 'function',
  function: { name, ...more },
})

describe('options', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const format = (json_schema: Json): Json => ({
    response_format: { type: 'json_schema', json_schema },
  })

  test.each<[string, Json, Json]>([
    ['temperature', { temperature: 0 }, { temperature: 0 }],
    ['top_p', { top_p: 0.5 }, { topP: 0.5 }],
    ['top_k', { top_k: 5 }, { topK: 5 }],
    ['max_tokens', { max_tokens: 5 }, { maxTokens: 5 }],
    ['max_completion_tokens', { max_completion_tokens: 5 }, { maxTokens: 5 }],
    ['both, the same', { max_tokens: 5, max_completion_tokens: 5 }, { maxTokens: 5 }],
    ['one stop', { stop: 'END' }, { stop: 'END' }],
    ['several stops', { stop: ['a', 'b'] }, { stop: ['a', 'b'] }],
    ['seed', { seed: 0 }, { seed: 0 }],
    ['frequency_penalty', { frequency_penalty: -1 }, { frequencyPenalty: -1 }],
    ['presence_penalty', { presence_penalty: 0.5 }, { presencePenalty: 0.5 }],
    ['a penalty of 0, which is none', { presence_penalty: 0, frequency_penalty: 0 }, {}],
    ['parallel_tool_calls', { parallel_tool_calls: false }, { parallelToolCalls: false }],
    ['one answer', { n: 1 }, {}],
    ['text', { response_format: { type: 'text' } }, { responseFormat: { type: 'text' } }],
    ['JSON', { response_format: { type: 'json_object' } }, { responseFormat: { type: 'json' } }],
    [
      'a schema',
      format({ name: 'a', schema, strict: true }),
      { responseFormat: { type: 'json_schema', name: 'a', schema, strict: true } },
    ],
    [
      // OpenAI's default is not this library's.
      'a schema that is not strict',
      format({ name: 'a', schema, strict: null, description: null }),
      { responseFormat: { type: 'json_schema', name: 'a', schema, strict: false } },
    ],
    ['effort', { reasoning_effort: 'low' }, { reasoning: { effort: 'low' } }],
    ['no effort', { reasoning_effort: 'none' }, { reasoning: { effort: 'none' } }],
    [
      'OpenRouter’s reasoning',
      { reasoning: { effort: 'high', max_tokens: 9, exclude: false, enabled: null } },
      { reasoning: { effort: 'high', maxTokens: 9, exclude: false } },
    ],
    [
      'both, the same',
      { reasoning: { effort: 'high' }, reasoning_effort: 'high' },
      { reasoning: { effort: 'high' } },
    ],
    [
      'both, each with a part',
      { reasoning: { exclude: true }, reasoning_effort: 'high' },
      { reasoning: { effort: 'high', exclude: true } },
    ],
    [
      'tools',
      {
        tools: [
          tool('f', { description: 'a', parameters: schema, strict: true }),
          tool('g', { description: null, parameters: null, strict: null }),
          { function: { name: 'h' } },
        ],
      },
      {
        tools: [
          { name: 'f', description: 'a', parameters: schema, strict: true },
          { name: 'g' },
          { name: 'h' },
        ],
      },
    ],
    ['no tools', { tools: [], tool_choice: 'auto' }, { toolChoice: 'auto' }],
    [
      'a choice',
      { tools: [tool('f')], tool_choice: 'required' },
      { tools: [{ name: 'f' }], toolChoice: 'required' },
    ],
    [
      'the choice of one',
      { tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'f' } } },
      { tools: [{ name: 'f' }], toolChoice: { name: 'f' } },
    ],
  ])('%s', (_name, sent, expected) => {
    const decoded = decode(sent)
    expect(decoded.options).toStrictEqual({ model: 'm', ...expected })
    expect(decoded.extra).toStrictEqual({})
    expect(() => checkRequest(decoded.messages, decoded.options)).not.toThrow()
  })

  const all =
    'temperature top_p top_k max_tokens max_completion_tokens stop seed frequency_penalty presence_penalty parallel_tool_calls response_format reasoning_effort reasoning tools tool_choice stream stream_options n functions function_call'
  test.each(all.split(' '))('%s may be null, which says nothing', (field) => {
    expect(decode({ [field]: null })).toStrictEqual(decode({}))
  })

  const custom = { type: 'custom', custom: { name: 'c' } }
  test.each<[string, Json, options: Json, extra: readonly string[]]>([
    [
      'fields that have no unified form',
      {
        logit_bias: { 5: 1 },
        user: 'a',
        metadata: {},
        store: false,
        n: 1,
        modalities: null,
        x: [],
      },
      {},
      ['logit_bias', 'user', 'metadata', 'store', 'modalities', 'x'],
    ],
    [
      'a custom tool among others',
      { tools: [custom, tool('f')], tool_choice: 'required' },
      { tools: [{ name: 'f' }], toolChoice: 'required' },
      ['tools'],
    ],
    [
      'custom tools alone, of which one must be called',
      { tools: [custom], tool_choice: 'required' },
      {},
      ['tools', 'tool_choice'],
    ],
    [
      'the choice of a custom tool',
      { tools: [custom], tool_choice: { type: 'custom', custom: { name: 'c' } } },
      {},
      ['tools', 'tool_choice'],
    ],
    [
      'a host’s own tool, chosen as a function',
      { tools: [{ type: 'web' }], tool_choice: { type: 'function', function: { name: 'web' } } },
      {},
      ['tools', 'tool_choice'],
    ],
    [
      'a field in a function that is not known',
      { tools: [tool('f', { returns: {} })] },
      { tools: [{ name: 'f' }] },
      ['tools'],
    ],
    [
      'a field in a tool that is not known',
      { tools: [{ ...tool('f'), cache_control: {} }] },
      { tools: [{ name: 'f' }] },
      ['tools'],
    ],
    [
      'a choice among some tools',
      { tools: [tool('f')], tool_choice: { type: 'allowed_tools', allowed_tools: {} } },
      { tools: [{ name: 'f' }] },
      ['tool_choice'],
    ],
    [
      'a host’s own word for a choice',
      { tools: [tool('f')], tool_choice: 'any' },
      { tools: [{ name: 'f' }] },
      ['tool_choice'],
    ],
    [
      'a schema with a description',
      format({ schema, strict: true, description: 'a' }),
      { responseFormat: { type: 'json_schema', schema, strict: true } },
      ['response_format'],
    ],
    ['a host’s own format', { response_format: { type: 'grammar' } }, {}, ['response_format']],
    ['an effort that is not known', { reasoning_effort: 'max' }, {}, ['reasoning_effort']],
    ['the same, as OpenRouter has it', { reasoning: { effort: 'max' } }, {}, ['reasoning']],
    [
      'efforts that differ',
      { reasoning: { effort: 'low' }, reasoning_effort: 'high' },
      { reasoning: { effort: 'low' } },
      ['reasoning', 'reasoning_effort'],
    ],
    [
      'more about reasoning',
      { reasoning: { effort: 'low', enabled: true } },
      { reasoning: { effort: 'low' } },
      ['reasoning'],
    ],
    ['reasoning without any detail', { reasoning: {} }, {}, ['reasoning']],
  ])('%s: kept as sent', (_name, sent, expected, kept) => {
    const { extra, ...decoded } = decode(sent)
    expect(decoded.options).toStrictEqual({ model: 'm', ...expected })
    expect(extra).toStrictEqual(Object.fromEntries(kept.map((field) => [field, sent[field]])))
    expect(() => checkRequest(decoded.messages, decoded.options)).not.toThrow()
  })
})

describe('nonsense is an error that names the place', () => {
  const sentPart = (sent: unknown, role = 'user'): Json => ({
    messages: [{ role, content: [sent] }],
  })
  const call = (sent: unknown): Json => ({ messages: [{ role: 'assistant', tool_calls: [sent] }] })

  test.each<[Json, string]>([
    [{ model: undefined }, 'model must be a name.'],
    [{ model: '' }, 'model must be a name.'],
    [{ model: ['secret'] }, 'model must be a name.'],
    [{ messages: null }, 'messages must be a list of messages.'],
    [{ messages: 'secret' }, 'messages must be a list of messages.'],
    [{ messages: [] }, 'messages must be a list of messages.'],
    [{ messages: [...hello, 'secret'] }, 'messages.1 must be a message.'],
    [{ messages: [{}] }, 'messages.0.role must be system, developer, user, assistant or tool.'],
    [
      { messages: [{ role: 'secret' }] },
      'messages.0.role must be system, developer, user, assistant or tool.',
    ],
    [
      { messages: [...hello, ...hello, { role: 'user', content: 5 }] },
      'messages.2.content must be a text or a list of parts.',
    ],
    [{ messages: [{ role: 'user' }] }, 'messages.0.content must be a text or a list of parts.'],
    [
      { messages: [{ role: 'tool', tool_call_id: 'a' }] },
      'messages.0.content must be a text or a list of parts.',
    ],
    [{ messages: [{ role: 'tool', content: 'a' }] }, 'messages.0.tool_call_id must be a name.'],
    [
      { messages: [{ role: 'assistant', content: {} }] },
      'messages.0.content must be a text or a list of parts.',
    ],
    [{ messages: [{ role: 'assistant', reasoning: {} }] }, 'messages.0.reasoning must be a text.'],
    [
      { messages: [{ role: 'assistant', tool_calls: 'secret' }] },
      'messages.0.tool_calls must be a list of calls.',
    ],
    [sentPart('secret'), 'messages.0.content.0 must be a part.'],
    [
      sentPart({ type: 'secret' }),
      'messages.0.content.0.type must be text, image_url, input_audio or file.',
    ],
    [sentPart({ type: 'text' }), 'messages.0.content.0.text must be a text.'],
    [sentPart({ type: 'image_url' }), 'messages.0.content.0.image_url must be an object.'],
    [
      sentPart({ type: 'image_url', image_url: 'secret' }),
      'messages.0.content.0.image_url must be an object.',
    ],
    [
      sentPart({ type: 'image_url', image_url: { url: '' } }),
      'messages.0.content.0.image_url.url must be an address.',
    ],
    [
      sentPart({ type: 'image_url', image_url: { url: 'a', detail: 'secret' } }),
      'messages.0.content.0.image_url.detail must be auto, low or high.',
    ],
    [
      sentPart({ type: 'input_audio', input_audio: { data: 'a', format: 'secret' } }),
      'messages.0.content.0.input_audio.format must be wav or mp3.',
    ],
    [
      sentPart({ type: 'file', file: {} }),
      'messages.0.content.0.file.file_data must be base64 or a data: URL of it.',
    ],
    [
      sentPart({ type: 'file', file: { file_data: '<secret>' } }),
      'messages.0.content.0.file.file_data must be base64 or a data: URL of it.',
    ],
    [
      sentPart({ type: 'image_url', image_url: { url: 'secret' } }, 'system'),
      'messages.0.content.0.type must be text.',
    ],
    [
      sentPart({ type: 'image_url', image_url: { url: 'secret' } }, 'assistant'),
      'messages.0.content.0.type must be text or refusal.',
    ],
    [call('secret'), 'messages.0.tool_calls.0 must be an object.'],
    [call({ id: 'a' }), 'messages.0.tool_calls.0.function must be an object.'],
    [
      call({ function: { name: 'f', arguments: '' } }),
      'messages.0.tool_calls.0.id must be a name.',
    ],
    [
      call({ id: 'a', function: { name: 'f', arguments: { secret: 1 } } }),
      'messages.0.tool_calls.0.function.arguments must be a text.',
    ],
    [
      call({ id: 'a', type: 'secret', function: { name: 'f', arguments: '' } }),
      'messages.0.tool_calls.0.type must be function or custom.',
    ],
    [
      call({ id: 'a', type: 'custom', custom: { name: 'f' } }),
      'messages.0.tool_calls.0.custom.input must be a text.',
    ],
    [{ temperature: 'secret' }, 'temperature must be a number.'],
    [{ max_tokens: Infinity }, 'max_tokens must be a number.'],
    [
      { max_tokens: 1, max_completion_tokens: 2 },
      'max_tokens must not differ from max_completion_tokens.',
    ],
    [{ stop: 5 }, 'stop must be a text or a list of texts.'],
    [{ stop: ['a', 5] }, 'stop.1 must be a text.'],
    [{ stream: 'secret' }, 'stream must be true or false.'],
    [{ stream_options: [] }, 'stream_options must be an object.'],
    [{ response_format: 'secret' }, 'response_format must be an object.'],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'a' } } },
      'response_format.json_schema.schema must be an object.',
    ],
    [{ reasoning: [] }, 'reasoning must be an object.'],
    [{ reasoning: { max_tokens: 'secret' } }, 'reasoning.max_tokens must be a number.'],
    [{ reasoning_effort: 5 }, 'reasoning_effort must be a text.'],
    [{ tools: {} }, 'tools must be a list of tools.'],
    [{ tools: ['secret'] }, 'tools.0 must be an object.'],
    [{ tools: [tool('f'), {}] }, 'tools.1.function must be an object.'],
    [
      { tools: [tool('f', { parameters: ['secret'] })] },
      'tools.0.function.parameters must be an object.',
    ],
    [{ tools: [tool('a secret')] }, 'tools.0.function.name must be of letters, digits, _ and -.'],
    [{ tools: [tool('f'), tool('f')] }, 'tools.1.function.name must be another than those before.'],
    [{ tool_choice: 5 }, 'tool_choice must be auto, none, required or a function.'],
    [
      { tool_choice: { type: 'function' } },
      'tool_choice must be auto, none, required or a function.',
    ],
    [{ tool_choice: 'required' }, 'tool_choice must not be required without tools.'],
    [
      { tools: [tool('f')], tool_choice: { type: 'function', function: { name: 'secret' } } },
      'tool_choice must name one of the tools.',
    ],
  ])('%j: %s', async (fields, expected) => {
    const error = await caught(() => decodeRequest(body(fields)))
    expect(error.message).toBe(expected)
    expect(error.code).toBe('invalid_request')
  })

  test.each([undefined, null, 'secret', 5, []])('a body that is %j', async (sent) => {
    expect((await caught(() => decodeRequest(sent))).message).toMatch(
      /^(The body must be an object|model must be a name)\.$/,
    )
  })

  test.each<[Json, string]>([
    [{ n: 2 }, 'n must be 1: a reply is one answer.'],
    [{ functions: [] }, 'functions is not supported: use tools and tool_choice.'],
    [{ function_call: 'auto' }, 'function_call is not supported: use tools and tool_choice.'],
    [
      { messages: [{ role: 'function', name: 'f', content: 'a' }] },
      'messages.0.role must not be function: use tools.',
    ],
    [
      { messages: [{ role: 'assistant', function_call: { name: 'f' } }] },
      'messages.0.function_call is not supported: use tool_calls.',
    ],
    [
      { messages: [{ role: 'assistant', audio: { id: 'a' } }] },
      'messages.0.audio is not supported: give its transcript as content.',
    ],
    ...['system', 'developer', 'user', 'assistant'].map((role): [Json, string] => [
      { messages: [...hello, { role, content: 'a', name: 'secret' }] },
      'messages.1.name is not supported: leave it out.',
    ]),
    [
      sentPart({ type: 'file', file: { file_id: 'secret' } }),
      'messages.0.content.0.file.file_id is not supported: give file_data.',
    ],
  ])('%j, which has no counterpart: %s', async (fields, expected) => {
    const error = await caught(() => decodeRequest(body(fields)))
    expect(error.message).toBe(expected)
    expect(error.code).toBe('unsupported')
  })

  test('whatever is sent, it is decoded or refused, and nothing of it is quoted', () => {
    const junk: fc.Arbitrary<unknown> = fc.oneof(
      fc.constantFrom<unknown>(null, true, 7, 'SECRET', [], {}, ['SECRET'], { SECRET: 'SECRET' }),
      fc.jsonValue(),
    )
    const key = fc.constantFrom(
      ...'model messages tools tool_choice response_format reasoning stop n stream_options'.split(
        ' ',
      ),
    )
    const messageKey = fc.constantFrom(
      ...'role content tool_calls refusal images reasoning_details tool_call_id'.split(' '),
    )
    const role = fc.constantFrom('system', 'user', 'assistant', 'tool')
    const sent = fc
      .record({ fields: fc.dictionary(key, junk), inner: fc.dictionary(messageKey, junk), role })
      .map(({ fields, inner, role: by }) =>
        body({ messages: [{ role: by, content: 'a', ...inner }], ...fields }),
      )
    fc.assert(
      fc.property(sent, (given) => {
        try {
          const { messages, options: decoded } = decodeRequest(given)
          checkRequest(messages, decoded)
        } catch (error) {
          if (!isRatatoskrError(error)) throw error
          expect(['invalid_request', 'unsupported']).toContain(error.code)
          expect(error.message).toMatch(/^[\w.]+ (must|is) [^{}"\\]*\.$/)
          expect(error.message).not.toContain('SECRET')
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('a field named like the prototype is one like any other', () => {
    const sent = JSON.parse('{"__proto__":{"polluted":1},"model":"m","messages":[]}') as Json
    sent['messages'] = hello
    const { extra } = decodeRequest(sent)
    expect(Object.getPrototypeOf(extra)).toBe(Object.prototype)
    expect('polluted' in extra).toBe(false)
  })
})

/** The body that a decoded request becomes again. */
function encodeAgain(sent: Json, encode = encodeRequest): Json {
  const { messages, options: decoded, extra } = decodeRequest(deepFreeze(sent))
  const request = {
    model: decoded.model,
    messages,
    options: { ...decoded, providerOptions: extra },
  }
  return JSON.parse(JSON.stringify(encode(deepFreeze(request)))) as Json
}

describe('there and back', () => {
  const parameters = { type: 'object', properties: { city: { type: 'string' } } }
  const added = { stream: true, stream_options: { include_usage: true } }
  test.each<[string, Json, differs?: Json]>([
    ['a question', {}],
    [
      'all numbers',
      {
        temperature: 0,
        top_p: 1,
        top_k: 1,
        max_tokens: 5,
        seed: 0,
        frequency_penalty: 1,
        presence_penalty: -2,
        parallel_tool_calls: true,
        stop: ['a'],
      },
    ],
    ['one stop', { stop: 'a' }, { stop: ['a'] }],
    [
      'another name for the limit, which the profile chooses',
      { max_completion_tokens: 5 },
      { max_tokens: 5, max_completion_tokens: undefined },
    ],
    [
      'what is not known',
      { logit_bias: { 5: 1 }, user: 'a', service_tier: 'flex', prediction: { type: 'content' } },
    ],
    ['effort', { reasoning_effort: 'xhigh' }],
    ['an effort that is not known', { reasoning_effort: 'max' }],
    ['JSON', { response_format: { type: 'json_object' } }],
    [
      'text, which is the default',
      { response_format: { type: 'text' } },
      { response_format: undefined },
    ],
    [
      'a schema with all that may be',
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'a', schema: parameters, strict: true, description: 'b' },
        },
      },
    ],
    [
      'a schema that is not strict by default',
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: parameters } } },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'a', schema: parameters, strict: false },
        },
      },
    ],
    [
      'tools',
      {
        tools: [
          tool('f', { description: 'a', parameters, strict: true }),
          tool('g', { parameters }),
        ],
        tool_choice: { type: 'function', function: { name: 'g' } },
      },
    ],
    [
      'a tool without parameters, which takes none',
      { tools: [tool('f')] },
      { tools: [tool('f', { parameters: { type: 'object', properties: {} } })] },
    ],
    [
      'custom tools, and a choice among some',
      {
        tools: [tool('f'), { type: 'custom', custom: { name: 'c', format: { type: 'text' } } }],
        tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } },
      },
    ],
    [
      'custom tools alone',
      { tools: [{ type: 'custom', custom: { name: 'c' } }], tool_choice: 'required' },
    ],
    [
      'a conversation',
      {
        messages: [
          { role: 'system', content: 'Be brief.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: 'https://a.example/a', detail: 'high' } },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
              { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
              {
                type: 'file',
                file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AAAA' },
              },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: 'a', type: 'function', function: { name: 'f', arguments: '{ "x": 1 }' } },
              { id: 'b', type: 'custom', custom: { name: 'c', input: 'x = 1' } },
            ],
          },
          { role: 'tool', tool_call_id: 'a', content: '4' },
          { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: '5' }] },
          { role: 'assistant', content: null, refusal: 'no' },
          { role: 'user', content: '' },
        ],
      },
    ],
    [
      'instructions by the developer',
      { messages: [{ role: 'developer', content: [{ type: 'text', text: 'a' }] }, ...hello] },
      { messages: [{ role: 'system', content: 'a' }, ...hello] },
    ],
  ])('%s', (_name, fields, differs = {}) => {
    const sent = body(fields)
    const expected = JSON.parse(JSON.stringify({ ...sent, ...added, ...differs })) as Json
    expect(encodeAgain(sent)).toStrictEqual(expected)
  })

  test('by a profile with another field for the limit', () => {
    const profile = { maxTokensField: 'max_completion_tokens' } as const
    const sent = body({ max_completion_tokens: 5, user: 'a' })
    expect(encodeAgain(sent, (request) => encodeRequest(request, { profile }))).toStrictEqual({
      ...sent,
      ...added,
    })
  })

  test('through a gateway, to OpenAI and OpenRouter', async () => {
    const sent = body({
      messages: [
        { role: 'assistant', content: 'a', reasoning_details: [{ type: 'x', data: 'AAAA' }] },
        ...hello,
      ],
      tools: [tool('f', { parameters }), { type: 'openrouter:web_search' }],
      reasoning: { effort: 'low', max_tokens: 9, enabled: true },
      plugins: [{ id: 'web' }],
    })
    const through = async (make: typeof openrouter, given: Json): Promise<Json | undefined> => {
      const { fetch, calls } = recordingFetch()
      const gateway = createGateway({
        providers: [make({ apiKey: 'k', fetch })],
        retry: { limit: 0 },
      })
      const { messages, options: decoded, extra } = decodeRequest(given)
      await gateway.chatStream(messages, { ...decoded, providerOptions: extra })
      return calls[0]?.body
    }
    expect(await through(openrouter, sent)).toStrictEqual({ ...sent, stream: true })
    const { reasoning: _, ...plain } = sent
    expect(await through(openai, { ...plain, max_tokens: 5 })).toMatchObject({
      tools: sent['tools'],
      max_completion_tokens: 5,
      plugins: sent['plugins'],
    })
  })

  test('a marked prompt is marked again', () => {
    const marked = { type: 'text', text: 'Hello', cache_control: { type: 'ephemeral' } }
    const { options: decoded } = decode({ messages: [{ role: 'user', content: [marked] }] })
    expect(decoded.cachePrompt).toBe(true)
  })

  test('what this library asks is what it reads', () => {
    const some = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
      fc.option(value, { nil: undefined })
    const strip = <Value extends object>(value: Value): Value =>
      Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as Value
    const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)
    const ids = fc.stringMatching(/^[\w:.-]{1,9}$/)
    const names = fc.stringMatching(/^[\w-]{1,9}$/)
    const base64 = fc.base64String({ minLength: 4, maxLength: 8 })
    const record = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }))
    // -0 has no form in JSON.
    const json = record.map((value) => JSON.parse(JSON.stringify(value)) as typeof value)
    const textPart = fc.record({ type: fc.constant('text' as const), text: fc.string() })
    const imagePart = fc
      .tuple(
        fc.oneof(
          fc.record({ url: fc.webUrl() }),
          fc.record({ data: base64, mediaType: fc.constant('image/png') }),
        ),
        some(fc.constantFrom('auto', 'low', 'high')),
      )
      .map(([source, detail]) => strip({ type: 'image' as const, ...source, detail }))
    const filePart = fc.oneof(
      fc.record({
        type: fc.constant('file'),
        data: base64,
        mediaType: fc.constantFrom('application/pdf', 'text/plain;charset=utf-8', 'audio/flac'),
        filename: texts,
      }),
      fc.record({
        type: fc.constant('file'),
        data: base64,
        mediaType: fc.constantFrom('audio/wav', 'audio/mp3'),
      }),
    )
    const parts = fc.array(fc.oneof(textPart, imagePart, filePart)) as fc.Arbitrary<UserPart[]>
    const calls = fc.array(
      fc.oneof(
        fc.record({ id: ids, name: names, arguments: json.map((value) => JSON.stringify(value)) }),
        fc.record({ id: ids, name: names, arguments: fc.string(), kind: fc.constant('custom') }),
      ),
      { minLength: 1, maxLength: 3 },
    )
    const messages = fc.array(
      fc.oneof(
        fc.record({ role: fc.constant('system'), content: fc.string() }),
        fc.record({ role: fc.constant('user'), content: fc.oneof(fc.string(), parts) }),
        fc
          .record({ content: fc.string(), toolCalls: some(calls), refusal: some(texts) })
          .map((fields) => strip({ role: 'assistant', ...fields })),
        fc.record({
          role: fc.constant('tool'),
          toolCallId: ids,
          content: fc.oneof(fc.string(), fc.array(textPart)),
        }),
      ),
      { minLength: 1, maxLength: 5 },
    ) as fc.Arbitrary<Message[]>
    const given = fc
      .record({
        temperature: some(number),
        topP: some(number),
        topK: some(number),
        maxTokens: some(number),
        stop: some(fc.array(fc.string())),
        seed: some(number),
        frequencyPenalty: some(number.filter(Boolean)),
        presencePenalty: some(number.filter(Boolean)),
        parallelToolCalls: some(fc.boolean()),
        reasoning: some(
          fc.record({
            effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh'),
          }),
        ),
        responseFormat: some(
          fc.oneof(
            fc.constant({ type: 'json' }),
            fc.record({
              type: fc.constant('json_schema'),
              name: fc.string(),
              schema: json,
              strict: fc.boolean(),
            }),
          ),
        ),
        tools: some(
          fc.uniqueArray(
            fc
              .record({
                name: names,
                description: some(fc.string()),
                parameters: json,
                strict: some(fc.boolean()),
              })
              .map(strip),
            { minLength: 1, maxLength: 3, selector: ({ name }) => name },
          ),
        ),
        choice: fc.constantFrom(undefined, 'auto', 'none', 'required', 'first'),
      })
      .map(({ choice, ...fields }) => {
        const first = fields.tools?.[0]
        const toolChoice = choice === 'first' ? { name: first?.name ?? '' } : choice
        return strip({ ...fields, toolChoice: first && toolChoice })
      }) as fc.Arbitrary<Omit<ChatOptions, 'model'>>
    fc.assert(
      fc.property(messages, given, (asked, fields) => {
        const wanted = { model: 'm', ...fields }
        const encoded = encodeRequest({ model: 'm', messages: asked, options: wanted })
        const decoded = decodeRequest(JSON.parse(JSON.stringify(encoded)))
        expect(decoded.messages).toStrictEqual(structuredClone(asked))
        expect(decoded.options).toStrictEqual(structuredClone(wanted))
        expect(decoded.extra).toStrictEqual({})
        expect(decoded.stream).toBe(true)
        expect(decoded.reply).toStrictEqual({ model: 'm', includeUsage: true })
      }),
      { numRuns: 1000 },
    )
  })
})
