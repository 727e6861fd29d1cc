// Every simulated service with every feature: what is asked of one is asked of all.
import { toolResult, user, type ChatEvent, type ErrorCode, type ToolDefinition } from 'ratatoskr'
import { describe, expect, test } from 'vitest'
import { allDialects, ask, gatewayOf, key } from '../test/ask.ts'
import type { DialectName } from './dialects/simulated-dialect.ts'
import type { Fault } from './fault.ts'
import { scriptNames } from './named-script.ts'
import type { Script } from './script.ts'
import { simulatorFetch } from './simulator.ts'
import type { SimulatorOptions } from './simulator-options.ts'

const weather: ToolDefinition = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

const text = (events: readonly ChatEvent[], ...types: string[]): string =>
  events.map((event) => ('text' in event && types.includes(event.type) ? event.text : '')).join('')

/** What a format has no field for, so that it is not asked of it. */
const lacking: { readonly [name in DialectName]?: RegExp } = {
  anthropic: /^image$/,
  cohere: /^image$/,
  ollama: /^(image|citation)$/,
}

/** Errors that a format has no sign for within a stream: their words are all that there is. */
const untold: { readonly [name in DialectName]?: readonly ErrorCode[] } = {
  cohere: ['rate_limited', 'authentication', 'permission', 'timeout'],
  bedrock: ['authentication'],
  ollama: ['rate_limited', 'authentication', 'permission', 'timeout', 'invalid_request'],
}

/**
 * Events as every format can carry them: the sources and pictures that it has, refusals as text,
 * arguments as values, and calls without the ids that some have not; each kind in its order, for
 * some formats have their sources, or their calls, at the end.
 */
function carried(dialect: DialectName, events: readonly ChatEvent[]): unknown {
  const kinds: { [kind: string]: unknown[] } = {}
  const add = (kind: string, value: unknown): void => {
    if (!lacking[dialect]?.test(kind)) (kinds[kind] ??= []).push(value)
  }
  const calls = new Map<number, { name: string; text: string }>()
  const refused = events.some(({ type }) => type === 'refusal')
  for (const event of events) {
    switch (event.type) {
      case 'tool_call_start':
        calls.set(event.index, { name: event.name, text: '' })
        break
      case 'tool_call_delta': {
        const call = calls.get(event.index)
        if (call) call.text += event.arguments
        break
      }
      case 'tool_call_end': {
        const { name, text: sent } = calls.get(event.index) ?? { name: '', text: '' }
        add('call', { index: event.index, name, arguments: JSON.parse(sent || '{}') as unknown })
        break
      }
      case 'citation':
        add('citation', { url: event.citation.url, title: event.citation.title })
        break
      case 'image':
        add('image', event.image)
        break
      case 'usage': {
        const { promptTokens, completionTokens, totalTokens } = event.usage
        add('usage', { promptTokens, completionTokens, totalTokens })
        break
      }
      case 'done':
        // Anthropic's refusals are a reason to stop.
        add('done', dialect === 'anthropic' && refused ? 'content_filter' : event.finishReason)
        break
      case 'provider':
        add('provider', event.data)
        break
      case 'content':
      case 'refusal':
      case 'reasoning':
    }
  }
  return {
    ...kinds,
    said: text(events, 'content', 'refusal'),
    reasoning: text(events, 'reasoning'),
    last: events.at(-1)?.type,
  }
}

describe.each(allDialects)('%s', (dialect: DialectName) => {
  test.each(scriptNames)(
    'the script %s gives the same events as the first service, however it is cut',
    async (script) => {
      const options: SimulatorOptions = { script, pace: { perDelta: 12 } }
      const { events, error } = await ask(dialect, simulatorFetch(options))
      const first = await ask('openai-chat', simulatorFetch(options))
      expect(error?.code).toBe(first.error?.code)
      expect(carried(dialect, events)).toEqual(carried(dialect, first.events))
      for (const split of ['byte', { seed: 5 }] as const) {
        expect((await ask(dialect, simulatorFetch({ ...options, split }))).events).toEqual(events)
      }
    },
  )

  test('one reply with everything gives the same events as the first service', async () => {
    const script: Script = [
      { reasoning: 'Hm 🤔' },
      { text: 'Łódź: ' },
      { citation: { url: 'https://a.example/nuts', title: 'Nuts' } },
      { image: { mediaType: 'image/png', data: 'aGk=' } },
      { text: 'sun.' },
      {
        toolCalls: [
          {
            id: 'a',
            name: 'get_weather',
            arguments: { city: 'Łódź "松"', deep: [{ n: 0 }, null] },
          },
          { id: 'b', name: 'get_time' },
          { id: 'c', name: 'get_weather', arguments: {} },
        ],
      },
      { usage: { promptTokens: 7, completionTokens: 3, totalTokens: 10 } },
    ]
    const { events, error } = await ask(dialect, simulatorFetch({ script }))
    const first = await ask('openai-chat', simulatorFetch({ script }))
    expect(error).toBeUndefined()
    expect(new Set(first.events.map(({ type }) => type)).size).toBe(9)
    expect(carried(dialect, events)).toEqual(carried(dialect, first.events))
  })

  test('usage', async () => {
    const usage = { promptTokens: 7, completionTokens: 3, totalTokens: 10 }
    const { events } = await ask(dialect, simulatorFetch({ script: [{ text: 'Hi' }, { usage }] }))
    expect(events.find(({ type }) => type === 'usage')).toMatchObject({ usage })
  })

  test('sources and images, where the format has them', async () => {
    const citation = { url: 'https://a.example/nuts', title: 'Nuts' }
    const image = { mediaType: 'image/png', data: 'aGk=' }
    const script = [{ text: 'Look: ' }, { citation }, { image }, { text: 'done.' }]
    const { events, error } = await ask(dialect, simulatorFetch({ script }))
    expect(error).toBeUndefined()
    expect(text(events, 'content')).toBe('Look: done.')
    const sources = events.flatMap((event) => (event.type === 'citation' ? [event.citation] : []))
    const images = events.flatMap((event) => (event.type === 'image' ? [event.image] : []))
    expect(sources).toMatchObject(dialect === 'ollama' ? [] : [citation])
    expect(images).toEqual(/^(anthropic|ollama|cohere)$/.test(dialect) ? [] : [image])
  })

  test('JSON by a schema', async () => {
    const schema = {
      type: 'object',
      properties: { answer: { type: 'integer' } },
      required: ['answer'],
      additionalProperties: false,
    }
    const options = { responseFormat: { type: 'json_schema', schema } } as const
    const { events, error } = await ask(dialect, simulatorFetch(), options)
    expect(error).toBeUndefined()
    expect(JSON.parse(text(events, 'content'))).toEqual({ answer: expect.any(Number) as unknown })
  })

  test('a loop of tools', async () => {
    const fetch = simulatorFetch({
      script: ({ messages, options }) => {
        expect(options.tools?.map(({ name }) => name)).toEqual(['get_weather'])
        const last = messages.at(-1)
        const given = last?.role === 'tool' ? last.content : ''
        const said =
          typeof given === 'string'
            ? given
            : given.map((part) => (part.type === 'text' ? part.text : '')).join('')
        return last?.role === 'tool'
          ? [{ text: `It says ${said}` }]
          : [{ toolCalls: [{ name: 'get_weather', arguments: { city: 'Łódź' } }] }]
      },
    })
    const gateway = gatewayOf(dialect, fetch)
    const options = { model: 'm', tools: [weather] }
    const first = await gateway.chat([user('How is the weather?')], options)
    expect(first.finishReason).toBe('tool_calls')
    const [call] = first.toolCalls
    expect([call?.name, JSON.parse(call?.arguments ?? '')]).toEqual([
      'get_weather',
      { city: 'Łódź' },
    ])
    const results = first.toolCalls.map(({ id }) => toolResult(id, 'Sun.'))
    const second = await gateway.chat(
      [user('How is the weather?'), first.message, ...results],
      options,
    )
    expect(second.content).toBe('It says Sun.')
  })

  test.each<[Fault['kind'], Fault, string]>([
    ['cut', { kind: 'cut', afterEvents: 6 }, 'truncated'],
    ['reset', { kind: 'reset', afterEvents: 6 }, 'truncated'],
    ['error', { kind: 'error', afterEvents: 6, code: 'overloaded' }, 'overloaded'],
    ['badJson', { kind: 'badJson', event: 4 }, 'protocol'],
    ['noEnd', { kind: 'noEnd' }, 'truncated'],
    ['status', { kind: 'status', status: 429 }, 'rate_limited'],
    ['status', { kind: 'status', status: 503 }, 'overloaded'],
    ['contentType', { kind: 'contentType' }, 'protocol'],
  ])('the fault %s (%j) is told by its code', async (_, fault, code) => {
    const script = [{ text: 'one two three four five six seven eight' }]
    const { events, error } = await ask(dialect, simulatorFetch({ script, faults: [fault] }))
    // A finish reason is an end of Chat Completions, too.
    if (fault.kind === 'noEnd' && dialect === 'openai-chat') return
    expect(error?.code).toBe(code)
    expect(events.some(({ type }) => type === 'done')).toBe(false)
    if (fault.kind === 'cut') expect(text(events, 'content')).not.toBe('')
  })

  test.each<ErrorCode>([
    'rate_limited',
    'overloaded',
    'authentication',
    'permission',
    'model_not_found',
    'context_length',
    'content_filtered',
    'invalid_request',
    'timeout',
    'api',
  ])('the error %s keeps its code in the middle of a reply', async (code) => {
    const script: Script = [{ text: 'one two' }, { fault: { kind: 'error', code } }]
    const { events, error } = await ask(dialect, simulatorFetch({ script }))
    const told = untold[dialect]?.includes(code) ? 'api' : code
    expect([error?.code, error?.partial?.content]).toEqual([told, 'one two'])
    expect(text(events, 'content')).toBe('one two')
  })

  test.each(['cut', 'error', 'badJson'] as const)('the fault %s of a script, too', async (kind) => {
    const script = [{ text: 'one two' }, { fault: { kind } }]
    const { events, error } = await ask(dialect, simulatorFetch({ script }))
    expect(error?.code).toBe({ cut: 'truncated', error: 'overloaded', badJson: 'protocol' }[kind])
    expect(text(events, 'content')).toBe('one two')
  })

  test('keys: one that is wrong is refused, and so is an unknown model', async () => {
    const refused = await ask(dialect, simulatorFetch({ keys: ['another'] }))
    expect(refused.error?.code).toBe(dialect === 'ollama' ? undefined : 'authentication')
    expect((await ask(dialect, simulatorFetch({ keys: [key] }))).error).toBeUndefined()
    const unknown = await ask(dialect, simulatorFetch(), { model: 'unknown-1' })
    expect(unknown.error?.code).toBe('model_not_found')
  })

  test('the list of models', async () => {
    const { models, failures } = await gatewayOf(
      dialect,
      simulatorFetch({ models: ['a', 'b'] }),
    ).models()
    expect(failures).toEqual([])
    // Amazon's stands elsewhere than its models.
    expect(models.map(({ id }) => id)).toEqual(dialect === 'bedrock' ? [] : ['a', 'b'])
  })

  test('a reply that is stopped ends there', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const script = [{ text: 'one two three' }, { wait: 60_000 }, { text: 'four' }]
    const gateway = gatewayOf(dialect, simulatorFetch({ script }))
    const stream = await gateway.chatStream([user('Hi')], { model: 'm', signal: controller.signal })
    const reading = (async () => {
      for await (const _ of stream) controller.abort(reason)
    })()
    await expect(reading).rejects.toBe(reason)
  })
})

test('Gemini without alt=sse streams a JSON array', async () => {
  const inner = simulatorFetch({ script: [{ text: 'one two' }] })
  const types: (string | null)[] = []
  const { events, error } = await ask('gemini', async (input, init) => {
    const { href } = new URL(input instanceof Request ? input.url : input)
    const response = await inner(href.replace('?alt=sse', ''), init)
    types.push(response.headers.get('content-type'))
    return response
  })
  expect(error).toBeUndefined()
  expect([types, text(events, 'content')]).toEqual([['application/json; charset=UTF-8'], 'one two'])
})
