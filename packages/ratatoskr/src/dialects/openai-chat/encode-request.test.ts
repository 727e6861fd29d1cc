import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { sentBody, type MakeProvider } from '../../../test/sent-body.ts'
import { RatatoskrError } from '../../errors.ts'
import { assistant, toolResult, user } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import * as compatible from '../../providers/openai-compatible.ts'
import { openai } from '../../providers/openai.ts'
import { openrouter } from '../../providers/openrouter.ts'
import { encodeRequest } from './encode-request.ts'
import type { OpenAIChatProfile } from './profile.ts'

type Options = Omit<ChatOptions, 'model'>
type RequestBody = { [field: string]: unknown }

const messages = [user('Hello')]
const weather = {
  name: 'weather',
  description: 'The weather in a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}
const weatherOnTheWire = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather in a city',
    parameters: weather.parameters,
  },
}
const schema = { type: 'object', properties: { answer: { type: 'string' } } }

/** The body as it goes over the wire. */
function encode(options: Options, profile: OpenAIChatProfile = {}): RequestBody {
  const body = encodeRequest(
    { model: 'm', messages, options: deepFreeze({ ...options, model: 'm' }) },
    { provider: 'some-host', profile: deepFreeze(profile) },
  )
  return JSON.parse(JSON.stringify(body)) as RequestBody
}

/** The fields besides those that every request has. */
function fields(options: Options, profile: OpenAIChatProfile = {}): RequestBody {
  const {
    model: _,
    messages: __,
    stream: ___,
    stream_options: ____,
    ...rest
  } = encode(options, profile)
  return rest
}

test('a request without options has the model, the messages, and asks for a stream with usage', () => {
  expect(encode({})).toStrictEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
    stream_options: { include_usage: true },
  })
})

test('the model is the one that was chosen, not the list in the options', () => {
  const options = { model: ['a', 'b'] }
  expect(encodeRequest({ model: 'b', messages, options })['model']).toBe('b')
})

describe('each option has its field', () => {
  const cases: [name: string, options: Options, expected: RequestBody][] = [
    ['temperature', { temperature: 0.5 }, { temperature: 0.5 }],
    ['a temperature of 0', { temperature: 0 }, { temperature: 0 }],
    ['topP', { topP: 0.25 }, { top_p: 0.25 }],
    ['topK', { topK: 40 }, { top_k: 40 }],
    ['maxTokens', { maxTokens: 100 }, { max_tokens: 100 }],
    ['one stop', { stop: 'END' }, { stop: ['END'] }],
    ['several stops', { stop: ['END', '\n\n'] }, { stop: ['END', '\n\n'] }],
    ['seed', { seed: 7 }, { seed: 7 }],
    ['a seed of 0', { seed: 0 }, { seed: 0 }],
    ['frequencyPenalty', { frequencyPenalty: -0.5 }, { frequency_penalty: -0.5 }],
    ['presencePenalty', { presencePenalty: 1.5 }, { presence_penalty: 1.5 }],
    ['parallelToolCalls', { parallelToolCalls: false }, { parallel_tool_calls: false }],
    ['a text format', { responseFormat: { type: 'text' } }, {}],
    [
      'a JSON format',
      { responseFormat: { type: 'json' } },
      { response_format: { type: 'json_object' } },
    ],
    [
      'a JSON Schema, strict and with a name unless told otherwise',
      { responseFormat: { type: 'json_schema', schema } },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'response', schema, strict: true },
        },
      },
    ],
    [
      'a JSON Schema with its own name, not strict',
      { responseFormat: { type: 'json_schema', name: 'reply', schema, strict: false } },
      {
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'reply', schema, strict: false },
        },
      },
    ],
    ['the effort of reasoning', { reasoning: { effort: 'low' } }, { reasoning_effort: 'low' }],
    ['no effort at all', { reasoning: { effort: 'none' } }, { reasoning_effort: 'none' }],
    ['thoughts that may be sent', { reasoning: { exclude: false } }, {}],
    ['cachePrompt where hosts cache by themselves', { cachePrompt: true }, {}],
    ['tools', { tools: [weather] }, { tools: [weatherOnTheWire] }],
    ['an empty list of tools', { tools: [] }, {}],
  ]
  test.each(cases)('%s', (_name, options, expected) => {
    expect(fields(options)).toStrictEqual(expected)
  })

  test('what is for the library alone leaves no field', () => {
    const { signal } = new AbortController()
    const own = { includeProviderEvents: true, collect: false, maxResponseBytes: 1000 }
    const options = { model: 'm', signal, ...own }
    const body = encodeRequest({ model: 'm', messages, options })
    expect(JSON.parse(JSON.stringify(body))).toStrictEqual(encode({}))
  })
})

describe('tools', () => {
  test('a tool without parameters takes an empty object', () => {
    expect(fields({ tools: [{ name: 'now' }] })['tools']).toStrictEqual([
      {
        type: 'function',
        function: { name: 'now', parameters: { type: 'object', properties: {} } },
      },
    ])
  })

  test.each([true, false])('a tool says whether it is strict: %s', (strict) => {
    expect(fields({ tools: [{ name: 'now', strict }] })).toMatchObject({
      tools: [{ function: { strict } }],
    })
  })

  test.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['required', 'required'],
    [{ name: 'weather' }, { type: 'function', function: { name: 'weather' } }],
  ] as const)('the choice %j becomes %j', (toolChoice, expected) => {
    expect(fields({ tools: [weather], toolChoice })['tool_choice']).toStrictEqual(expected)
  })

  test('no choice without tools, which hosts refuse', () => {
    expect(fields({ toolChoice: 'none' })).toStrictEqual({})
  })
})

describe('a profile bends the request', () => {
  test('the field for the limit of tokens', () => {
    expect(fields({ maxTokens: 9 }, { maxTokensField: 'max_completion_tokens' })).toStrictEqual({
      max_completion_tokens: 9,
    })
  })

  test('the field for the seed', () => {
    expect(fields({ seed: 9 }, { seedField: 'random_seed' })).toStrictEqual({ random_seed: 9 })
  })

  test('the word for a required call, and for no other choice', () => {
    const profile: OpenAIChatProfile = { requiredToolChoice: 'any' }
    const choice = (toolChoice: NonNullable<Options['toolChoice']>): unknown =>
      fields({ tools: [weather], toolChoice }, profile)['tool_choice']
    expect(choice('required')).toBe('any')
    expect(choice('auto')).toBe('auto')
    expect(choice({ name: 'weather' })).toEqual({ type: 'function', function: { name: 'weather' } })
  })

  test('what is asked of the stream', () => {
    const streamOptions = { include_usage: true, include_obfuscation: false }
    expect(encode({}, { streamOptions })['stream_options']).toStrictEqual(streamOptions)
    expect(encode({}, { streamOptions: false })).not.toHaveProperty('stream_options')
  })

  test('the thoughts are held back by a field of the host', () => {
    const profile: OpenAIChatProfile = { includeReasoningField: 'include_reasoning' }
    expect(fields({ reasoning: { effort: 'low', exclude: true } }, profile)).toStrictEqual({
      reasoning_effort: 'low',
      include_reasoning: false,
    })
    expect(fields({ reasoning: { exclude: false } }, profile)).toStrictEqual({})
  })
})

describe('what a host cannot honour is an error that names it', () => {
  const given: { readonly [name: string]: Options } = {
    tools: { tools: [weather] },
    toolChoice: { tools: [weather], toolChoice: 'none' },
    temperature: { temperature: 0 },
    topP: { topP: 0 },
    topK: { topK: 1 },
    maxTokens: { maxTokens: 1 },
    stop: { stop: 'x' },
    seed: { seed: 0 },
    frequencyPenalty: { frequencyPenalty: 0 },
    presencePenalty: { presencePenalty: 0 },
    parallelToolCalls: { parallelToolCalls: false },
    'responseFormat.json': { responseFormat: { type: 'json' } },
    'responseFormat.json_schema': { responseFormat: { type: 'json_schema', schema } },
    reasoning: { reasoning: {} },
    'reasoning.maxTokens': { reasoning: { maxTokens: 9 } },
    'reasoning.exclude': { reasoning: { exclude: true } },
    cachePrompt: { cachePrompt: true },
  }
  const names = Object.keys(given)
  /** What a host without any of the options but these says. */
  const lacking = (name: string): OpenAIChatProfile =>
    ({
      unsupported: [name],
      includeReasoningField: name === 'reasoning.exclude' ? undefined : 'include_reasoning',
    }) as OpenAIChatProfile
  const containers = new Map([
    ['tools', /^toolChoice/],
    ['reasoning', /^reasoning/],
  ])

  test.each(Object.entries(given))('%s', async (name, options) => {
    const error = await caught(() => encode(options, lacking(name)))
    expect(error.code).toBe('unsupported')
    expect(error.provider).toBe('some-host')
    expect(error.retryable).toBe(false)
    expect(error.message).toContain('some-host')
    expect(error.message).toMatch(new RegExp(`\\b${name.replace('.', '\\.')}\\b`))
  })

  test.each(names)('the others are encoded while %s is not', (name) => {
    for (const [other, options] of Object.entries(given)) {
      if (other === name || containers.get(name)?.test(other) === true) continue
      if (other.startsWith('reasoning.')) continue
      expect(() => encode(options, lacking(name))).not.toThrow()
    }
  })

  test('nothing is said of options that nobody gave', () => {
    expect(encode({}, { unsupported: names })).toStrictEqual(encode({}))
  })

  test.each(['reasoning.maxTokens', 'reasoning.exclude'])(
    '%s, where the profile has no way for it',
    async (name) => {
      const error = await caught(() => encode(given[name] ?? {}))
      expect(error.code).toBe('unsupported')
      expect(error.message).toContain(name)
    },
  )

  test('what is asked for as the host does it anyway is no error', () => {
    const profile = { unsupported: ['cachePrompt', 'reasoning.exclude', 'responseFormat.json'] }
    expect(fields({ cachePrompt: false }, profile)).toStrictEqual({})
    expect(fields({ reasoning: { exclude: false } }, profile)).toStrictEqual({})
    expect(fields({ responseFormat: { type: 'text' } }, profile)).toStrictEqual({})
  })

  test('a response format that does not exist is not dropped in silence', () => {
    const wrong = [{ type: 'jsonschema', schema }, 'json'] as unknown as never[]
    for (const responseFormat of wrong) expect(() => encode({ responseFormat })).toThrow()
  })
})

describe('provider options', () => {
  test('are merged over what the library writes, as they are', () => {
    const logit_bias = { '50256': -100 }
    const body = encode({
      temperature: 0.1,
      providerOptions: { temperature: 0.9, logit_bias, stream_options: null },
    })
    expect(body).toMatchObject({ temperature: 0.9, logit_bias, stream_options: null })
  })

  test.each(['stream', 'model', 'messages'])('may not set %s', async (field) => {
    for (const value of [undefined, null, false, 'secret']) {
      const error = await caught(() => encode({ providerOptions: { [field]: value } }))
      expect(error.code).toBe('invalid_request')
      expect(error.message).toMatch(new RegExp(`providerOptions.* ${field}`))
      expect(error.message).not.toContain('secret')
    }
  })
})

test('a body is JSON, made without touching what it is made of', () => {
  const some = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
    fc.option(value, { nil: undefined })
  const options = fc.record({
    temperature: some(fc.double({ min: 0, max: 2, noNaN: true })),
    topP: some(fc.double({ min: 0, max: 1, noNaN: true })),
    maxTokens: some(fc.nat()),
    stop: some(fc.oneof(fc.string(), fc.array(fc.string()))),
    seed: some(fc.integer()),
    tools: some(
      fc.array(
        fc.record({
          name: fc.string(),
          description: some(fc.string()),
          parameters: some(fc.dictionary(fc.string(), fc.jsonValue())),
        }),
      ),
    ),
    toolChoice: some(fc.constantFrom('auto', 'none', 'required', { name: 'weather' })),
    reasoning: some(fc.record({ effort: some(fc.constantFrom('low', 'high')) })),
    cachePrompt: some(fc.boolean()),
    providerOptions: some(fc.dictionary(fc.string({ minLength: 9 }), fc.jsonValue())),
  }) as fc.Arbitrary<Options>
  const profile = fc.constantFrom<OpenAIChatProfile>(
    {},
    { streamOptions: false, requiredToolChoice: 'any' },
    { maxTokensField: 'max_completion_tokens', seedField: 'random_seed' },
  )
  fc.assert(
    fc.property(options, profile, (given, host) => {
      // Everything is frozen: what is written to would throw.
      expect(encode(given, host)).toMatchObject({ model: 'm', stream: true })
    }),
  )
})

describe('hosts', () => {
  const apiKey = 'a-key'
  const hosts: { readonly [name: string]: MakeProvider } = {
    openai: (fetch) => openai({ apiKey, fetch }),
    openrouter: (fetch) => openrouter({ apiKey, fetch }),
    azure: (fetch) => compatible.azureOpenAI({ apiKey, fetch, baseURL: 'https://a.example' }),
    groq: (fetch) => compatible.groq({ apiKey, fetch }),
    deepseek: (fetch) => compatible.deepseek({ apiKey, fetch }),
    mistral: (fetch) => compatible.mistral({ apiKey, fetch }),
    xai: (fetch) => compatible.xai({ apiKey, fetch }),
    together: (fetch) => compatible.together({ apiKey, fetch }),
    fireworks: (fetch) => compatible.fireworks({ apiKey, fetch }),
    cerebras: (fetch) => compatible.cerebras({ apiKey, fetch }),
    perplexity: (fetch) => compatible.perplexity({ apiKey, fetch }),
    huggingface: (fetch) => compatible.huggingface({ apiKey, fetch }),
    nvidia: (fetch) => compatible.nvidia({ apiKey, fetch }),
    lmstudio: (fetch) => compatible.lmstudio({ fetch }),
    vllm: (fetch) => compatible.vllm({ fetch }),
    llamacpp: (fetch) => compatible.llamacpp({ fetch }),
    ollamaCompatible: (fetch) => compatible.ollamaCompatible({ fetch }),
    openaiCompatible: (fetch) =>
      compatible.openaiCompatible({ name: 'mine', baseURL: 'http://a.example', fetch }),
  }

  /** What goes over the wire to a host, or the code of the error that stops it. */
  async function sent(host: string, options: Options): Promise<RequestBody | string> {
    const make = hosts[host]
    if (make === undefined) throw new Error(`There is no host ${host}`)
    try {
      return await sentBody(make, options)
    } catch (error) {
      if (error instanceof RatatoskrError) return error.code
      throw error
    }
  }

  const unsupported = 'unsupported'
  const usage = { stream_options: { include_usage: true } }
  const topK = { top_k: 1 }
  const both = { frequency_penalty: 1 }
  const exclude = { reasoning: { effort: 'low', exclude: true } } as const
  const json = { response_format: { type: 'json_object' } }
  const format = {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'response', schema, strict: true },
    },
  }
  const usual = {
    plain: usage,
    topK: unsupported as RequestBody | string,
    maxTokens: { max_tokens: 1 } as RequestBody,
    seed: { seed: 1 } as RequestBody | string,
    stop: { stop: ['x'] } as RequestBody | string,
    penalty: both as RequestBody | string,
    parallel: { parallel_tool_calls: true } as RequestBody | string,
    required: { tool_choice: 'required' } as RequestBody | string,
    json: json as RequestBody | string,
    schema: format as RequestBody | string,
    effort: { reasoning_effort: 'low' } as RequestBody | string,
    exclude: unsupported as RequestBody | string,
    budget: unsupported as RequestBody | string,
    cache: {} as RequestBody | string,
  }
  const nothing = { stream_options: undefined }
  const unobfuscated = { stream_options: { include_usage: true, include_obfuscation: false } }
  const completion = { max_completion_tokens: 1 }
  const expected: { readonly [host: string]: { [what in keyof typeof usual]: unknown } } = {
    openai: { ...usual, plain: unobfuscated, maxTokens: completion },
    azure: { ...usual, plain: unobfuscated, maxTokens: completion },
    openrouter: {
      ...usual,
      plain: nothing,
      topK,
      effort: { reasoning: { effort: 'low' } },
      exclude: { reasoning: { effort: 'low', exclude: true } },
      budget: { reasoning: { max_tokens: 5 } },
      cache: {
        messages: [
          {
            role: 'user',
            content: [{ type: 'text', text: 'Hello', cache_control: { type: 'ephemeral' } }],
          },
        ],
      },
    },
    groq: {
      ...usual,
      maxTokens: completion,
      penalty: unsupported,
      exclude: { reasoning_effort: 'low', include_reasoning: false },
    },
    deepseek: {
      ...usual,
      seed: unsupported,
      parallel: unsupported,
      schema: unsupported,
      effort: unsupported,
    },
    mistral: {
      ...usual,
      plain: nothing,
      seed: { random_seed: 1 },
      required: { tool_choice: 'any' },
    },
    xai: usual,
    together: { ...usual, plain: nothing, topK },
    fireworks: { ...usual, topK },
    cerebras: { ...usual, plain: nothing, maxTokens: completion, penalty: unsupported },
    perplexity: {
      ...usual,
      plain: nothing,
      topK,
      seed: unsupported,
      stop: unsupported,
      parallel: unsupported,
      required: unsupported,
      json: unsupported,
      cache: unsupported,
    },
    huggingface: usual,
    nvidia: usual,
    lmstudio: { ...usual, topK },
    vllm: { ...usual, topK },
    llamacpp: { ...usual, topK },
    ollamaCompatible: { ...usual, parallel: unsupported, required: unsupported },
    openaiCompatible: { ...usual, topK },
  }
  const asked: { readonly [what in keyof typeof usual]: Options } = {
    plain: {},
    topK: { topK: 1 },
    maxTokens: { maxTokens: 1 },
    seed: { seed: 1 },
    stop: { stop: 'x' },
    penalty: { frequencyPenalty: 1 },
    parallel: { parallelToolCalls: true },
    required: { tools: [weather], toolChoice: 'required' },
    json: { responseFormat: { type: 'json' } },
    schema: { responseFormat: { type: 'json_schema', schema } },
    effort: { reasoning: { effort: 'low' } },
    exclude: { reasoning: exclude.reasoning },
    budget: { reasoning: { maxTokens: 5 } },
    cache: { cachePrompt: true },
  }

  test.each(Object.keys(hosts))('%s lets nobody take the request over', async (host) => {
    for (const field of ['stream', 'model', 'messages']) {
      expect(await sent(host, { providerOptions: { [field]: true } })).toBe('invalid_request')
    }
  })

  test.each(Object.keys(hosts))('%s gets the caller’s own fields, which win', async (host) => {
    const providerOptions = { temperature: 1, own: { a: [null] }, reasoning: 'x', stop: null }
    const body = await sent(host, { temperature: 0, providerOptions })
    expect(body).toMatchObject(providerOptions)
  })

  test('each has its place in the table', () => {
    expect(Object.keys(expected).toSorted()).toEqual(Object.keys(hosts).toSorted())
  })

  test.each(Object.keys(hosts))('%s gets what it understands, and no less', async (host) => {
    for (const [what, options] of Object.entries(asked)) {
      const wanted = expected[host]?.[what as keyof typeof usual]
      const got = await sent(host, options)
      if (typeof wanted === 'string') {
        expect(got, `${host}: ${what}`).toBe(wanted)
        continue
      }
      // Not one field more: what is asked for alone makes the difference.
      const plain = await sent(host, {})
      if (typeof plain === 'string' || typeof got === 'string')
        throw new Error(`${what}: ${got as string}`)
      const tools = what === 'required' ? { tools: [weatherOnTheWire] } : {}
      const whole: RequestBody = { ...plain, ...tools, ...(wanted as RequestBody) }
      if (whole['stream_options'] === undefined) delete whole['stream_options']
      expect(got, `${host}: ${what}`).toStrictEqual(whole)
    }
  })
})

test('Mistral gets documents, with data or by URL, and ids of nine characters', async () => {
  const id = 'functions.weather:1'
  const body = await sentBody((fetch) => compatible.mistral({ apiKey: 'key', fetch }), {}, [
    user([
      'Read',
      { type: 'file', data: 'aGk=', mediaType: 'application/pdf', filename: 'a.pdf' },
      { type: 'file', url: 'https://a.example/b.pdf' },
    ]),
    assistant('', [{ id, name: 'f', arguments: '{}' }]),
    toolResult(id, 'x'),
  ])
  expect(body['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Read' },
        {
          type: 'document_url',
          document_url: 'data:application/pdf;base64,aGk=',
          document_name: 'a.pdf',
        },
        {
          type: 'document_url',
          document_url: 'https://a.example/b.pdf',
          document_name: 'file',
        },
      ],
    },
    expect.objectContaining({ tool_calls: [expect.objectContaining({ id: 'c00000000' })] }),
    { role: 'tool', content: 'x', tool_call_id: 'c00000000' },
  ])
})
