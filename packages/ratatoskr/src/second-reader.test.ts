import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

// What a second reader broke, each with the input that did it.
import { checkRequest } from './check-request.ts'
import { createCollector } from './collector.ts'
import { apiError } from './dialects/api-error.ts'
import { isRatatoskrError, RatatoskrError } from './errors.ts'
import { SseDecoder, type SseDecoderOptions, type SseEvent } from './frames/sse.ts'
import { JsonDecoder } from './json/json-decoder.ts'
import { toolResult, user } from './message.ts'
import type { Provider } from './provider.ts'
import { ollamaCompatible } from './providers/openai-compatible.ts'
import { route } from './routing.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function decode(chunks: Uint8Array[], options: SseDecoderOptions) {
  const decoder = new SseDecoder(options)
  const events: SseEvent[] = []
  let failure: unknown
  try {
    for (const chunk of chunks) decoder.push(chunk, (event) => events.push(event))
    decoder.end((event) => events.push(event))
  } catch (error) {
    failure = isRatatoskrError(error) ? error.code : error
  }
  return { events, failure }
}

describe('sse', () => {
  it('1. the limit with stray JSON is the same at any split', () => {
    const stream = bytesOf('{\n"error": 1\n}\n\n')
    for (const maxEventSize of [12, 13, 14, 15, 16]) {
      const options = { maxEventSize, keepDiscarded: true }
      const whole = decode([stream], options).failure
      for (let at = 0; at <= stream.length; at += 1) {
        const failure = decode([stream.subarray(0, at), stream.subarray(at)], options).failure
        expect([maxEventSize, at, failure]).toEqual([maxEventSize, at, whole])
      }
    }
  })
  it('1b. property of the same', () => {
    const text = fc
      .array(fc.constantFrom('{', '}', '"a":1', 'data:x', ':', '\n', '\n', '\n', '\r\n'), {
        maxLength: 30,
      })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.nat(40), fc.integer({ min: 1, max: 40 }), (stream, at, maxEventSize) => {
        const bytes = bytesOf(stream)
        const options = { maxEventSize, keepDiscarded: true }
        expect(decode([bytes.subarray(0, at), bytes.subarray(at)], options)).toEqual(
          decode([bytes], options),
        )
      }),
      { numRuns: 5000 },
    )
  })
  it('2. a comment between or after lines of stray JSON is no part of it', () => {
    for (const stream of ['{"error":1}\n: keep-alive\n\n', '{\n: keep-alive\n"error":1}\n\n']) {
      const { events } = decode([bytesOf(stream)], { keepDiscarded: true })
      expect(events.map(({ data }) => JSON.parse(data) as unknown)).toEqual([{ error: 1 }])
    }
  })
  it('3. an unfinished id line sets nothing, also with keepDiscarded', () => {
    const { events } = decode([bytesOf('data:a\n\ndata:b\nid:1')], { keepDiscarded: true })
    expect(events.map(({ id }) => id)).toEqual(['', ''])
  })
})

describe('json-decoder', () => {
  const decoder = () => new JsonDecoder({ shape: {}, sentinel: '[DONE]' as const })
  const run = (data: string, marks = {}) => {
    const values: unknown[] = []
    decoder().push({ data, ...marks }, (value) => values.push(value))
    return values
  }
  it('4. no digits of the payload as a position', () => {
    expect(() => run('x position 4242')).toThrow(/^(?!.*4242)/)
  })
  it('5. a stray sentinel is none: only an error object is taken', () => {
    expect(run('[DONE]\n', { stray: true })).toEqual([])
  })
  it('6. a stray object whose error is null is no error', () => {
    expect(run('{"error":null,"choices":[]}\n', { stray: true })).toEqual([])
  })
  it('7. deep nesting outside of a field is no crash', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect(run(deep, { stray: true })).toEqual([])
  })
})

describe('api-error', () => {
  const refused = (status: number, body: unknown) =>
    apiError({
      provider: 'acme',
      status,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  it('8. "took too long" is no long prompt', () => {
    expect(
      refused(504, { error: { message: 'The upstream took too long to answer' } }),
    ).toMatchObject({ code: 'api', retryable: true })
    expect(refused(408, { error: { message: 'The request took too long' } })).toMatchObject({
      code: 'timeout',
      retryable: true,
    })
  })
  it('9. a name that is too long is no long prompt', () => {
    expect(
      refused(400, {
        error: { message: 'tools[0].function.name is too long', type: 'invalid_request_error' },
      }).code,
    ).toBe('invalid_request')
  })
  it('10. a parameter named timeout is no timeout', () => {
    expect(
      refused(400, {
        error: {
          message: 'Unrecognized request argument supplied: timeout',
          type: 'invalid_request_error',
        },
      }),
    ).toMatchObject({ code: 'invalid_request', retryable: false })
  })
  it('11. a page is not read as the provider’s words', () => {
    expect(
      refused(404, '<!doctype html><html><body>Not found. See our models</body></html>').code,
    ).toBe('configuration')
    expect(
      refused(500, '<!doctype html><html><body>Your browser is not supported</body></html>'),
    ).toMatchObject({ code: 'api', retryable: true })
  })
  it('12. the message of an error in a stream does not say undefined', () => {
    expect(
      apiError({ provider: 'acme', body: { error: { message: 'Oh' } } }).message,
    ).not.toContain('undefined')
  })
  it('13. metadata.raw as an object is unwrapped', () => {
    const raw = { error: { message: 'no healthy host' } }
    expect(
      refused(502, { error: { message: 'Provider returned error', code: 502, metadata: { raw } } })
        .providerMessage,
    ).toBe('no healthy host')
  })
  it('14. OpenRouter’s own words for a model that is not there', () => {
    expect(
      refused(404, { error: { message: 'No endpoints found for acme/nut-1.', code: 404 } }).code,
    ).toBe('model_not_found')
    expect(
      refused(400, { error: { message: 'acme/nut-1 is not a valid model ID', code: 400 } }).code,
    ).toBe('model_not_found')
  })
  it('15. a body nested deep is no crash', () => {
    expect(refused(500, `${'['.repeat(100_000)}${']'.repeat(100_000)}`).code).toBe('api')
  })
  it('16. a key mentioned in a failure of the server is no wrong key', () => {
    expect(
      refused(500, { error: { message: 'Could not look up the API key: database down' } }),
    ).toMatchObject({ code: 'api', retryable: true })
  })
})

describe('check-request', () => {
  const check = (content: unknown, more: object = {}) => {
    Reflect.apply(checkRequest, undefined, [[{ role: 'user', content }], { model: 'm', ...more }])
  }
  const invalid: unknown = expect.objectContaining({ code: 'invalid_request' })
  it.each<[string, unknown]>([
    ['OpenAI’s own shape', [{ type: 'image_url', image_url: { url: 'u' } }]],
    ['unknown type', [{ type: 'video', url: 'u' }]],
    ['image without data or url', [{ type: 'image' }]],
    ['image without mediaType', [{ type: 'image', data: 'AA==' }]],
    ['text without text', [{ type: 'text' }]],
    ['bytes', [{ type: 'image', data: Uint8Array.of(1, 2), mediaType: 'image/png' }]],
  ])('17. refuses a part that is none: %s', (_, content) => {
    expect(() => check(content)).toThrow(invalid)
  })
  it('18. refuses tools that are no list (they are dropped in silence)', () => {
    expect(() => check('x', { tools: { name: 'weather' } })).toThrow(invalid)
  })
  it.each([[{}], [{ type: 'function', function: { name: 'weather' } }], [null], ['weather'], [5]])(
    '25. refuses toolChoice %j beside tools',
    (toolChoice) => {
      expect(() => check('x', { tools: [{ name: 'weather' }], toolChoice })).toThrow(invalid)
    },
  )
  it('19. refuses reasoning.maxTokens NaN, which JSON would send as null', () => {
    expect(() => check('x', { reasoning: { maxTokens: Number.NaN } })).toThrow(invalid)
  })
})

describe('others', () => {
  it('20. retryable is a boolean, also where a detail says undefined', () => {
    expect(new RatatoskrError('api', 'x', { retryable: undefined }).retryable).toBe(false)
  })
  it('24. an error of another realm is known, as isRatatoskrError says', () => {
    const copy = `const Copy = ${RatatoskrError.toString()}; new Copy('api', 'It failed.')`
    expect(isRatatoskrError(runInNewContext(copy))).toBe(true)
  })
  it('21. ids and names of calls count against maxResponseBytes', () => {
    const collector = createCollector(1000)
    expect(() => {
      for (let index = 0; index < 100; index += 1) {
        collector.add({
          type: 'tool_call_start',
          index,
          id: `call_${index}`,
          name: 'x'.repeat(1000),
        })
      }
    }).toThrow(expect.objectContaining({ code: 'too_large' }))
  })
  it('22. bytes in the parts of a tool result become base64, as in user()', () => {
    const part = { type: 'image', data: Uint8Array.of(1, 2, 3), mediaType: 'image/png' } as const
    expect(toolResult('c', [part]).content).toEqual(user([part]).content)
  })
  it('23. real names of Bedrock models do not go to Ollama', () => {
    const bedrock: Provider = {
      name: 'bedrock',
      accepts: (model) => /anthropic\.|amazon\./.test(model),
      open: () => Promise.reject(new Error()),
    }
    for (const model of [
      'us.anthropic.claude-sonnet-4-20250514-v1:0',
      'amazon.nova-pro-v1:0',
      'anthropic.claude-v2:1',
    ]) {
      expect([model, route(model, [ollamaCompatible(), bedrock]).provider.name]).toEqual([
        model,
        'bedrock',
      ])
    }
  })
})
