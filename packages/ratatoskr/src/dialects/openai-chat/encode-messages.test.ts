import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { caught } from '../../../test/caught.ts'
import { deepFreeze } from '../../../test/deep-freeze.ts'
import { sentBody, type MakeProvider } from '../../../test/sent-body.ts'
import type { Continuation } from '../../event.ts'
import { assistant, system, toolResult, user, type FilePart, type Message } from '../../message.ts'
import {
  azureOpenAI,
  deepseek,
  groq,
  mistral,
  openaiCompatible,
} from '../../providers/openai-compatible.ts'
import { openai } from '../../providers/openai.ts'
import { openrouter } from '../../providers/openrouter.ts'

type Json = { [field: string]: unknown }

const apiKey = 'a-key'
const toAny: MakeProvider = (fetch) =>
  openaiCompatible({ name: 'some-host', baseURL: 'http://a.example', fetch })
const toOpenAI: MakeProvider = (fetch) => openai({ apiKey, fetch })
const toAzure: MakeProvider = (fetch) =>
  azureOpenAI({ apiKey, fetch, baseURL: 'https://a.example' })
const toOpenRouter: MakeProvider = (fetch) => openrouter({ apiKey, fetch })
const toDeepSeek: MakeProvider = (fetch) => deepseek({ apiKey, fetch })
const toGroq: MakeProvider = (fetch) => groq({ apiKey, fetch })
const toMistral: MakeProvider = (fetch) => mistral({ apiKey, fetch })

/** The messages as they go over the wire. What they are made of is frozen: it stays as it is. */
async function encode(
  messages: readonly Message[],
  make: MakeProvider = toAny,
  cachePrompt = false,
): Promise<Json[]> {
  const body = await sentBody(make, { cachePrompt }, deepFreeze(structuredClone(messages)))
  return body['messages'] as Json[]
}

/** The content of a user's message with this one part. */
async function part(
  input: Parameters<typeof user>[0][number],
  make?: MakeProvider,
): Promise<unknown> {
  return (await contentOf([user([input])], make))[0]
}

/** The parts of the first message's content. */
async function contentOf(messages: readonly Message[], make?: MakeProvider): Promise<Json[]> {
  const [message] = await encode(messages, make)
  return (message?.['content'] ?? []) as Json[]
}

test('a plain conversation goes as it is', async () => {
  expect(
    await encode([system('Be brief.'), user('Hello'), assistant('Hi'), user('')]),
  ).toStrictEqual([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hi' },
    { role: 'user', content: '' },
  ])
})

describe('parts of a user’s message', () => {
  test('text', async () => {
    expect(await part('Hello')).toStrictEqual({ type: 'text', text: 'Hello' })
  })

  test('an image by URL', async () => {
    expect(await part({ type: 'image', url: 'https://a.example/a.png' })).toStrictEqual({
      type: 'image_url',
      image_url: { url: 'https://a.example/a.png' },
    })
  })

  test('how closely an image is looked at', async () => {
    expect(
      await part({ type: 'image', url: 'https://a.example/a.png', detail: 'low' }),
    ).toStrictEqual({
      type: 'image_url',
      image_url: { url: 'https://a.example/a.png', detail: 'low' },
    })
  })

  test('an image by its bytes, in base64', async () => {
    const data = new Uint8Array([0, 255, 16, 250])
    expect(await part({ type: 'image', data, mediaType: 'image/png' })).toStrictEqual({
      type: 'image_url',
      image_url: { url: 'data:image/png;base64,AP8Q+g==' },
    })
  })

  test('bytes of any length are the base64 that others write', async () => {
    const some = fc.uint8Array({ maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(some, fc.constantFrom(1, 251), async (data, times) => {
        const bytes = new Uint8Array(data.length * times)
        for (let i = 0; i < times; i += 1) bytes.set(data, i * data.length)
        const url = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`
        expect(await part({ type: 'image', data: bytes, mediaType: 'image/png' })).toMatchObject({
          image_url: { url },
        })
      }),
    )
  })

  test('a file by its bytes, with its name or one made for it', async () => {
    const file = { type: 'file', data: 'JVBERi0=', mediaType: 'application/pdf' } as const
    const file_data = 'data:application/pdf;base64,JVBERi0='
    expect(await part({ ...file, filename: 'a.pdf' })).toStrictEqual({
      type: 'file',
      file: { filename: 'a.pdf', file_data },
    })
    expect(await part(file)).toStrictEqual({ type: 'file', file: { filename: 'file', file_data } })
  })

  test.each([
    ['audio/wav', 'wav'],
    ['audio/x-wav', 'wav'],
    ['audio/mpeg', 'mp3'],
    ['audio/mp3', 'mp3'],
  ])('a recording of type %s as %s', async (mediaType, format) => {
    expect(await part({ type: 'file', data: 'AAAA', mediaType })).toStrictEqual({
      type: 'input_audio',
      input_audio: { data: 'AAAA', format },
    })
  })

  test('a file by URL only where the host takes one', async () => {
    const file: FilePart = { type: 'file', url: 'https://a.example/secret.pdf', filename: 'a.pdf' }
    expect(await part(file, toOpenRouter)).toStrictEqual({
      type: 'file',
      file: { filename: 'a.pdf', file_data: file.url },
    })
    const error = await caught(part(file, toOpenAI))
    expect(error).toMatchObject({ code: 'unsupported', provider: 'openai' })
    expect(error.message).toContain('a file given by URL')
    expect(error.message).not.toContain('secret')
  })

  test('a file by a data URL is no fetch for the host', async () => {
    expect(await part({ type: 'file', url: 'data:text/plain,hi' })).toStrictEqual({
      type: 'file',
      file: { filename: 'file', file_data: 'data:text/plain,hi' },
    })
  })

  test('several keep their order', async () => {
    const parts = await contentOf([
      user(['a', { type: 'image', url: 'https://a.example/a.png' }, 'b']),
    ])
    expect(parts.map((each) => each['type'])).toEqual(['text', 'image_url', 'text'])
  })
})

describe('what the assistant said', () => {
  const call = { id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' }

  test('calls, with null for content that is empty', async () => {
    expect(await encode([assistant('', [call])])).toStrictEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_1',
            type: 'function',
            function: { name: 'weather', arguments: '{"city":"Oslo"}' },
          },
        ],
      },
    ])
  })

  test('calls beside text', async () => {
    expect(await encode([assistant('Let me see.', [call])])).toMatchObject([
      { content: 'Let me see.' },
    ])
  })

  test('a custom call has its own form', async () => {
    const custom = { id: 'call_2', name: 'sql', arguments: 'select 1', kind: 'custom' } as const
    expect(await encode([assistant('', [call, custom])])).toMatchObject([
      {
        tool_calls: [
          { type: 'function' },
          { id: 'call_2', type: 'custom', custom: { name: 'sql', input: 'select 1' } },
        ],
      },
    ])
  })

  test('a refusal', async () => {
    expect(await encode([{ ...assistant(''), refusal: 'I cannot.' }])).toStrictEqual([
      { role: 'assistant', content: null, refusal: 'I cannot.' },
    ])
  })

  test('nothing at all is still a message', async () => {
    expect(await encode([assistant('')])).toStrictEqual([{ role: 'assistant', content: '' }])
  })

  test('thoughts and images are shown to people, never sent', async () => {
    const message: Message = {
      ...assistant('Hi'),
      reasoning: 'They greet me.',
      images: [{ mediaType: 'image/png', data: 'AAAA' }],
    }
    expect(await encode([message])).toStrictEqual([{ role: 'assistant', content: 'Hi' }])
  })
})

describe('a continuation', () => {
  const details = [
    { type: 'reasoning.text', text: 'a', signature: 's==', index: 0 },
    { type: 'reasoning.encrypted', data: 'xyz', unknown: { deep: [null] } },
  ]
  const data = { reasoning_details: details }
  const withContinuation = (continuation: Continuation): Message => ({
    ...assistant('Hi'),
    continuation,
  })
  const plain = [{ role: 'assistant', content: 'Hi' }]

  test('is given back unmodified to OpenRouter', async () => {
    const messages = [withContinuation({ dialect: 'openai-chat', data })]
    expect(await encode(messages, toOpenRouter)).toStrictEqual([
      { role: 'assistant', content: 'Hi', reasoning_details: details },
    ])
  })

  test('is given back with calls, where the tool loop needs it', async () => {
    const toolCalls = [{ id: 'call_1', name: 'now', arguments: '{}' }]
    const continuation = { dialect: 'openai-chat', data }
    const message: Message = { ...assistant('', toolCalls), continuation }
    expect(await encode([message], toOpenRouter)).toMatchObject([
      { tool_calls: [{ id: 'call_1' }], reasoning_details: details },
    ])
  })

  test.each([
    ['OpenAI', toOpenAI],
    ['Groq', toGroq],
    ['DeepSeek', toDeepSeek],
    ['Mistral', toMistral],
    ['any other host', toAny],
  ])('stays away from %s, which does not want it', async (_name, make) => {
    const messages = [withContinuation({ dialect: 'openai-chat', data })]
    expect(await encode(messages, make)).toStrictEqual(plain)
  })

  test.each(['anthropic', 'openai-responses', ''])('of %s stays away', async (dialect) => {
    const messages = [withContinuation({ dialect, data })]
    expect(await encode(messages, toOpenRouter)).toStrictEqual(plain)
  })

  test.each<unknown>([null, 'text', 7, {}, []])('of the form %j is left out', async (odd) => {
    const messages = [withContinuation({ dialect: 'openai-chat', data: odd })]
    expect(await encode(messages, toOpenRouter)).toStrictEqual(plain)
  })

  test('of DeepSeek is the reasoning itself, wanted with calls alone', async () => {
    const reasoning = 'Which city?'
    const toolCalls = [{ id: 'call_1', name: 'now', arguments: '{}' }]
    const withCalls: Message = { ...assistant('', toolCalls), reasoning }
    const without: Message = { ...assistant('Hi'), reasoning }
    const [first, second] = await encode([withCalls, without], toDeepSeek)
    expect(first).toHaveProperty('reasoning_content', reasoning)
    expect(second).toStrictEqual({ role: 'assistant', content: 'Hi' })
    const [elsewhere] = await encode([withCalls], toOpenAI)
    expect(elsewhere).not.toHaveProperty('reasoning_content')
  })
})

describe('what a tool returned', () => {
  const result = async (value: unknown): Promise<unknown> =>
    (await encode([toolResult('call_1', value)]))[0]?.['content']

  test('belongs to its call', async () => {
    expect(await encode([toolResult('call_1', 'warm')])).toStrictEqual([
      { role: 'tool', tool_call_id: 'call_1', content: 'warm' },
    ])
  })

  test.each([
    ['', ''],
    [{ celsius: 4 }, '{"celsius":4}'],
    [[1, null], '[1,null]'],
    [[], '[]'],
    [0, '0'],
    [false, 'false'],
    [null, 'null'],
    [undefined, 'null'],
  ])('%j goes as %j', async (value, expected) => {
    expect(await result(value)).toBe(expected)
  })

  test('parts of text stay parts', async () => {
    const parts = [
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ]
    expect(await result(parts)).toStrictEqual(parts)
  })

  test('an image is an error that says what to do', async () => {
    const error = await caught(result([{ type: 'image', url: 'https://a.example/secret.png' }]))
    expect(error.code).toBe('unsupported')
    expect(error.message).toMatch(/^(?=.*image)(?=.*tool result).*user message/)
    expect(error.message).not.toContain('secret')
  })
})

describe('ids of calls', () => {
  const loop = (ids: readonly string[]): Message[] => [
    assistant(
      '',
      ids.map((id) => ({ id, name: 'now', arguments: '{}' })),
    ),
    ...ids.map((id) => toolResult(id, 'noon')),
  ]
  /** The ids of calls and results, as a host gets them. */
  async function idsOf(
    make: MakeProvider,
    messages: readonly Message[],
  ): Promise<{ calls: string[]; results: string[] }> {
    const encoded = await encode(messages, make)
    return {
      calls: encoded.flatMap(({ tool_calls }) =>
        ((tool_calls ?? []) as { id: string }[]).map(({ id }) => id),
      ),
      results: encoded.flatMap(({ tool_call_id }) =>
        typeof tool_call_id === 'string' ? [tool_call_id] : [],
      ),
    }
  }

  test('go as they are where the host takes any', async () => {
    const ids = ['call_1', 'functions.weather:1', 'toolu_01A09q90qw90lq917835lq9', 'llm_v:0']
    const { calls, results } = await idsOf(toOpenRouter, loop(ids))
    expect(calls).toEqual(ids)
    expect(results).toEqual(ids)
  })

  test('go as they are where Mistral accepts them', async () => {
    const ids = ['abcDEF123', '000000000']
    expect((await idsOf(toMistral, loop(ids))).calls).toEqual(ids)
  })

  test('that Mistral refuses are rewritten, the same for the call and its result', async () => {
    const { calls, results } = await idsOf(toMistral, loop(['call_1', 'abcDEF123', 'call_2']))
    expect(results).toEqual(calls)
    expect(calls[1]).toBe('abcDEF123')
    expect(calls[0]).toMatch(/^[A-Za-z0-9]{9}$/)
    expect(calls[0]).not.toBe(calls[2])
  })

  test('never collide, whatever they are, and stay with their results', async () => {
    // Among them the very ids that an encoder may make up.
    const id = fc.oneof(
      fc.string({ minLength: 1, maxLength: 60 }),
      fc.stringMatching(/^c0000000[0-9]$/),
      fc.stringMatching(/^[A-Za-z0-9]{9}$/),
      fc.constantFrom('call_1', 'functions.weather:1', '\n'),
    )
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { minLength: 1, maxLength: 30 }), async (ids) => {
        const { calls, results } = await idsOf(toMistral, loop(ids))
        expect(results).toEqual(calls)
        expect(new Set(calls).size).toBe(ids.length)
        for (const [i, made] of calls.entries()) {
          expect(made).toMatch(/^[A-Za-z0-9]{9}$/)
          if (/^[A-Za-z0-9]{9}$/.test(ids[i] ?? '')) expect(made).toBe(ids[i])
        }
      }),
    )
  })

  test('stay the same over several turns, and when the conversation grows', async () => {
    const turns = [...loop(['call_1', 'call_2']), ...loop(['call_1', 'call_3'])]
    const { calls, results } = await idsOf(toMistral, turns)
    expect(results).toEqual(calls)
    expect(calls[2]).toBe(calls[0])
    expect((await idsOf(toMistral, turns.slice(0, 3))).calls).toEqual(calls.slice(0, 2))
  })

  // OpenAI: "string too long. Expected a string with maximum length 40".
  test.each([
    ['OpenAI', toOpenAI],
    ['Azure', toAzure],
  ])('longer than 40 characters are rewritten for %s, which refuses them', async (_name, make) => {
    const ids = ['x'.repeat(41), 'x'.repeat(40), `${'x'.repeat(41)}y`]
    const { calls, results } = await idsOf(make, loop(ids))
    expect(results).toEqual(calls)
    expect(calls[1]).toBe(ids[1])
    expect(new Set(calls).size).toBe(3)
    for (const id of calls) expect(id).toMatch(/^.{1,40}$/)
  })
})

describe('cache breakpoints', () => {
  const cached = (text: string): Json => ({
    type: 'text',
    text,
    cache_control: { type: 'ephemeral' },
  })

  test('stand at the end of the instructions and at the end of the prompt', async () => {
    const messages = [
      system('One.'),
      user('Two.'),
      assistant('Three.'),
      user('Four.'),
      assistant('Five.'),
      user(['Six.', 'Seven.', { type: 'image', url: 'https://a.example/a.png' }]),
    ]
    expect(await encode(messages, toOpenRouter, true)).toStrictEqual([
      { role: 'system', content: [cached('One.')] },
      { role: 'user', content: 'Two.' },
      { role: 'assistant', content: 'Three.' },
      { role: 'user', content: 'Four.' },
      { role: 'assistant', content: 'Five.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Six.' },
          cached('Seven.'),
          { type: 'image_url', image_url: { url: 'https://a.example/a.png' } },
        ],
      },
    ])
  })

  test('stand on what a tool returned, in the middle of a tool loop', async () => {
    const call = { id: 'call_1', name: 'now', arguments: '{}' }
    const messages = [user('When?'), assistant('', [call]), toolResult('call_1', 'noon')]
    const encoded = await encode(messages, toOpenRouter, true)
    expect(encoded[2]).toStrictEqual({
      role: 'tool',
      tool_call_id: 'call_1',
      content: [cached('noon')],
    })
  })

  test('are no more than the four that Anthropic takes', async () => {
    const turns = Array.from({ length: 20 }, () => [system('S.'), user('U.'), assistant('A.')])
    const encoded = await encode([...turns.flat(), user('U.')], toOpenRouter, true)
    expect(JSON.stringify(encoded).split('cache_control').length - 1).toBeLessThanOrEqual(4)
  })

  test.each([
    ['nothing but text that is empty', [user('')]],
    ['nothing but an image', [user([{ type: 'image', url: 'https://a.example/a.png' }])]],
    ['nothing but the assistant', [assistant('Hi')]],
  ])('are left out where there is %s', async (_name, messages) => {
    expect(await encode(messages, toOpenRouter, true)).toStrictEqual(
      await encode(messages, toOpenRouter),
    )
  })

  test('stand once where the instructions are all there is', async () => {
    expect(await encode([system('One.')], toOpenRouter, true)).toStrictEqual([
      { role: 'system', content: [cached('One.')] },
    ])
  })

  test.each([
    ['nobody asked', toOpenRouter, false],
    ['the host caches by itself', toOpenAI, true],
    ['the host does not know them', toAny, true],
  ] as const)('are not set where %s', async (_name, make, cache) => {
    const messages = [system('One.'), user('Two.')]
    expect(await encode(messages, make, cache)).toStrictEqual([
      { role: 'system', content: 'One.' },
      { role: 'user', content: 'Two.' },
    ])
  })
})
