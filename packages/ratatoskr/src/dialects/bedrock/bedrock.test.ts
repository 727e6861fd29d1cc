import { describe, expect, test } from 'vitest'
import { runDecoder, type Run } from '../../../test/run-decoder.ts'
import { collect } from '../../collect.ts'
import { isRatatoskrError, RatatoskrError } from '../../errors.ts'
import type { ChatEvent } from '../../event.ts'
import { assistant, system, toolResult, user, type Message } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import type { Chunk } from './chunk.ts'
import { decodeReply } from './decode-reply.ts'
import { encodeError } from './encode-reply.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

const start = (contentBlockIndex: number, block: Json): Chunk => ({
  contentBlockStart: { contentBlockIndex, start: block },
})
const delta = (contentBlockIndex: number, change: Json): Chunk => ({
  contentBlockDelta: { contentBlockIndex, delta: change },
})
const stop = (contentBlockIndex: number): Chunk => ({ contentBlockStop: { contentBlockIndex } })
const end = (stopReason = 'end_turn'): Chunk => ({ messageStop: { stopReason } })
const call = (n: number, more: Json = {}): Chunk =>
  start(n, { toolUse: { toolUseId: `id${n}`, name: 'f', ...more } })
const input = (n: number, text: string): Chunk => delta(n, { toolUse: { input: text } })

function run(
  chunks: readonly Chunk[],
  options?: Parameters<typeof decodeReply>[0],
): Run<ChatEvent> {
  return runDecoder(decodeReply(options), chunks)
}

describe('a reply', () => {
  test('ends with its counts, or without them', () => {
    const usage = {
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 22,
      cacheReadInputTokens: 4,
      cacheWriteInputTokens: 3,
    }
    const done = { type: 'done', finishReason: 'stop', rawFinishReason: 'end_turn' }
    expect(run([end(), { metadata: { usage } }, delta(0, { text: 'late' })]).output).toEqual([
      {
        type: 'usage',
        usage: {
          promptTokens: 17,
          completionTokens: 5,
          totalTokens: 22,
          cachedTokens: 4,
          cacheWriteTokens: 3,
        },
      },
      done,
    ])
    expect(run([end()]).output).toEqual([done])
    expect(run([{ messageStop: {} }]).output).toEqual([{ type: 'done', finishReason: 'other' }])
    expect(run([delta(0, { text: 'Hi' })]).error?.code).toBe('truncated')
    expect(run([{ metadata: { usage } }]).error?.code).toBe('truncated')
  })

  test.each([
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['tool_use', 'tool_calls'],
    ['content_filtered', 'content_filter'],
    ['guardrail_intervened', 'content_filter'],
    ['malformed_tool_use', 'other'],
  ])('that ends for %s', (word, finishReason) => {
    expect(run([end(word)]).output).toEqual([{ type: 'done', finishReason, rawFinishReason: word }])
  })

  test('calls: in pieces, without arguments, cut, and those of Amazon’s own', () => {
    const { output } = run(
      [
        call(0),
        input(0, '{"x":'),
        input(0, '1}'),
        stop(0),
        call(1),
        stop(1),
        call(2, { type: 'server_tool_use' }),
        input(2, '{}'),
        stop(2),
        call(3),
        input(3, '{"y'),
        stop(3),
        end('max_tokens'),
      ],
      { includeProviderEvents: true },
    )
    expect(
      output.map((event) => ('index' in event ? `${event.type} ${event.index}` : event.type)),
    ).toEqual([
      'tool_call_start 0',
      'tool_call_delta 0',
      'tool_call_delta 0',
      'tool_call_end 0',
      'tool_call_start 1',
      'tool_call_end 1',
      'provider',
      'provider',
      'tool_call_start 2',
      'tool_call_delta 2',
      'done',
    ])
  })

  test('sources and images', () => {
    const web = { title: 'A', location: { web: { url: 'https://a.example' } } }
    const document = {
      location: { documentChar: { documentIndex: 2 } },
      sourceContent: [{ text: 'passage' }],
    }
    const { output } = run([
      delta(0, { citation: web }),
      delta(0, { citation: document }),
      start(1, { image: { format: 'webp' } }),
      delta(1, { image: { source: { bytes: 'aGk=' } } }),
      end(),
    ])
    expect(output.slice(0, -1)).toEqual([
      { type: 'citation', citation: { url: 'https://a.example', title: 'A' } },
      { type: 'citation', citation: { text: 'passage', documentId: '2' } },
      { type: 'image', image: { mediaType: 'image/webp', data: 'aGk=' } },
    ])
  })

  test.each<[string, string, boolean]>([
    ['throttlingException', 'rate_limited', true],
    ['serviceUnavailableException', 'overloaded', true],
    ['modelTimeoutException', 'timeout', true],
    ['validationException', 'invalid_request', false],
    ['accessDeniedException', 'permission', false],
    ['internalServerException', 'api', true],
    ['modelStreamErrorException', 'api', true],
    ['InternalFailure', 'api', true],
    ['ThrottledError', 'api', true],
  ])('%s fails it, after what came before', (name, code, retryable) => {
    const { output, error } = run([delta(0, { text: 'Hi' }), { [name]: { message: 'Why' } }])
    expect(output).toEqual([{ type: 'content', text: 'Hi' }])
    expect(error).toMatchObject({ code, retryable, providerMessage: 'Why' })
  })

  test.each<[string, Chunk[]]>([
    ['no name', [start(0, { toolUse: { toolUseId: 'a' } })]],
    ['arguments after the end', [call(0), input(0, '{}'), stop(0), input(0, '{}')]],
  ])('a call with %s is an error', (_, chunks) => {
    expect(run(chunks).error?.code).toBe('protocol')
  })
})

test('signed and redacted reasoning goes back in its place, byte for byte, and nowhere else', async () => {
  const { output } = run([
    delta(0, { reasoningContent: { text: 'Hm' } }),
    delta(0, { reasoningContent: { text: '.' } }),
    delta(0, { reasoningContent: { signature: 'c2ln' } }),
    stop(0),
    // Two pieces, each encoded by itself: `se` and `cret`.
    delta(1, { reasoningContent: { redactedContent: 'c2U=' } }),
    delta(1, { reasoningContent: { redactedContent: 'Y3JldA==' } }),
    delta(2, { text: 'Hi' }),
    stop(2),
    call(3),
    stop(3),
    end('tool_use'),
  ])
  const { message } = await collect(output)
  const copy = JSON.parse(JSON.stringify(message)) as Message
  const messagesOf = (given: Message): unknown =>
    encodeRequest({ model: 'm', messages: [given], options: { model: 'm' } })['messages']
  const said = [{ text: 'Hi' }, { toolUse: { toolUseId: 'id3', name: 'f', input: {} } }]
  expect(messagesOf(copy)).toEqual([
    {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
        { reasoningContent: { redactedContent: 'c2VjcmV0' } },
        ...said,
      ],
    },
  ])
  const foreign = { ...copy, continuation: { dialect: 'anthropic', data: {} } } as Message
  expect(messagesOf(foreign)).toEqual([{ role: 'assistant', content: said }])
})

function encode(options: Partial<ChatOptions> = {}, messages: Message[] = [user('Hi')]): Json {
  const model = String(options.model ?? 'amazon.nova-lite-v1:0')
  const request = { model, messages, options: { ...options, model } }
  return JSON.parse(JSON.stringify(encodeRequest(request))) as Json
}

describe('a request', () => {
  test('of all options', () => {
    expect(
      encode({
        model: 'anthropic.claude-haiku-4-5-v1:0',
        tools: [{ name: 'f', description: 'd', parameters: { type: 'object' } }],
        toolChoice: { name: 'f' },
        temperature: 0.5,
        topP: 0.9,
        maxTokens: 100,
        stop: 'x',
        reasoning: { maxTokens: 2000 },
        providerOptions: { additionalModelRequestFields: { top_k: 3 }, guardrailConfig: {} },
      }),
    ).toEqual({
      messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
      inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['x'] },
      additionalModelRequestFields: {
        thinking: { type: 'enabled', budget_tokens: 2000 },
        top_k: 3,
      },
      toolConfig: {
        tools: [
          { toolSpec: { name: 'f', description: 'd', inputSchema: { json: { type: 'object' } } } },
        ],
        toolChoice: { tool: { name: 'f' } },
      },
      guardrailConfig: {},
    })
    const tools = [{ name: 'f' }]
    expect(encode({ tools, toolChoice: 'required' })['toolConfig']).toMatchObject({
      toolChoice: { any: {} },
    })
    expect(encode({ tools })['toolConfig']).not.toHaveProperty('toolChoice')
  })

  test('of a conversation, marked for the cache', () => {
    const messages: Message[] = [
      system('Be brief.'),
      user([
        'Look:',
        { type: 'image', data: 'aGk=', mediaType: 'image/jpg' },
        { type: 'file', data: 'aGk=', mediaType: 'application/pdf', filename: 'Bericht: März.pdf' },
        { type: 'file', data: 'aGk=', mediaType: 'text/csv', filename: 'a_b.csv' },
        { type: 'file', data: 'aGk=', mediaType: 'text/csv', filename: 'a_b.csv' },
      ]),
      assistant('', [
        { id: 'a', name: 'f', arguments: '' },
        { id: 'b', name: 'f', arguments: '{"x":1}' },
      ]),
      toolResult('a', { x: 1 }),
      toolResult('b', 'no', { isError: true }),
    ]
    const { system: instructions, messages: turns } = encode({ cachePrompt: true }, messages)
    const mark = { cachePoint: { type: 'default' } }
    expect(instructions).toEqual([{ text: 'Be brief.' }, mark])
    expect(turns).toEqual([
      {
        role: 'user',
        content: [
          { text: 'Look:' },
          { image: { format: 'jpeg', source: { bytes: 'aGk=' } } },
          { document: { format: 'pdf', name: 'Bericht M rz', source: { bytes: 'aGk=' } } },
          { document: { format: 'csv', name: 'a b', source: { bytes: 'aGk=' } } },
          { document: { format: 'csv', name: 'a b 2', source: { bytes: 'aGk=' } } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { toolUse: { toolUseId: 'a', name: 'f', input: {} } },
          { toolUse: { toolUseId: 'b', name: 'f', input: { x: 1 } } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'a', content: [{ text: '{"x":1}' }] } },
          { toolResult: { toolUseId: 'b', content: [{ text: 'no' }], status: 'error' } },
          mark,
        ],
      },
    ])
  })

  test('of a schema, and of strict tools', () => {
    const schema = { type: 'object', properties: {} }
    const { outputConfig, toolConfig } = encode({
      responseFormat: { type: 'json_schema', schema },
      tools: [{ name: 'f', strict: true }],
    })
    expect(outputConfig).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { name: 'response', schema: JSON.stringify(schema) } },
      },
    })
    expect(toolConfig).toMatchObject({ tools: [{ toolSpec: { name: 'f', strict: true } }] })
  })

  test.each<[string, Partial<ChatOptions>, Json]>([
    [
      'us.anthropic.claude-opus-4-7',
      { reasoning: { effort: 'high' } },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } },
    ],
    [
      'anthropic.claude-sonnet-5',
      { reasoning: { exclude: true } },
      { thinking: { type: 'adaptive', display: 'omitted' } },
    ],
    [
      'anthropic.claude-haiku-4-5-20251001-v1:0',
      { reasoning: { effort: 'high' }, maxTokens: 4000 },
      { thinking: { type: 'enabled', budget_tokens: 3200 } },
    ],
    [
      'anthropic.claude-opus-4-7',
      { reasoning: { effort: 'none' } },
      { thinking: { type: 'disabled' } },
    ],
  ])('of reasoning, as %s takes it', (model, options, fields) => {
    expect(encode({ ...options, model })['additionalModelRequestFields']).toEqual(fields)
  })

  test('of calls whose ids came from elsewhere', () => {
    const id = 'functions.weather:1'
    const messages = [
      assistant('', [{ id, name: 'f', arguments: '{}' }]),
      toolResult(id, 'x'),
      assistant('', [{ id: 'c00000000', name: 'f', arguments: '{}' }]),
    ]
    expect(encode({}, messages)['messages']).toMatchObject([
      { content: [{ toolUse: { toolUseId: 'c00000001' } }] },
      { content: [{ toolResult: { toolUseId: 'c00000001' } }] },
      { content: [{ toolUse: { toolUseId: 'c00000000' } }] },
    ])
  })

  const refused = (action: () => unknown): unknown => {
    try {
      action()
    } catch (error) {
      return isRatatoskrError(error) ? error.message : error
    }
    return 'nothing thrown'
  }

  test.each<[string, Partial<ChatOptions>]>([
    ['topK (give it in providerOptions.additionalModelRequestFields)', { topK: 1 }],
    ['seed', { seed: 1 }],
    ['frequencyPenalty', { frequencyPenalty: 1 }],
    ['presencePenalty', { presencePenalty: 1 }],
    ['parallelToolCalls', { parallelToolCalls: false }],
    ['toolChoice none', { tools: [{ name: 'f' }], toolChoice: 'none' }],
    ['responseFormat json (give a schema)', { responseFormat: { type: 'json' } }],
    [
      'reasoning.exclude',
      { model: 'anthropic.claude-haiku-4-5-v1:0', reasoning: { exclude: true } },
    ],
    [
      'reasoning.effort minimal',
      { model: 'anthropic.claude-opus-5', reasoning: { effort: 'minimal' } },
    ],
    ['reasoning (give it in providerOptions.additionalModelRequestFields)', { reasoning: {} }],
  ])('with %s is refused by name', (name, options) => {
    expect(refused(() => encode(options))).toBe(
      `bedrock cannot honour ${name}; leave it out, or choose another provider.`,
    )
  })

  test.each<[string, Message]>([
    [
      'Bedrock reads no addresses, give the data.',
      user([{ type: 'image', url: 'https://a.example' }]),
    ],
    [
      'Bedrock takes no file of audio/wav.',
      user([{ type: 'file', data: 'aGk=', mediaType: 'audio/wav' }]),
    ],
    [
      'Bedrock has no custom tool calls.',
      assistant('', [{ id: 'a', name: 'f', arguments: 'x', kind: 'custom' }]),
    ],
    [
      'The arguments of a call of f must be a JSON object.',
      assistant('', [{ id: 'a', name: 'f', arguments: '[1]' }]),
    ],
  ])('that breaks a rule: %s', (words, message) => {
    expect(refused(() => encode({}, [message]))).toBe(words)
  })
})

test('an error has its name in a header', () => {
  expect(encodeError(new RatatoskrError('rate_limited', 'Wait.'))).toMatchObject({
    status: 429,
    headers: { 'x-amzn-errortype': 'ThrottlingException' },
    body: { message: 'Wait.' },
  })
})
