import { describe, expect, test, vi } from 'vitest'
import { isRatatoskrError } from '../errors.ts'
import { createGateway } from '../gateway.ts'
import { assistant, system, toolResult, user, type Message } from '../message.ts'
import type { ChatOptions } from '../options.ts'
import {
  browserAI,
  type BrowserAIOptions,
  type LanguageModel,
  type LanguageModelSession,
} from './browser-ai.ts'

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
    const onAvailability = vi.fn()
    const gateway = gatewayOf(seen.model, {
      onAvailability,
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
    expect(onAvailability).toHaveBeenCalledExactlyOnceWith('available')
    expect(onDownloadProgress).toHaveBeenCalledWith(0.5)
    expect(seen.destroyed).toBeGreaterThan(0)
  })

  test('instructions come first, once, and an assistant’s message at the end begins the reply', async () => {
    const seen = browser(['world'])
    await gatewayOf(seen.model).chat(
      [
        user('Hi'),
        system('Be brief.'),
        assistant('Yes?'),
        system('Be kind.'),
        user('Greet.'),
        assistant('Hello, '),
      ],
      { model: 'on-device' },
    )
    expect(seen.created).toEqual([
      {
        initialPrompts: [
          { role: 'system', content: 'Be brief.\n\nBe kind.' },
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Yes?' },
        ],
      },
    ])
    expect(seen.prompted).toEqual([
      [
        { role: 'user', content: 'Greet.' },
        { role: 'assistant', content: 'Hello, ', prefix: true },
      ],
      {},
    ])
  })

  test.each(['downloadable', 'downloading'])('goes on where the model is %s', async (state) => {
    const states: string[] = []
    const gateway = gatewayOf(browser(['Hi'], { availability: state }).model, {
      onAvailability: (availability) => states.push(availability),
    })
    expect((await gateway.chat([user('Hi')], { model: 'on-device' })).content).toBe('Hi')
    expect(states).toEqual([state])
  })

  test('a stop while the session is made waits for nothing, and gives it up when it comes', async () => {
    const seen = browser([])
    const controller = new AbortController()
    const reason = new Error('enough')
    let give: (session: LanguageModelSession) => void = () => {}
    const made = new Promise<LanguageModelSession>((resolve) => {
      give = resolve
    })
    const languageModel: LanguageModel = {
      availability: async () => 'downloadable',
      async create() {
        controller.abort(reason)
        return made
      },
    }
    const { signal } = controller
    const asking = gatewayOf(languageModel).chat([user('Hi')], { model: 'on-device', signal })
    await expect(asking).rejects.toBe(reason)
    give(await seen.model.create({ monitor: () => {} }))
    await vi.waitFor(() => expect(seen.destroyed).toBe(1))
  })

  test('a session that takes no prompt is given up', async () => {
    const destroy = vi.fn()
    const languageModel: LanguageModel = {
      availability: async () => 'available',
      create: async () => ({
        promptStreaming: () => {
          throw new TypeError('No such constraint')
        },
        destroy,
      }),
    }
    expect((await failureOf(languageModel))[0]).toBe('unsupported')
    expect(destroy).toHaveBeenCalledOnce()
  })

  test('what the browser says of its availability may fail, too', async () => {
    const model = {
      ...browser([]).model,
      availability: (): Promise<never> =>
        Promise.reject(new DOMException('Why', 'NotAllowedError')),
    }
    expect((await failureOf(model))[0]).toBe('permission')
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
    ['responseFormat', { responseFormat: { type: 'xml' } as never }],
    ['providerOptions must not set monitor', { providerOptions: { monitor: 1 } }],
    ['besides the instructions', {}, [system('Be brief.')]],
    ['takes no images', {}, [user([{ type: 'image', url: 'https://a.example' }])]],
  ])('refuses by name: %s', async (name, options, messages) => {
    const [code, words] = await failureOf(browser([]).model, options, messages)
    expect(code).toBe(/Options|Format|besides/.test(name) ? 'invalid_request' : 'unsupported')
    expect(words).toContain(name)
  })
})
