import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { assistant, system, toolResult, user, type Message } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import { encodeRequest } from './encode-request.ts'

type Options = Omit<ChatOptions, 'model'>
type Json = { [field: string]: unknown }

const messages = [user('Hello')]
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const weather = { name: 'weather', description: 'The weather in a city', parameters }
const schema = { type: 'object', properties: { answer: { type: 'string' } } }
const adaptive = 'claude-sonnet-5'
const budgeted = 'claude-sonnet-4-5-20250929'

/** The body as it goes over the wire. What it is made of is frozen: it stays as it is. */
function encode(options: Options, model = adaptive, sent: readonly Message[] = messages): Json {
  const body = encodeRequest({
    model,
    messages: deepFreeze(structuredClone(sent)),
    options: deepFreeze({ ...options, model }),
  })
  return JSON.parse(JSON.stringify(body)) as Json
}

/** The fields besides those that every request has. */
function fields(options: Options, model?: string): Json {
  const { model: _, messages: __, stream: ___, max_tokens: ____, ...rest } = encode(options, model)
  return rest
}

test('a request without options', () => {
  expect(encode({})).toStrictEqual({
    model: adaptive,
    max_tokens: 32_000,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    stream: true,
  })
})

test('the model is the one that was chosen, not the list in the options', () => {
  const options = { model: ['a', 'b'] }
  expect(encodeRequest({ model: 'b', messages, options })['model']).toBe('b')
})

describe('each option has its field', () => {
  const tool = { name: 'weather', description: 'The weather in a city', input_schema: parameters }
  test.each<[name: string, options: Options, expected: Json]>([
    ['temperature', { temperature: 0.5 }, { temperature: 0.5 }],
    ['a temperature of 0', { temperature: 0 }, { temperature: 0 }],
    ['topP', { topP: 0.25 }, { top_p: 0.25 }],
    ['topK', { topK: 40 }, { top_k: 40 }],
    ['one stop', { stop: 'END' }, { stop_sequences: ['END'] }],
    ['several stops', { stop: ['END', '\n\n'] }, { stop_sequences: ['END', '\n\n'] }],
    ['tools', { tools: [weather] }, { tools: [tool] }],
    [
      'strict tools',
      { tools: [{ ...weather, strict: true }] },
      { tools: [{ ...tool, strict: true }] },
    ],
    [
      'a tool that takes nothing',
      { tools: [{ name: 'now' }] },
      { tools: [{ name: 'now', input_schema: { type: 'object', properties: {} } }] },
    ],
    ['no tools', { tools: [] }, {}],
    [
      'toolChoice auto',
      { tools: [weather], toolChoice: 'auto' },
      { tools: [tool], tool_choice: { type: 'auto' } },
    ],
    [
      'toolChoice none',
      { tools: [weather], toolChoice: 'none' },
      { tools: [tool], tool_choice: { type: 'none' } },
    ],
    [
      'toolChoice required',
      { tools: [weather], toolChoice: 'required' },
      { tools: [tool], tool_choice: { type: 'any' } },
    ],
    [
      'toolChoice of a tool',
      { tools: [weather], toolChoice: { name: 'weather' } },
      { tools: [tool], tool_choice: { type: 'tool', name: 'weather' } },
    ],
    [
      'one call at a time',
      { tools: [weather], parallelToolCalls: false },
      { tools: [tool], tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    ],
    [
      'one call at a time, which must be',
      { tools: [weather], toolChoice: 'required', parallelToolCalls: false },
      { tools: [tool], tool_choice: { type: 'any', disable_parallel_tool_use: true } },
    ],
    [
      'one call at a time, of a tool',
      { tools: [weather], toolChoice: { name: 'weather' }, parallelToolCalls: false },
      {
        tools: [tool],
        tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
      },
    ],
    [
      // The format has no such field there.
      'one call at a time, and none',
      { tools: [weather], toolChoice: 'none', parallelToolCalls: false },
      { tools: [tool], tool_choice: { type: 'none' } },
    ],
    [
      'calls side by side, as is usual',
      { tools: [weather], parallelToolCalls: true },
      { tools: [tool] },
    ],
    ['one call at a time without tools', { parallelToolCalls: false, toolChoice: 'none' }, {}],
    ['text', { responseFormat: { type: 'text' } }, {}],
    [
      'a JSON Schema',
      { responseFormat: { type: 'json_schema', name: 'answer', schema, strict: true } },
      { output_config: { format: { type: 'json_schema', schema } } },
    ],
    [
      'a JSON Schema and reasoning',
      { responseFormat: { type: 'json_schema', schema }, reasoning: { effort: 'low' } },
      {
        thinking: { type: 'adaptive', display: 'summarized' },
        output_config: { effort: 'low', format: { type: 'json_schema', schema } },
      },
    ],
    [
      'what is not the format’s business',
      { collect: false, maxResponseBytes: 9, includeProviderEvents: true },
      {},
    ],
    ['undefined', { temperature: undefined, stop: undefined } as unknown as Options, {}],
  ])('%s', (_, options, expected) => {
    expect(fields(options)).toStrictEqual(expected)
  })

  test('server tools, which stand in the provider’s options alone, can be chosen too', () => {
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }]
    expect(fields({ providerOptions: { tools }, toolChoice: 'none' })).toStrictEqual({
      tools,
      tool_choice: { type: 'none' },
    })
    expect(fields({ providerOptions: { tools }, parallelToolCalls: false })).toStrictEqual({
      tools,
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    })
  })
})

describe('max_tokens, which the format must have', () => {
  test.each([0, 1, 100])('as it was asked: %i', (maxTokens) => {
    expect(encode({ maxTokens })['max_tokens']).toBe(maxTokens)
    expect(encode({ maxTokens }, budgeted)['max_tokens']).toBe(maxTokens)
  })

  test.each([
    'claude-opus-4-1',
    'claude-opus-4-5',
    'claude-haiku-4-5',
    'claude-fable-5-1',
    'nut-1',
  ])('otherwise what all models of these years can: %s', (model) => {
    expect(encode({}, model)['max_tokens']).toBe(32_000)
  })
})

describe('reasoning', () => {
  const reasoned = (
    reasoning: ChatOptions['reasoning'],
    model?: string,
    maxTokens?: number,
  ): Json => {
    const { max_tokens, thinking, output_config } = encode(
      { ...(reasoning && { reasoning }), ...(maxTokens !== undefined && { maxTokens }) },
      model,
    )
    return { max_tokens, thinking, output_config }
  }

  test('is left to the model where nothing was asked', () => {
    for (const model of [adaptive, budgeted]) {
      expect(reasoned(undefined, model)).toStrictEqual({
        max_tokens: 32_000,
        thinking: undefined,
        output_config: undefined,
      })
    }
  })

  test.each(['low', 'medium', 'high', 'xhigh'] as const)(
    'effort %s where thinking adapts',
    (effort) => {
      expect(reasoned({ effort })).toStrictEqual({
        max_tokens: 32_000,
        // Newer models send no thoughts unless they are asked.
        thinking: { type: 'adaptive', display: 'summarized' },
        output_config: { effort },
      })
    },
  )

  test('without an effort', () => {
    expect(reasoned({})).toMatchObject({ thinking: { type: 'adaptive', display: 'summarized' } })
    expect(reasoned({})['output_config']).toBeUndefined()
  })

  test('not shown', () => {
    expect(reasoned({ exclude: true })['thinking']).toStrictEqual({
      type: 'adaptive',
      display: 'omitted',
    })
    expect(reasoned({ effort: 'low', exclude: true }, budgeted)['thinking']).toMatchObject({
      type: 'enabled',
      display: 'omitted',
    })
  })

  test('none', () => {
    for (const model of [adaptive, budgeted]) {
      expect(reasoned({ effort: 'none' }, model)).toStrictEqual({
        max_tokens: 32_000,
        thinking: { type: 'disabled' },
        output_config: undefined,
      })
    }
  })

  test('of so many tokens', () => {
    const found = reasoned({ maxTokens: 2000 }, adaptive)
    expect(found).toMatchObject({
      max_tokens: 32_000,
      thinking: { type: 'enabled', budget_tokens: 2000 },
    })
    expect(reasoned({ maxTokens: 2000 }, budgeted, 4000)).toMatchObject({
      max_tokens: 4000,
      thinking: { type: 'enabled', budget_tokens: 2000 },
    })
  })

  test('a budget is less than the tokens of the reply, which grow with it unless they are given', () => {
    for (const model of [adaptive, budgeted]) {
      const { max_tokens, thinking } = reasoned({ maxTokens: 60_000 }, model)
      expect(thinking).toMatchObject({ budget_tokens: 60_000 })
      expect(max_tokens).toBeGreaterThan(60_000)
    }
  })

  test.each([
    ['minimal', 0.1],
    ['low', 0.2],
    ['medium', 0.5],
    ['high', 0.8],
    ['xhigh', 0.95],
  ] as const)('effort %s is a share of the tokens where there are budgets', (effort, share) => {
    const { max_tokens, thinking, output_config } = reasoned({ effort }, budgeted, 20_000)
    expect(max_tokens).toBe(20_000)
    expect(thinking).toMatchObject({ type: 'enabled', budget_tokens: share * 20_000 })
    expect(output_config).toBeUndefined()
  })

  test('a budget is 1,024 at the least', () => {
    const { thinking } = reasoned({ effort: 'minimal' }, budgeted, 2000)
    expect(thinking).toMatchObject({ budget_tokens: 1024 })
  })

  test.each([
    'claude-3-7-sonnet-20250219',
    'claude-3-7-sonnet-latest',
    'claude-sonnet-4-20250514',
    'claude-opus-4-0',
    'claude-opus-4-1-20250805',
    'claude-sonnet-4-5',
    'claude-opus-4-5-20251101',
    'claude-haiku-4-5',
    'anthropic/claude-sonnet-4',
    'anthropic/claude-sonnet-4.5',
    'anthropic/claude-3.7-sonnet',
  ])('%s has budgets', (model) => {
    expect(reasoned({ effort: 'high' }, model)['thinking']).toMatchObject({ type: 'enabled' })
  })

  test.each([
    'claude-opus-4-6',
    'claude-sonnet-4-6',
    'claude-opus-4-7',
    'claude-opus-4-8',
    'claude-sonnet-5',
    'claude-opus-5',
    'claude-fable-5-2',
    'claude-haiku-5-5',
    'claude-mythos-preview',
    'anthropic/claude-opus-4.7',
    'us.anthropic.claude-opus-4-6-v1',
  ])('%s has adaptive thinking', (model) => {
    expect(reasoned({ effort: 'high' }, model)['thinking']).toMatchObject({ type: 'adaptive' })
  })

  test('any budget that is made up is one that the format takes', () => {
    const effort = fc.constantFrom('minimal', 'low', 'medium', 'high', 'xhigh' as const)
    fc.assert(
      fc.property(effort, fc.integer({ min: 1025, max: 200_000 }), (each, maxTokens) => {
        const { thinking } = reasoned({ effort: each as 'low' }, budgeted, maxTokens)
        const { budget_tokens: budget } = thinking as { budget_tokens: number }
        expect(Number.isInteger(budget)).toBe(true)
        expect(budget).toBeGreaterThanOrEqual(1024)
        expect(budget).toBeLessThan(maxTokens)
      }),
    )
  })
})

describe('what Anthropic does not have', () => {
  test.each<[string, Options]>([
    ['seed', { seed: 0 }],
    ['frequencyPenalty', { frequencyPenalty: 0 }],
    ['presencePenalty', { presencePenalty: 1 }],
    ['responseFormat json', { responseFormat: { type: 'json' } }],
    ['reasoning.effort minimal', { reasoning: { effort: 'minimal' } }],
    ['reasoning.effort minimal', { reasoning: { effort: 'minimal', maxTokens: 2000 } }],
  ])('is refused by its name: %s', async (name, options) => {
    const error = await caught(() => encode(options))
    expect(error).toMatchObject({ code: 'unsupported', retryable: false })
    expect(error.message).toContain(name)
  })
})

describe('provider options', () => {
  test('win over what the library writes, whole', () => {
    const providerOptions = {
      metadata: { user_id: 'u' },
      thinking: { type: 'disabled' },
      output_config: { effort: 'max' },
      max_tokens: 7,
    }
    expect(encode({ reasoning: { effort: 'low' }, maxTokens: 9, providerOptions })).toMatchObject(
      providerOptions,
    )
  })

  test.each(['stream', 'model', 'messages'])('must not set %s', async (field) => {
    const error = await caught(() => encode({ providerOptions: { [field]: null } }))
    expect(error.code).toBe('invalid_request')
    expect(error.message).toContain(field)
  })
})

describe('cachePrompt', () => {
  const marks = (body: Json): number => JSON.stringify(body).split('"cache_control"').length - 1
  const mark = { cache_control: { type: 'ephemeral' } }

  test('marks the instructions and the end of the prompt', () => {
    const sent = [system('a'), system('b'), user('c'), assistant('d'), user(['e', 'f'])]
    const body = encode({ cachePrompt: true }, adaptive, sent)
    expect(body).toMatchObject({
      system: [{ text: 'a' }, { text: 'b', ...mark }],
      messages: [{}, {}, { content: [{ text: 'e' }, { text: 'f', ...mark }] }],
    })
    expect(marks(body)).toBe(2)
  })

  test('marks the last of the results', () => {
    const calls = ['a', 'b'].map((id) => ({ id, name: 'f', arguments: '{}' }))
    const sent = [user('c'), assistant('', calls), toolResult('a', '1'), toolResult('b', '2')]
    const body = encode({ cachePrompt: true }, adaptive, sent)
    expect((body['messages'] as Json[]).at(-1)).toMatchObject({
      content: [{ tool_use_id: 'a' }, { tool_use_id: 'b', ...mark }],
    })
    expect(marks(body)).toBe(1)
  })

  test('never marks thinking, which cannot be', () => {
    const blocks = [
      { type: 'text', length: 1 },
      { type: 'redacted_thinking', data: 'x' },
    ]
    const continuation = { dialect: 'anthropic', data: { blocks } }
    const sent = [user('a'), { ...assistant('b'), continuation }]
    const body = encode({ cachePrompt: true }, adaptive, sent)
    const [text, thinking] = (body['messages'] as { content: Json[] }[])[1]?.content ?? []
    expect(thinking).toEqual({ type: 'redacted_thinking', data: 'x' })
    expect(text).toMatchObject({ type: 'text', text: 'b' })
  })

  test('leaves it to a field that does it all', () => {
    const providerOptions = { cache_control: { type: 'ephemeral', ttl: '1h' } }
    const body = encode({ cachePrompt: true, providerOptions }, adaptive, [system('a'), user('b')])
    expect(marks(body)).toBe(1)
    expect(body['cache_control']).toEqual(providerOptions.cache_control)
  })

  test('is off unless it is asked for', () => {
    expect(marks(encode({ cachePrompt: false }, adaptive, [system('a'), user('b')]))).toBe(0)
  })
})
