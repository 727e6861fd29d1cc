// A conversation with tools, over both dialects, against a provider that refuses what was changed.
import { createGateway, toolResult, user, type Gateway, type Message } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Script } from './script.ts'
import { simulatorFetch } from './simulator.ts'

const tools = [
  { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  { name: 'clock' },
]

const script = (turn: number): Script =>
  turn === 1
    ? [
        { reasoning: 'Two cities — 東京, Oslo.' },
        { text: 'Let me look.' },
        {
          toolCalls: [
            { name: 'weather', arguments: { city: 'Oslo' } },
            { name: 'clock', arguments: {} },
          ],
        },
      ]
    : [{ reasoning: 'Both are there.' }, { text: 'Four degrees at noon.' }]

type Body = { messages: { role: string; content: unknown }[]; [field: string]: unknown }
let bodies: Body[] = []
let gateway: Gateway

beforeEach(() => {
  bodies = []
  const simulated = simulatorFetch({ script: (_, turn) => script(turn) })
  const fetch = (url: string, init: RequestInit): Promise<Response> => {
    bodies.push(JSON.parse(init.body as string) as Body)
    return simulated(url, init)
  }
  gateway = createGateway({
    providers: [
      anthropic({ apiKey: 'any', baseURL: 'http://simulated.test/v1', fetch }),
      openaiCompatible({
        name: 'other',
        apiKey: 'any',
        baseURL: 'http://simulated.test/v1',
        fetch,
      }),
    ],
    retry: false,
  })
})

const here = 'anthropic:claude-sonnet-5'
const there = 'other:squirrel-1'
const reasoning = { effort: 'low' } as const

/** The first turn, with the results of its calls. */
async function callTools(model: string): Promise<Message[]> {
  const messages: Message[] = [user('How is the weather, and how late is it?')]
  const { toolCalls, message, finishReason } = await gateway.chat(messages, {
    model,
    tools,
    reasoning,
  })
  expect(finishReason).toBe('tool_calls')
  expect(toolCalls.map(({ name, arguments: text }) => [name, text])).toEqual([
    ['weather', '{"city":"Oslo"}'],
    ['clock', '{}'],
  ])
  return [...messages, message, ...toolCalls.map(({ id, name }) => toolResult(id, `${name}: ok`))]
}

describe('a loop of tools with signed thinking', () => {
  test('gives the blocks back unmodified, also after the history was stored as JSON', async () => {
    const history = JSON.parse(JSON.stringify(await callTools(here))) as Message[]
    const { content } = await gateway.chat(history, { model: here, tools, reasoning })
    expect(content).toBe('Four degrees at noon.')
    expect(bodies[1]?.messages[1]).toEqual({
      role: 'assistant',
      content: [
        {
          type: 'thinking',
          thinking: 'Two cities — 東京, Oslo.',
          signature: expect.stringMatching(/./) as unknown,
        },
        { type: 'text', text: 'Let me look.' },
        {
          type: 'tool_use',
          id: expect.any(String) as unknown,
          name: 'weather',
          input: { city: 'Oslo' },
        },
        { type: 'tool_use', id: expect.any(String) as unknown, name: 'clock', input: {} },
      ],
    })
    expect(bodies[1]?.messages[2]?.content).toHaveLength(2)
  })

  test('is refused where the thinking was changed', async () => {
    const history = await callTools(here)
    const changed = JSON.parse(JSON.stringify(history).replaceAll('東京', '京都')) as Message[]
    await expect(gateway.chat(changed, { model: here, tools, reasoning })).rejects.toMatchObject({
      code: 'invalid_request',
      providerMessage: expect.stringContaining('signature') as unknown,
    })
  })

  test('goes on at another provider, which gets no blocks of the first', async () => {
    const history = await callTools(here)
    const { content } = await gateway.chat(history, { model: there, tools })
    expect(content).toBe('Four degrees at noon.')
    expect(JSON.stringify(bodies[1])).not.toMatch(/signature|thinking|東京/)
    expect(bodies[1]?.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'tool',
    ])
  })

  test('and one that began elsewhere goes on here', async () => {
    const history = await callTools(there)
    const { content } = await gateway.chat(history, { model: here, tools })
    expect(content).toBe('Four degrees at noon.')
    expect(bodies[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(JSON.stringify(bodies[1])).not.toMatch(/東京/)
  })

  test('and comes back: to and fro', async () => {
    const history = await callTools(here)
    const answer = await gateway.chat(history, { model: there, tools })
    history.push(answer.message, user('And tomorrow?'))
    await gateway.chat(history, { model: here, tools, reasoning })
    expect(JSON.stringify(bodies[2])).toMatch(/東京.*signature/)
  })
})
