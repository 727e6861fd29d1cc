import { describe, expect, test } from 'vitest'
import { isRatatoskrError } from '../../errors.ts'
import { assistant, system, toolResult, user, type Message } from '../../message.ts'
import type { ChatOptions } from '../../options.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'

type Json = { [field: string]: unknown }

function encode(options: Partial<ChatOptions> = {}, messages: Message[] = [user('Hi')]): Json {
  const model = String(options.model ?? 'gemini-2.5-flash')
  // As it is sent.
  const text = JSON.stringify(encodeRequest({ model, messages, options: { ...options, model } }))
  return JSON.parse(text) as Json
}

const decode = (body: unknown): ReturnType<typeof decodeRequest> =>
  decodeRequest(body, { model: 'm', stream: true })

function codeOf(action: () => unknown): unknown[] {
  try {
    action()
  } catch (error) {
    return isRatatoskrError(error) ? [error.code, error.message] : [error]
  }
  return ['nothing thrown']
}

describe('a request', () => {
  test('of all options', () => {
    expect(
      encode({
        tools: [{ name: 'weather', description: 'd', parameters: { type: 'object' } }],
        toolChoice: { name: 'weather' },
        temperature: 0.5,
        topP: 0.9,
        topK: 3,
        maxTokens: 100,
        stop: 'x',
        seed: 7,
        frequencyPenalty: 1,
        presencePenalty: 2,
        parallelToolCalls: true,
        cachePrompt: true,
        reasoning: { effort: 'low' },
        responseFormat: { type: 'json_schema', schema: { type: 'object' } },
        providerOptions: {
          safetySettings: [],
          generationConfig: { responseModalities: ['TEXT', 'IMAGE'] },
          tools: [{ googleSearch: {} }],
        },
      }),
    ).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
      tools: [
        {
          functionDeclarations: [
            { name: 'weather', description: 'd', parametersJsonSchema: { type: 'object' } },
          ],
        },
        { googleSearch: {} },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] } },
      generationConfig: {
        temperature: 0.5,
        topP: 0.9,
        topK: 3,
        maxOutputTokens: 100,
        stopSequences: ['x'],
        seed: 7,
        frequencyPenalty: 1,
        presencePenalty: 2,
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object' },
        thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
        responseModalities: ['TEXT', 'IMAGE'],
      },
      safetySettings: [],
    })
  })

  test.each<[string, ChatOptions['reasoning'], Json]>([
    ['gemini-3-pro', { effort: 'high' }, { includeThoughts: true, thinkingLevel: 'high' }],
    ['gemini-3-pro', { maxTokens: 9, exclude: true }, { thinkingBudget: 9 }],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }],
    ['gemini-2.5-flash', {}, { includeThoughts: true }],
  ])('of %s to think by %j', (model, reasoning, thinkingConfig) => {
    expect(encode({ model, reasoning: reasoning ?? {} })['generationConfig']).toEqual({
      thinkingConfig,
    })
  })

  test.each([
    ['auto', false, 'AUTO'],
    ['none', false, 'NONE'],
    ['required', false, 'ANY'],
    ['auto', true, 'VALIDATED'],
    [undefined, true, 'VALIDATED'],
  ] as const)('with tools by choice %s, strict: %s', (toolChoice, strict, mode) => {
    const body = encode({ tools: [{ name: 'f', strict }], ...(toolChoice && { toolChoice }) })
    expect(body['toolConfig']).toEqual({ functionCallingConfig: { mode } })
  })

  test.each<[string, Partial<ChatOptions>]>([
    ['parallelToolCalls', { parallelToolCalls: false }],
    ['reasoning.effort none', { model: 'gemini-3-pro', reasoning: { effort: 'none' } }],
    ['reasoning.effort xhigh', { model: 'gemini-3-pro', reasoning: { effort: 'xhigh' } }],
  ])('with %s is refused by name', (name, options) => {
    expect(codeOf(() => encode(options))).toEqual([
      'unsupported',
      `gemini cannot honour ${name}; leave it out, or choose another provider.`,
    ])
  })

  test.each(['stream', 'model', 'contents'])('is not taken over by providerOptions.%s', (field) => {
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
    { type: 'image', url: 'https://a.example/a.png', mediaType: 'image/png' },
    { type: 'image', data: 'aGk=', mediaType: 'image/png' },
    { type: 'file', data: 'aGk=', mediaType: 'application/pdf' },
  ]),
  {
    role: 'assistant',
    content: 'Let me see.',
    toolCalls: [
      { id: 'call_0', name: 'weather', arguments: '{"city":"Łódź"}' },
      { id: 'call_1', name: 'weather', arguments: '{}' },
    ],
  },
  toolResult('call_0', { celsius: 4 }),
  toolResult('call_1', 'no such city', { isError: true }),
  assistant('Well.'),
]

describe('a conversation', () => {
  test('is turns of user and model', () => {
    const { contents, systemInstruction } = encode({}, conversation)
    expect(systemInstruction).toEqual({ parts: [{ text: 'Be brief.' }] })
    expect(contents).toEqual([
      {
        role: 'user',
        parts: [
          { text: 'What is this?' },
          { fileData: { mimeType: 'image/png', fileUri: 'https://a.example/a.png' } },
          { inlineData: { mimeType: 'image/png', data: 'aGk=' } },
          { inlineData: { mimeType: 'application/pdf', data: 'aGk=' } },
        ],
      },
      {
        role: 'model',
        parts: [
          { text: 'Let me see.' },
          { functionCall: { name: 'weather', args: { city: 'Łódź' } } },
          { functionCall: { name: 'weather', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'weather', response: { result: { celsius: 4 } } } },
          { functionResponse: { name: 'weather', response: { error: 'no such city' } } },
        ],
      },
      { role: 'model', parts: [{ text: 'Well.' }] },
    ])
  })

  test('comes back the same', () => {
    expect(decode(encode({}, conversation)).messages).toEqual(conversation)
  })

  test('with a data: URL, a picture as a result, a refusal and images of the model’s', () => {
    const messages: Message[] = [
      user([{ type: 'image', url: 'data:image/png;base64,aGk=' }]),
      assistant('', [{ id: 'a', name: 'f', arguments: '' }]),
      toolResult('a', [
        { type: 'text', text: 'x' },
        { type: 'image', data: 'aGk=', mediaType: 'image/png' },
      ]),
      { ...assistant('Hi'), refusal: 'No.', images: [{ mediaType: 'image/png', data: 'aGk=' }] },
    ]
    const inlineData = { mimeType: 'image/png', data: 'aGk=' }
    expect(encode({}, messages)['contents']).toEqual([
      { role: 'user', parts: [{ inlineData }] },
      { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
      {
        role: 'user',
        parts: [
          { functionResponse: { name: 'f', response: { result: 'x' }, parts: [{ inlineData }] } },
        ],
      },
      { role: 'model', parts: [{ text: 'Hi' }, { inlineData }, { text: 'No.' }] },
    ])
  })

  test.each<[string, Message[]]>([
    ['arguments that are no object', [assistant('', [{ id: 'a', name: 'f', arguments: '[' }])]],
    ['a result of no call', [toolResult('a', 'x')]],
  ])('with %s is refused', (_, messages) => {
    expect(codeOf(() => encode({}, messages))[0]).toBe('invalid_request')
  })
})

describe('a client’s body', () => {
  const contents = [{ parts: [{ text: 'Hi' }] }]

  test('of all options', () => {
    const { options, extra, stream, reply } = decode({
      contents,
      tools: [
        {
          functionDeclarations: [
            {
              name: 'f',
              description: 'd',
              parameters: {
                type: 'OBJECT',
                properties: {
                  type: { type: 'STRING', nullable: true },
                  list: { type: 'ARRAY', items: { type: 'INTEGER' } },
                },
              },
            },
          ],
          googleSearch: {},
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY' } },
      generationConfig: {
        temperature: 0.5,
        topP: 0.9,
        topK: 3,
        maxOutputTokens: 9,
        stopSequences: ['x'],
        seed: 7,
        responseMimeType: 'application/json',
        responseSchema: { type: 'STRING' },
        thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' },
        responseModalities: ['TEXT'],
      },
      safetySettings: [],
    })
    expect([stream, reply]).toEqual([true, { model: 'm' }])
    expect(options).toEqual({
      model: 'm',
      temperature: 0.5,
      topP: 0.9,
      topK: 3,
      maxTokens: 9,
      stop: ['x'],
      seed: 7,
      tools: [
        {
          name: 'f',
          description: 'd',
          parameters: {
            type: 'object',
            properties: {
              type: { type: ['string', 'null'] },
              list: { type: 'array', items: { type: 'integer' } },
            },
          },
        },
      ],
      toolChoice: 'required',
      responseFormat: { type: 'json_schema', schema: { type: 'string' } },
      reasoning: { effort: 'low' },
    })
    expect(extra).toEqual({
      tools: [{ googleSearch: {} }],
      generationConfig: { responseModalities: ['TEXT'] },
      safetySettings: [],
    })
  })

  test('signatures come as a continuation, and go back', () => {
    const model = {
      role: 'model',
      parts: [
        { text: 'Hi', thoughtSignature: 'c2ln' },
        { functionCall: { id: 'a', name: 'f', args: { x: 1 } }, thoughtSignature: 'c2lnMg==' },
        { executableCode: { language: 'PYTHON', code: '1' } },
      ],
    }
    const sent = [{ role: 'user', parts: [{ text: 'Hi' }] }, model]
    expect(encode({}, decode({ contents: sent }).messages)['contents']).toEqual(sent)
  })

  test.each<[string, Json, string, string]>([
    ['no contents', {}, 'invalid_request', 'contents'],
    [
      'a role that is none',
      { contents: [{ role: 'x', parts: [] }] },
      'invalid_request',
      'contents.0.role',
    ],
    [
      'a part that is none',
      { contents: [{ parts: [{ videoMetadata: {} }] }] },
      'unsupported',
      'contents.0.parts.0',
    ],
    [
      'data that is none',
      { contents: [{ parts: [{ inlineData: {} }] }] },
      'invalid_request',
      'contents.0.parts.0.inlineData',
    ],
    [
      'a tool without a name',
      { contents, tools: [{ functionDeclarations: [{}] }] },
      'invalid_request',
      'tools.0.functionDeclarations.0.name',
    ],
  ])('with %s is refused, and the place is named', (_, body, code, place) => {
    const [refused, words] = codeOf(() => decode(body))
    expect([refused, String(words).startsWith(place)]).toEqual([code, true])
  })
})
