// What stands behind the AI SDK's useChat, unmodified, over real HTTP: its transport and its chat, in front of every dialect.
import {
  AbstractChat,
  DefaultChatTransport,
  lastAssistantMessageIsCompleteWithToolCalls,
  readUIMessageStream,
  type ChatState,
  type UIMessage,
} from 'ai'
import { createGateway } from 'ratatoskr'
import type { Script } from '@ratatoskr/testkit'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { dialects, keyOf, startRelay, until, type HttpRelay } from '../../test/http-relay.ts'

let relay: HttpRelay
beforeAll(async () => {
  relay = await startRelay({ urlHosts: ['images.example.com'], limits: { bodyBytes: 100_000 } })
})
afterEach(() => relay.reset())
afterAll(() => relay.close())

const usage = { promptTokens: 7, completionTokens: 5, totalTokens: 12 }
const parameters = { type: 'object', properties: { city: { type: 'string' } } }
const tools = [{ name: 'weather', parameters }, { name: 'clock' }]

interface Asked {
  caller?: string
  at?: string
  [option: string]: unknown
}

const transportOf = ({ caller = 'ann', at = relay.url, ...options }: Asked) =>
  new DefaultChatTransport<UIMessage>({
    api: `${at}/ui-message-stream`,
    headers: { authorization: `Bearer ${keyOf(caller)}` },
    body: { options },
  })

const say = (text: string, id = text): UIMessage => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text }],
})

/** The last state of the assistant's message, and what went wrong in the stream. */
async function ask(messages: UIMessage[], asked: Asked, abortSignal?: AbortSignal) {
  const stream = await transportOf(asked).sendMessages({
    chatId: 'chat',
    trigger: 'submit-message',
    messageId: undefined,
    messages,
    abortSignal,
  })
  const errors: unknown[] = []
  let message: UIMessage | undefined
  const states = readUIMessageStream({ stream, onError: (error) => errors.push(error) })
  for await (const state of states) message = state
  return { message, errors, parts: message?.parts ?? [] }
}

class Chat extends AbstractChat<UIMessage> {
  constructor(asked: Asked, onToolCall: (name: string) => unknown) {
    const state: ChatState<UIMessage> = {
      status: 'ready',
      error: undefined,
      messages: [],
      pushMessage(message) {
        state.messages = [...state.messages, message]
      },
      popMessage() {
        state.messages = state.messages.slice(0, -1)
      },
      replaceMessage(index, message) {
        state.messages = state.messages.with(index, message)
      },
      snapshot: structuredClone,
    }
    super({
      state,
      transport: transportOf(asked),
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
      onToolCall: ({ toolCall: { toolName, toolCallId } }) => {
        const output = onToolCall(toolName)
        // Awaited, it would wait for itself.
        void this.addToolOutput({ tool: toolName, toolCallId, output })
      },
    })
  }
}

const calls: Script = [
  { reasoning: 'Both.' },
  { text: 'Let me look.' },
  {
    toolCalls: [
      { name: 'weather', arguments: { city: 'Łódź' } },
      { name: 'weather', arguments: { city: 'Oslo' } },
      { name: 'clock' },
    ],
  },
]

describe.each(dialects)('in front of %s', (dialect) => {
  const model = `${dialect}:m`

  test('text, reasoning, and usage', async () => {
    relay.simulated = {
      script: [{ reasoning: 'Hm 🤔' }, { text: 'Łódź is ' }, { text: 'sunny.' }, { usage }],
      split: { seed: 3 },
    }
    const { message, parts, errors } = await ask([say('Hello')], { model })
    expect(errors).toEqual([])
    expect(message).toMatchObject({ role: 'assistant', metadata: { usage } })
    expect(parts.filter(({ type }) => type !== 'data-continuation')).toMatchObject([
      { type: 'step-start' },
      { type: 'reasoning', text: 'Hm 🤔', state: 'done' },
      { type: 'text', text: 'Łódź is sunny.', state: 'done' },
    ])
  })

  test('a whole loop of tools in parallel, which the chat does by itself', async () => {
    relay.simulated = {
      script: ({ messages }) =>
        messages.at(-1)?.role === 'tool'
          ? [{ text: JSON.stringify(messages.slice(-3).map(({ content }) => content)) }]
          : calls,
    }
    const ran: string[] = []
    const chat = new Chat({ model, tools }, (name) => {
      ran.push(name)
      return { result: ran.length }
    })
    await chat.sendMessage({ text: 'How is the weather?' })
    await until(
      () => chat.messages.at(-1)?.parts.at(-1)?.type === 'text' && chat.status === 'ready',
    )
    expect(ran).toEqual(['weather', 'weather', 'clock'])
    expect(chat.error).toBeUndefined()
    expect(chat.messages).toHaveLength(2)
    const parts = chat.messages[1]?.parts ?? []
    expect(parts.filter(({ type }) => type === 'tool-weather')).toMatchObject([
      { state: 'output-available', input: { city: 'Łódź' }, output: { result: 1 } },
      { state: 'output-available', input: { city: 'Oslo' }, output: { result: 2 } },
    ])
    const last = parts.at(-1)
    for (const said of ['1', '2', '3']) {
      expect(last?.type === 'text' && last.text).toMatch(new RegExp(`result[\\\\"]+:${said}`))
    }
    expect(relay.upstream).toHaveLength(2)
    // The conversation goes on.
    relay.simulated = { script: [{ text: 'Good.' }] }
    await chat.sendMessage({ text: 'Thanks' })
    expect(chat.messages.at(-1)?.parts.at(-1)).toMatchObject({ type: 'text', text: 'Good.' })
  })

  test('a failure has a status before the stream, and words in it', async () => {
    relay.simulated = { faults: [{ kind: 'status', status: 429 }] }
    await expect(ask([say('Hello')], { model })).rejects.toMatchObject({
      statusCode: 429,
      message: expect.stringContaining('"code":"rate_limited"') as unknown,
    })
    relay.simulated = {
      script: [{ text: 'Well' }, { fault: { kind: 'error', code: 'overloaded' } }],
    }
    const { parts, errors } = await ask([say('Hello')], { model })
    expect(parts.at(-1)).toMatchObject({ type: 'text', text: 'Well' })
    expect(errors.map(String)).toEqual([expect.stringMatching(/overloaded.*try again later\.$/)])
  })

  test('an abort closes the provider’s connection', async () => {
    relay.simulated = { script: [{ text: 'one ' }, { wait: 3_600_000 }] }
    const controller = new AbortController()
    const asking = ask([say('Hello')], { model }, controller.signal)
    await until(() => relay.upstream.length === 1)
    controller.abort()
    await asking.catch(() => {})
    await until(() => relay.upstream[0]?.isClosed === true)
  })
})

describe('signed thinking', () => {
  const model = 'anthropic:claude-sonnet-4-5'
  const reasoning = { effort: 'low' }
  const simulate = (): void => {
    relay.simulated = {
      script: ({ messages }) => (messages.at(-1)?.role === 'tool' ? [{ text: 'Cold.' }] : calls),
    }
  }
  const answered = (parts: UIMessage['parts']): UIMessage => ({
    id: 'a',
    role: 'assistant',
    parts: parts.map((part) =>
      'toolCallId' in part
        ? Object.assign({}, part, { state: 'output-available', output: 1 })
        : part,
    ),
  })
  const sentThinking = (): string => JSON.stringify(relay.upstream.at(-1)?.body)

  test('goes back with the message, to another process as well', async () => {
    const signingKey = 'a-random-text-of-32-characters-00'
    const [first, second] = await Promise.all([
      startRelay({ signingKey }),
      startRelay({ signingKey }),
    ])
    try {
      const script = ({ messages }: { messages: { role: string }[] }): Script =>
        messages.at(-1)?.role === 'tool' ? [{ text: 'Cold.' }] : calls
      for (const one of [first, second]) one.simulated = { script }
      const asked = { model, reasoning, tools }
      const { parts } = await ask([say('Hello')], { ...asked, at: first.url })
      const history = [say('Hello'), answered(parts)]
      const { parts: last } = await ask(history, { ...asked, at: second.url })
      expect(last.at(-1)).toMatchObject({ type: 'text', text: 'Cold.' })
      expect(JSON.stringify(second.upstream[0]?.body)).toMatch(/"thinking":"Both\.","signature":"./)
    } finally {
      await Promise.all([first.close(), second.close()])
    }
  })

  test('that was changed, or is another caller’s, goes no further', async () => {
    simulate()
    const asked = { model, tools }
    const { parts } = await ask([say('Hello')], { ...asked, reasoning })
    expect(parts.at(-1)?.type).toBe('data-continuation')
    const text = JSON.stringify(answered(parts))
    const changed = JSON.parse(text.replaceAll('Both.', 'None.')) as UIMessage
    await ask([say('Hello'), changed], { ...asked, caller: 'bob' })
    expect(sentThinking()).not.toMatch(/signature|None/)
    await ask([say('Hello'), answered(parts)], { ...asked, caller: 'bob' })
    expect(sentThinking()).not.toMatch(/signature|Both/)
    await ask([say('Hello'), answered(parts)], asked)
    expect(sentThinking()).toContain('signature')
  })
})

describe('messages', () => {
  const model = 'anthropic:m'
  const sent = (): { content?: unknown }[] => {
    const body = relay.upstream.at(-1)?.body as { messages: { content: unknown }[] } | undefined
    return body?.messages ?? []
  }

  test('with files, as bytes and from a host that is named', async () => {
    const files = ['data:image/png;base64,aGk=', 'https://images.example.com/a.png'].map((url) => ({
      type: 'file' as const,
      mediaType: 'image/png',
      url,
    }))
    const pdf = {
      type: 'file' as const,
      mediaType: 'application/pdf',
      url: 'data:application/pdf;base64,aGk=',
      filename: 'a.pdf',
    }
    const message = { id: 'u', role: 'user' as const, parts: [...files, pdf, ...say('See').parts] }
    await ask([message], { model })
    expect(sent()[0]?.content).toMatchObject([
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      { type: 'image', source: { type: 'url', url: 'https://images.example.com/a.png' } },
      { type: 'document', title: 'a.pdf', source: { media_type: 'application/pdf' } },
      { type: 'text', text: 'See' },
    ])
  })

  test('from anywhere else are refused, and whatever is none', async () => {
    const part = (fields: object): UIMessage =>
      ({ id: 'u', role: 'user', parts: [fields] }) as unknown as UIMessage
    const file = { type: 'file', mediaType: 'image/png' }
    for (const [message, words] of [
      [part({ ...file, url: 'https://169.254.169.254/' }), 'must be sent as bytes'],
      [part({ ...file, url: 5 }), 'messages.0.parts.0.url must be a text'],
      [part({ type: 'secret-kind' }), 'messages.0.parts.0.type must be one'],
      [part({ type: 'text' }), 'messages.0.parts.0.text must be there'],
      [say('x'.repeat(100_000)), 'must not be larger'],
    ] as const) {
      const asking = ask([message], { model })
      await expect(asking).rejects.toThrow(words)
      await expect(asking).rejects.not.toThrow('secret-kind')
    }
    await expect(ask([say('Hi')], { model, headers: { a: 'b' } })).rejects.toThrow('options must')
    await expect(ask([], { model })).rejects.toThrow('messages must be a list')
    await expect(ask([say('Hi')], { model, caller: '' })).rejects.toMatchObject({ statusCode: 401 })
    expect(relay.upstream).toEqual([])
  })

  test('of several steps: what was called, what came of it, and what was never answered', async () => {
    const call = (toolCallId: string, state: string, rest: object) => ({
      type: 'tool-weather',
      toolCallId,
      state,
      input: { city: 'Oslo' },
      ...rest,
    })
    const assistant = {
      id: 'a',
      role: 'assistant',
      parts: [
        { type: 'step-start' },
        { type: 'reasoning', text: 'Hm.', state: 'done' },
        call('t1', 'output-available', { output: [{ type: 'text', text: 'a list' }] }),
        call('t2', 'output-error', { errorText: 'no such city' }),
        call('t3', 'output-denied', { approval: { id: 'x', approved: false, reason: 'Not now.' } }),
        call('t4', 'input-available', {}),
        call('t5', 'input-streaming', {}),
        call('t6', 'output-available', { output: 1, providerExecuted: true }),
        { type: 'data-mine', data: { any: 1 } },
        { type: 'data-continuation', data: 'mine, too' },
        { type: 'source-url', sourceId: 's', url: 'https://a.example' },
        { type: 'file', mediaType: 'image/png', url: 'https://elsewhere.example/a.png' },
        { type: 'step-start' },
        { type: 'text', text: 'Cold.', state: 'done' },
      ],
    } as unknown as UIMessage
    await ask([say('Hello'), assistant, say('Thanks')], { model })
    const input = { city: 'Oslo' }
    expect(sent()).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: ['t1', 't2', 't3'].map((id) => ({ type: 'tool_use', id, name: 'weather', input })),
      },
      {
        role: 'user',
        content: [
          { tool_use_id: 't1', content: [{ text: '[{"type":"text","text":"a list"}]' }] },
          { tool_use_id: 't2', is_error: true, content: [{ text: 'no such city' }] },
          { tool_use_id: 't3', is_error: true, content: [{ text: 'Not now.' }] },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'Cold.' }] },
      { role: 'user' },
    ])
  })

  test('with instructions of the page’s', async () => {
    const system: UIMessage = {
      id: 's',
      role: 'system',
      parts: [{ type: 'text', text: 'Be brief.' }],
    }
    await ask([system, say('Hello')], { model })
    expect(relay.upstream[0]?.body).toMatchObject({ system: [{ text: 'Be brief.' }] })
  })
})

describe('a reply', () => {
  test('with sources, images, a refusal and free text for a tool', async () => {
    const image = { mediaType: 'image/png', data: 'aGk=' }
    const gateway = createGateway({
      providers: [
        {
          name: 'scripted',
          accepts: () => true,
          async open() {
            return {
              async read(emit) {
                emit({ type: 'content', text: 'See: ' })
                emit({ type: 'citation', citation: { url: 'https://a.example', title: 'A' } })
                emit({ type: 'citation', citation: { documentId: 'd' } })
                emit({ type: 'image', image })
                emit({ type: 'tool_call_start', index: 0, id: 'c', name: 'run', kind: 'custom' })
                emit({ type: 'tool_call_delta', index: 0, arguments: 'print("🐿")' })
                emit({ type: 'tool_call_end', index: 0 })
                emit({ type: 'refusal', text: 'No.' })
                emit({ type: 'done', finishReason: 'content_filter', model: 'scripted-1' })
                return false
              },
              cancel() {},
            }
          },
        },
      ],
    })
    const scripted = await startRelay({ gateway })
    try {
      const { parts, message } = await ask([say('Hi')], { model: 'm', at: scripted.url })
      expect(parts).toMatchObject([
        { type: 'step-start' },
        { type: 'text', text: 'See: ' },
        { type: 'source-url', url: 'https://a.example', title: 'A' },
        { type: 'source-document', title: 'd' },
        { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,aGk=' },
        { type: 'tool-run', state: 'input-available', input: 'print("🐿")' },
        { type: 'text', text: 'No.' },
      ])
      expect(message?.metadata).toEqual({ model: 'scripted-1' })
    } finally {
      await scripted.close()
    }
  })

  test('has the headers of its protocol, and ends with [DONE] only where it is whole', async () => {
    const post = async () =>
      fetch(`${relay.url}/ui-message-stream`, {
        method: 'POST',
        headers: { authorization: `Bearer ${keyOf('ann')}` },
        body: JSON.stringify({ messages: [say('Hi')], options: { model: 'openai-chat:m' } }),
      })
    const whole = await post()
    expect(whole.headers.get('x-vercel-ai-ui-message-stream')).toBe('v1')
    expect(whole.headers.get('cache-control')).toBe('no-cache, no-transform')
    expect(whole.headers.get('x-request-id')).toMatch(/^req_/)
    expect(await whole.text()).toMatch(
      /\n\ndata: {"type":"finish","finishReason":"stop".*\n\ndata: \[DONE\]\n\n$/,
    )
    relay.simulated = { script: [{ text: 'Well' }, { fault: { kind: 'cut' } }] }
    expect(await (await post()).text()).toMatch(/data: {"type":"error","errorText":"[^"]+"}\n\n$/)
  })

  test('is not resumed: there is none that runs without its page', async () => {
    const transport = transportOf({ model: 'anthropic:m' })
    expect(await transport.reconnectToStream({ chatId: 'chat' })).toBeNull()
  })
})
