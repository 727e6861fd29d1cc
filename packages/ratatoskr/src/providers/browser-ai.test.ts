import { describe, expect, test, vi } from 'vitest'
import { isRatatoskrError } from '../errors.ts'
import { createGateway } from '../gateway.ts'
import { assistant, system, toolResult, user, type Message } from '../message.ts'
import type { ChatOptions } from '../options.ts'
import { browserAI, type BrowserAIOptions, type LanguageModel } from './browser-ai.ts'

interface Browser {
  model: LanguageModel
  created: { [field: string]: unknown }[]
  prompted: unknown[]
  destroyed: number
}

/** A browser's model that says these texts, and then closes its stream, fails, or is silent. */
function browser(
  texts: readonly string[],
  {
    availability = 'available',
    end = 'close',
    refuse,
  }: { availability?: string; end?: unknown; refuse?: Error } = {},
): Browser {
  const seen: Browser = {
    created: [],
    prompted: [],
    destroyed: 0,
    model: {
      availability: async () => availability,
      async create(options = {}) {
        if (refuse) throw refuse
        const given = options as {
          [field: string]: unknown
          monitor: (target: EventTarget) => void
        }
        const { monitor, signal: _, ...rest } = given
        const target = new EventTarget()
        monitor(target)
        target.dispatchEvent(Object.assign(new Event('downloadprogress'), { loaded: 0.5 }))
        seen.created.push(rest)
        return {
          promptStreaming(input, promptOptions = {}) {
            const { signal, ...others } = promptOptions as { signal: AbortSignal }
            seen.prompted.push(input, others)
            return new ReadableStream<string>({
              start(controller) {
                for (const text of texts) controller.enqueue(text)
                if (end === 'close') controller.close()
                else if (end !== 'silent') controller.error(end)
                signal.addEventListener('abort', () => controller.error(signal.reason))
              },
            })
          },
          destroy() {
            seen.destroyed += 1
          },
        }
      },
    },
  }
  return seen
}

const gatewayOf = (
  languageModel: LanguageModel | undefined,
  more: BrowserAIOptions = {},
): ReturnType<typeof createGateway> =>
  createGateway({
    providers: [browserAI({ ...more, ...(languageModel && { languageModel }) })],
    retry: false,
  })

async function failureOf(
  languageModel: LanguageModel | undefined,
  options: Partial<ChatOptions> = {},
  messages: Message[] = [user('Hi')],
): Promise<unknown[]> {
  try {
    await gatewayOf(languageModel).chat(messages, { model: 'on-device', ...options })
  } catch (error) {
    return isRatatoskrError(error) ? [error.code, error.message] : [error]
  }
  return ['nothing failed']
}

describe('browserAI', () => {
  test('streams what the browser says, from the whole conversation', async () => {
    const seen = browser(['Hel', '', 'lo'])
    const onDownloadProgress = vi.fn()
    const gateway = gatewayOf(seen.model, {
      onDownloadProgress,
      sessionOptions: { expectedOutputs: [] },
    })
    const response = await gateway.chat(
      [system('Be brief.'), user('Hi'), assistant('Yes?'), user(['Say', 'hello.'])],
      {
        model: 'on-device',
        temperature: 1,
        topK: 3,
        responseFormat: { type: 'json_schema', schema: { type: 'string' } },
      },
    )
    expect(response).toMatchObject({ content: 'Hello', finishReason: 'stop', model: 'on-device' })
    expect(response.usage).toBeUndefined()
    expect(seen.created).toEqual([
      {
        expectedOutputs: [],
        temperature: 1,
        topK: 3,
        initialPrompts: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Yes?' },
        ],
      },
    ])
    expect(seen.prompted).toEqual([
      [{ role: 'user', content: 'Say\nhello.' }],
      { responseConstraint: { type: 'string' } },
    ])
    expect(onDownloadProgress).toHaveBeenCalledWith(0.5)
    expect(seen.destroyed).toBeGreaterThan(0)
  })

  test('uses the page’s own model', async () => {
    vi.stubGlobal('LanguageModel', browser(['Hi']).model)
    try {
      expect((await gatewayOf(undefined).chat([user('Hi')], { model: 'on-device' })).content).toBe(
        'Hi',
      )
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('stops with the reason, and gives the session up', async () => {
    const seen = browser(['Hel'], { end: 'silent' })
    const controller = new AbortController()
    const stream = await gatewayOf(seen.model).chatStream([user('Hi')], {
      model: 'on-device',
      signal: controller.signal,
    })
    const read: string[] = []
    const reason = new Error('enough')
    const reading = (async () => {
      for await (const event of stream) {
        read.push(event.type)
        controller.abort(reason)
      }
    })()
    await expect(reading).rejects.toBe(reason)
    expect(read).toEqual(['content'])
    expect(seen.destroyed).toBeGreaterThan(0)
  })

  test('a break gives the session up', async () => {
    const seen = browser(['Hel'], { end: 'silent' })
    for await (const _ of await gatewayOf(seen.model).chatStream([user('Hi')], {
      model: 'on-device',
    }))
      break
    expect(seen.destroyed).toBeGreaterThan(0)
  })

  test('says where there is no model', async () => {
    expect(await failureOf(undefined)).toEqual([
      'unsupported',
      'This browser has no model of its own (LanguageModel); choose another provider.',
    ])
    expect((await failureOf(browser([], { availability: 'unavailable' }).model))[0]).toBe(
      'unsupported',
    )
  })

  test.each([
    ['QuotaExceededError', 'context_length'],
    ['NotAllowedError', 'permission'],
    ['NotSupportedError', 'unsupported'],
    ['UnknownError', 'api'],
  ])('%s has the code %s, before the reply and in it', async (name, code) => {
    const error = new DOMException('Why', name)
    expect((await failureOf(browser([], { refuse: error }).model))[0]).toBe(code)
    expect((await failureOf(browser(['Hi'], { end: error }).model))[0]).toBe(code)
  })

  test.each<[string, Partial<ChatOptions>, Message[]?]>([
    ['tools', { tools: [{ name: 'f' }] }],
    ['topP', { topP: 1 }],
    ['maxTokens', { maxTokens: 1 }],
    ['stop', { stop: 'x' }],
    ['seed', { seed: 1 }],
    ['reasoning', { reasoning: {} }],
    ['temperature without topK', { temperature: 1 }],
    ['has no tools', {}, [toolResult('a', 'x')]],
    ['takes no images', {}, [user([{ type: 'image', url: 'https://a.example' }])]],
  ])('refuses by name: %s', async (name, options, messages) => {
    const [code, words] = await failureOf(browser([]).model, options, messages)
    expect(code).toBe('unsupported')
    expect(words).toContain(name)
  })
})
