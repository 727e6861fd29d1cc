import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fuzzed, fuzzTimeout } from '../../test/fuzz.ts'
import { anyJsonMutation, mutateJson } from '../../test/mutations.ts'
import { isRatatoskrError } from '../errors.ts'
import { assistant, system, toolResult, user, type Message } from '../message.ts'
import type { ChatOptions, ChatRequest } from '../options.ts'
import type { DecodedRequest } from './decoded-request.ts'
import * as anthropic from './anthropic/index.ts'
import * as gemini from './gemini/index.ts'
import * as ollama from './ollama/index.ts'
import * as openaiChat from './openai-chat/index.ts'
import * as openaiResponses from './openai-responses/index.ts'

interface Directions {
  name: string
  encode: (request: ChatRequest) => { [field: string]: unknown }
  decode: (body: unknown) => DecodedRequest
}

const all: readonly Directions[] = [
  { name: 'openai-chat', encode: openaiChat.encodeRequest, decode: openaiChat.decodeRequest },
  {
    name: 'openai-responses',
    encode: openaiResponses.encodeRequest,
    decode: openaiResponses.decodeRequest,
  },
  { name: 'anthropic', encode: anthropic.encodeRequest, decode: anthropic.decodeRequest },
  {
    name: 'gemini',
    encode: gemini.encodeRequest,
    decode: (body) => gemini.decodeRequest(body, { model: 'm', stream: true }),
  },
  { name: 'ollama', encode: ollama.encodeRequest, decode: ollama.decodeRequest },
]

/** How every PNG begins. */
const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const parameters = {
  type: 'object',
  properties: { city: { type: 'string', enum: ['Łódź', '東京'] }, days: { type: 'integer' } },
  required: ['city'],
}
const messages: readonly Message[] = [
  system('Be brief.'),
  user(['What is this?', { type: 'image', data: png, mediaType: 'image/png' }]),
  assistant('I look.', [
    { id: 'a', name: 'weather', arguments: '{"city":"Łódź"}' },
    { id: 'b', name: 'weather', arguments: '{}' },
  ]),
  toolResult('a', { celsius: 4 }),
  toolResult('b', 'rain'),
  assistant('4 °C'),
  user('And tomorrow?'),
]
const options: ChatOptions & { model: string } = {
  model: 'm',
  tools: [{ name: 'weather', description: 'Tells the weather', parameters }],
  temperature: 0.5,
  topP: 0.9,
  maxTokens: 100,
}

describe.each(all)('changed requests of $name', ({ name, encode, decode }) => {
  // Ollama knows no choice of tools.
  const choice: Partial<ChatOptions> = name === 'ollama' ? {} : { toolChoice: { name: 'weather' } }
  const json = JSON.stringify(encode({ model: 'm', messages, options: { ...options, ...choice } }))

  test('the request is read as it is', () => {
    const read = decode({ model: 'm', ...JSON.parse(json) })
    expect(read.messages.map(({ role }) => role)).toContain('tool')
    expect(read.options.tools).toMatchObject(options.tools ?? [])
  })

  test(
    'are read, or refused with an error that says where',
    () => {
      fc.assert(
        fc.property(fc.array(anyJsonMutation(), { minLength: 1, maxLength: 5 }), (changes) => {
          const body: unknown = JSON.parse(changes.reduce(mutateJson, json))
          attempt(() => {
            const request = decode(body)
            expect(request.options.model).toEqual(expect.any(String))
            // A server gives to one provider what it was asked in another's words.
            for (const { encode: onward } of all) {
              attempt(() => {
                const { messages: read, options: chosen } = request
                onward({ model: chosen.model, messages: read, options: chosen })
              })
            }
          })
          expect(Object.keys(Object.prototype)).toEqual([])
          expect('polluted' in {}).toBe(false)
        }),
        fuzzed(200),
      )
    },
    fuzzTimeout,
  )
})

/** Only errors of the library may come of it. */
function attempt(run: () => void): void {
  try {
    run()
  } catch (error) {
    if (!isRatatoskrError(error)) throw error
    expect(error.code).toMatch(/^(invalid_request|unsupported|configuration)$/)
  }
}
