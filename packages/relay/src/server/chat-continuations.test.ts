import { createGateway, collect, toolResult, user, type ChatEvent } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { simulatorFetch } from '@ratatoskr/testkit'
import { expect, it } from 'vitest'
import { chatRequest, createKit, eventsOf, type Ask, type Kit } from '../../test/relay-kit.ts'

const tools = [{ name: 'weather', parameters: { type: 'object' } }]
const options = { model: 'claude-test', tools, maxTokens: 4000, reasoning: { maxTokens: 2000 } }

/** The simulator refuses thinking that comes back changed, or not at all. */
function createThinking() {
  const bodies: string[] = []
  const simulated = simulatorFetch({
    script: ({ messages }) =>
      messages.at(-1)?.role === 'tool'
        ? [{ text: 'It is cold.' }]
        : [
            { reasoning: 'I must look it up.' },
            { redacted: 'hidden' },
            { toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] },
          ],
  })
  const gateway = createGateway({
    retry: false,
    providers: [
      anthropic({
        apiKey: 'any',
        fetch: (input, init) => {
          bodies.push(typeof init?.body === 'string' ? init.body : '')
          return simulated(input, init)
        },
      }),
    ],
  })
  return { bodies, ...createKit({ gateway }) }
}

const ask = async ({ relay }: Kit, request: Ask) => {
  const response = await relay(chatRequest({ ...request, options }))
  return response.status === 200 ? eventsOf(response) : response
}

it('carries signed thinking through a turn with tools, signed again by the relay', async () => {
  const kit = createThinking()
  const question = user('How is the weather in Oslo?')
  const events = (await ask(kit, { messages: [question] })) as ChatEvent[]
  const { message, toolCalls } = await collect(events)
  expect(message.continuation?.dialect).toBe('relay')
  const result = toolResult(toolCalls[0]?.id ?? '', { celsius: -4 })
  const answer = (await ask(kit, { messages: [question, message, result] })) as ChatEvent[]
  expect((await collect(answer)).content).toBe('It is cold.')

  // As the provider signed it, which it checks, and nothing of the relay's own.
  const last = kit.bodies.at(-1) ?? ''
  expect(last).toMatch(/"type":"thinking","thinking":"I must look it up\.","signature":"./)
  expect(last).toContain('"type":"redacted_thinking"')
  expect(last).not.toContain('relay')

  const stolen = await ask(kit, { caller: 'bob', messages: [question, message, result] })
  expect(stolen).toMatchObject({ status: 400 })
})

it('takes no continuation that a client has made up', async () => {
  const kit = createThinking()
  const blocks = [{ type: 'image', source: { type: 'url', url: 'https://evil.test/' } }]
  for (const continuation of [
    { dialect: 'anthropic', data: { blocks } },
    {
      dialect: 'relay',
      data: { dialect: 'anthropic', data: { blocks }, signature: 'A'.repeat(43) },
    },
    { dialect: 'relay', data: null },
  ]) {
    const message = { role: 'assistant', content: 'Hi', continuation }
    const answer = await ask(kit, { messages: [user('a'), message, user('b')] })
    expect(answer).toMatchObject({ status: 400 })
  }
})
