import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRequest } from './check-request.ts'
import { isRatatoskrError, type RatatoskrError } from './errors.ts'
import { assistant, system, toolResult, user } from './message.ts'

const hello = [user('Hello')]
const options = { model: 'nut-1' }
const weather = { name: 'weather', description: 'The weather', parameters: { type: 'object' } }

/** As callers of JavaScript do it: with anything. */
const check = (messages: unknown, given: unknown): void => {
  Reflect.apply(checkRequest, undefined, [messages, given])
}

function refusalOf(messages: unknown, given: unknown): RatatoskrError {
  try {
    check(messages, given)
  } catch (error) {
    if (isRatatoskrError(error)) return error
    throw error
  }
  throw new Error('accepted')
}

/** The error says what is wrong, by its name, and what to do. */
function expectRefused(messages: unknown, given: unknown, what: string | RegExp): void {
  const error = refusalOf(messages, given)
  expect(error.code).toBe('invalid_request')
  expect(error.retryable).toBe(false)
  expect(error.message).toMatch(what)
  expect(error.message).toMatch(/^\S.{15,}\.$/)
}

describe('checkRequest', () => {
  it('accepts a request with everything in it', () => {
    const call = { id: 'call_1', name: 'weather', arguments: '{}' }
    const messages = [
      system('Be brief.'),
      user([
        'What is this?',
        { type: 'image', url: 'https://example.com/a.png' },
        { type: 'image', data: 'AA==', mediaType: 'image/png' },
        { type: 'file', data: Uint8Array.of(1), mediaType: 'application/pdf', filename: 'a.pdf' },
      ]),
      assistant('', [call]),
      toolResult('call_1', { celsius: 4 }),
      toolResult('call_2', [{ type: 'image', url: 'https://example.com/a.png' }], {
        isError: true,
      }),
      { role: 'assistant', content: 'Hm', reasoning: 'x', continuation: { dialect: 'd', data: 1 } },
      user(''),
    ]
    expect(() => {
      check(messages, {
        model: ['nut-1', 'nut-2'],
        tools: [weather, { name: 'pay-2_X' }],
        toolChoice: { name: 'weather' },
        temperature: 0,
        topP: 1,
        topK: 1,
        maxTokens: 1,
        stop: ['END', '###'],
        seed: -5,
        frequencyPenalty: -2,
        presencePenalty: 0.5,
        parallelToolCalls: false,
        responseFormat: { type: 'json' },
        reasoning: { effort: 'low', maxTokens: 1024, exclude: true },
        cachePrompt: true,
        providerOptions: { a: 1 },
        signal: new AbortController().signal,
        includeProviderEvents: true,
        collect: false,
        maxResponseBytes: 1,
      })
    }).not.toThrow()
  })

  it('accepts options that are there but undefined', () => {
    const names = [
      'tools',
      'toolChoice',
      'temperature',
      'topP',
      'topK',
      'maxTokens',
      'stop',
      'seed',
    ]
    const given = Object.fromEntries(names.map((name) => [name, undefined]))
    expect(() => {
      check(hello, { ...options, ...given, reasoning: undefined, signal: undefined })
    }).not.toThrow()
  })

  it.each([
    ['no options', undefined],
    ['null for options', null],
    ['a name instead of options', 'nut-1'],
    ['no model', {}],
    ['an empty model', { model: '' }],
    ['a model that is no text', { model: 5 }],
    ['null for a model', { model: null }],
    ['an empty list of models', { model: [] }],
    ['a list with an empty name', { model: ['nut-1', ''] }],
    ['a list with something else', { model: ['nut-1', undefined] }],
  ])('refuses %s', (_, given) => {
    expectRefused(hello, given, /model|options/)
  })

  it.each<[string, unknown]>([
    ['no messages', undefined],
    ['null for messages', null],
    ['an empty list of messages', []],
    ['a text for messages', 'Hello'],
    ['one message that is not in a list', user('Hello')],
  ])('refuses %s', (_, messages) => {
    expectRefused(messages, options, /messages/)
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a text', 'Hello'],
    ['one without a role', { content: 'Hello' }],
    ['one with an unknown role', { role: 'developer', content: 'Hello' }],
    ['one without content', { role: 'user' }],
    ['one with null for content', { role: 'user', content: null }],
    ['a system message of parts', { role: 'system', content: [{ type: 'text', text: 'a' }] }],
    [
      'an assistant message of parts',
      { role: 'assistant', content: [{ type: 'text', text: 'a' }] },
    ],
    ['a tool result without the id of its call', { role: 'tool', content: 'a' }],
    ['a tool result with a number for the id', { role: 'tool', content: 'a', toolCallId: 5 }],
    ['a part that is none', { role: 'user', content: ['Hello'] }],
  ])('refuses a message that is %s', (_, message) => {
    expectRefused([user('Hello'), message], options, /messages/)
  })

  describe.each([
    'temperature',
    'topP',
    'topK',
    'maxTokens',
    'seed',
    'frequencyPenalty',
    'presencePenalty',
    'maxResponseBytes',
  ])('%s', (name) => {
    it('may be a number', () => {
      for (const value of [1, 0.5]) {
        expect(() => {
          check(hello, { ...options, [name]: value })
        }).not.toThrow()
      }
    })

    // JSON makes null of NaN and of what is infinite.
    it('may not be NaN, infinite, or no number at all, and is named', () => {
      for (const value of [Number.NaN, Infinity, -Infinity, '1', null, {}, [], true]) {
        expectRefused(hello, { ...options, [name]: value }, name)
      }
    })
  })

  describe('tools', () => {
    const withTools = (tools: unknown): unknown => ({ ...options, tools })

    it('may be none', () => {
      expect(() => {
        check(hello, withTools([]))
      }).not.toThrow()
    })

    it.each<[string, unknown]>([
      ['null', null],
      ['a map of tools', { weather }],
      ['a tool that is null', [null]],
      ['a tool without a name', [{ description: 'x' }]],
      ['a tool with an empty name', [{ ...weather, name: '' }]],
      ['a tool with a number for a name', [{ ...weather, name: 5 }]],
      ['a tool with spaces in its name', [{ ...weather, name: 'the weather' }]],
      ['a tool with a dot in its name', [{ ...weather, name: 'weather.get' }]],
      ['a tool with a line end after its name', [{ ...weather, name: 'weather\n' }]],
      ['a tool with other letters in its name', [{ ...weather, name: 'wetter_für' }]],
      ['a tool of OpenAI’s own shape', [{ type: 'function', function: weather }]],
    ])('refuses %s', (_, tools) => {
      expectRefused(hello, withTools(tools), /tool/)
    })

    it('refuses one without a name among others', () => {
      expectRefused(hello, withTools([weather, {}]), /tool.*name/)
    })

    it('refuses two of one name', () => {
      const tools = [weather, { name: 'pay' }, weather]
      expectRefused(hello, withTools(tools), /tool.*different names/)
    })
  })

  describe('toolChoice', () => {
    const choosing = (toolChoice: unknown, tools?: unknown): unknown => ({
      ...options,
      toolChoice,
      ...(tools === undefined ? {} : { tools }),
    })

    it.each<[unknown, unknown]>([
      ['auto', undefined],
      ['none', undefined],
      ['auto', [weather]],
      ['none', [weather]],
      ['required', [weather]],
      [{ name: 'weather' }, [weather]],
    ])('may be %j with tools %j', (choice, tools) => {
      expect(() => {
        check(hello, choosing(choice, tools))
      }).not.toThrow()
    })

    it.each<[unknown, unknown]>([
      ['required', undefined],
      ['required', []],
      [{ name: 'weather' }, undefined],
      [{ name: 'pay' }, [weather]],
    ])('may not be %j with tools %j', (choice, tools) => {
      expectRefused(hello, choosing(choice, tools), /toolChoice/)
    })
  })

  it.each([['END'], [['END', '###']], [[]], ['\n'], [['\n\n', ' ']]])('accepts stop %j', (stop) => {
    expect(() => {
      check(hello, { ...options, stop })
    }).not.toThrow()
  })

  it('never throws anything but its own error, whatever it is given', () => {
    const any = fc.anything({ withNullPrototype: true, withSparseArray: true })
    const names = [
      'model',
      'tools',
      'toolChoice',
      'temperature',
      'topK',
      'stop',
      'reasoning',
      'seed',
    ]
    const mostly = fc
      .tuple(fc.constantFrom(...names), any)
      .map(([name, value]) => ({ ...options, tools: [weather], [name]: value }))
    const messages = fc.oneof(any, fc.array(any), fc.constant(hello))
    fc.assert(
      fc.property(messages, fc.oneof(any, mostly), (list, given) => {
        let thrown: unknown
        try {
          check(list, given)
        } catch (error) {
          thrown = error
        }
        expect(thrown === undefined || isRatatoskrError(thrown)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('says nothing of what the messages hold', () => {
    const secret = 'confidential'
    for (const message of [
      secret,
      { role: secret, content: secret },
      { role: 'user', content: [secret] },
    ]) {
      expect(refusalOf([message], options).message).not.toContain(secret)
    }
  })
})
