import { simulatorFetch, type SimulatorSetup, type Tape } from '@ratatoskr/testkit'
import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../test/mount.ts'
import type { Fetch } from '../chain/staged-provider.ts'
import { dialectLabels, isDialect } from '../chain/stages.ts'
import { Page } from '../page.ts'
import { gallery } from '../tapes/gallery.ts'
import { Conversation } from './conversation.ts'
import type { Reply } from './reply.ts'

/** The requests that the simulated provider got. */
let requests: unknown[]
let page: Page
let conversation: Conversation
beforeEach(() => {
  play({})
})

/** A page whose provider does this. */
function play(setup: SimulatorSetup): void {
  requests = []
  const answer = simulatorFetch(setup)
  const simulated: Fetch = (url, init) => {
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : undefined
    requests.push(body)
    return answer(url, init)
  }
  page = new Page({
    origin: 'https://page.test',
    fetch: () => Promise.reject(new TypeError('There is no network.')),
    simulated: () => Promise.resolve(simulated),
  })
  conversation = page.conversation
}

function lastReply(): Reply {
  const { lastReply: reply } = conversation
  if (reply === undefined) throw new Error('There is no reply.')
  return reply
}

const kinds = (): string[] => conversation.turns.map(({ kind }) => kind)

async function tapeOf(id: string): Promise<Tape> {
  const found = gallery.find((one) => one.id === id)
  if (found === undefined) throw new Error(`There is no tape ${id}.`)
  return found.open()
}

test('a prompt is answered, and the next goes with what was said', async () => {
  play({ script: [{ text: 'Hello.' }], keys: false })
  page.settings.change({ systemPrompt: 'Be brief.' })
  await conversation.send('Hi')
  expect(lastReply().state).toBe('complete')
  expect(conversation.isRunning).toBe(false)
  expect(conversation.announcement).toBe('The reply is complete: 1 words.')
  await conversation.send('Again')
  expect(kinds()).toEqual(['user', 'reply', 'user', 'reply'])
  expect(requests.at(-1)).toMatchObject({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: 'Again' },
    ],
  })
})

describe('a stop', () => {
  const long = { script: 'long', pace: { delay: 5 }, keys: false } as const

  test('keeps what had come, which goes on with the next prompt', async () => {
    play(long)
    const sent = conversation.send('Go on')
    await until(() => expect(conversation.lastReply?.content.length).toBeGreaterThan(20))
    conversation.stop()
    await sent
    const reply = lastReply()
    expect([reply.state, conversation.isRunning]).toEqual(['stopped', false])
    expect(reply.message?.content).toBe(reply.content.toString())
    const second = conversation.send('Once more')
    conversation.stop()
    await second
    expect(kinds()).toEqual(['user', 'reply', 'user', 'reply'])
  })

  test('before anything has come leaves nothing behind', async () => {
    play({ ...long, pace: { firstDelay: 60_000 } })
    const sent = conversation.send('Go on')
    await until(() => expect(requests).toHaveLength(1))
    conversation.stop()
    await sent
    expect(lastReply()).toMatchObject({ state: 'stopped', message: undefined })
  })

  test('while the page’s own parts are loading ends it at once', async () => {
    const loading = new Page({
      origin: 'https://page.test',
      fetch: () => Promise.reject(new TypeError('There is no network.')),
      simulated: () => new Promise(() => {}),
    })
    const sent = loading.conversation.send('Hi')
    loading.conversation.stop()
    await sent
    expect(loading.conversation.lastReply?.state).toBe('stopped')
  })

  test('of nothing is nothing', () => {
    conversation.stop()
    expect(conversation.turns).toEqual([])
  })
})

test('a new prompt while one is answered stops the first', async () => {
  play({ script: 'long', pace: { delay: 5 }, keys: false })
  const first = conversation.send('First')
  await until(() => expect(conversation.lastReply?.content.length).toBeGreaterThan(0))
  const second = conversation.send('Second')
  await first
  const replies = conversation.turns.flatMap((turn) => (turn.kind === 'reply' ? [turn.reply] : []))
  expect(replies.map(({ state }) => state)).toEqual(['stopped', expect.stringMatching(/ing$/)])
  expect(conversation.isRunning).toBe(true)
  conversation.stop()
  await second
  expect(conversation.announcement).toBe('Stopped. What had come is kept.')
})

test('a new conversation forgets everything, also what is still on its way', async () => {
  play({ script: 'long', pace: { delay: 5 }, keys: false })
  const sent = conversation.send('Go on')
  await until(() => expect(conversation.lastReply?.content.length).toBeGreaterThan(0))
  conversation.clear()
  await sent
  await new Promise((resolve) => {
    setTimeout(resolve, 50)
  })
  expect([conversation.turns, conversation.tape, conversation.isRunning]).toEqual([
    [],
    undefined,
    false,
  ])
  expect(conversation.announcement).toBe('New conversation.')
  const { transfers, frames, values, events } = page.trace
  expect([transfers, frames, values, events].map(({ total }) => total)).toEqual([0, 0, 0, 0])
})

describe('a failure', () => {
  test('is kept with what had come, and the same is asked again', async () => {
    play({
      script: [{ text: 'One two three four five six seven eight.' }],
      faults: [{ kind: 'cut', afterEvents: 4 }],
      keys: false,
    })
    await conversation.send('Hi')
    expect(lastReply().state).toBe('failed')
    expect(lastReply().message?.content).not.toBe('')
    expect(conversation.announcement).toContain('has failed')
    await conversation.retry()
    expect(kinds()).toEqual(['user', 'reply'])
    expect(requests).toEqual([requests[0], requests[0]])
  })

  test('before anything is asked: a setting that does not fit', async () => {
    page.settings.change({ connection: 'custom' })
    page.settings.baseURL = 'not a url'
    page.settings.model = 'm'
    await conversation.send('Hi')
    expect(lastReply().state).toBe('failed')
    expect(lastReply().error).toMatchObject({ code: 'configuration' })
  })

  test('without a conversation there is nothing to try again', async () => {
    await conversation.retry()
    expect(conversation.turns).toEqual([])
  })
})

describe.each(Object.keys(dialectLabels).filter(isDialect))('the calls of %s', (dialect) => {
  beforeEach(async () => {
    play({
      script: ({ messages }) =>
        messages.at(-1)?.role === 'tool'
          ? [{ text: 'It rains.' }]
          : [
              { reasoning: 'I have to look.' },
              { toolCalls: [{ name: 'get_weather', arguments: { place: 'Oslo' } }] },
            ],
      keys: false,
    })
    // Not every format has a word for how much is thought.
    const effort = /cohere|bedrock/.test(dialect) ? '' : 'low'
    page.settings.change({ dialect, tools: ['get_weather'], effort })
    await conversation.send('Weather?')
    expect(conversation.openCalls.map(({ name }) => name)).toEqual(['get_weather'])
  })
  const given = (isError: boolean) =>
    conversation.openCalls.map(({ id, name }) => ({ id, name, text: 'rain', isError }))

  test('are answered, and what the provider has signed goes back as it came', async () => {
    await conversation.giveResults(given(false))
    expect(lastReply().content.toString()).toBe('It rains.')
    expect(conversation.openCalls).toEqual([])
    const body = JSON.stringify(requests.at(-1))
    expect(body).toContain('rain')
    expect(body).not.toContain('is_error')
    if (dialect === 'anthropic') expect(body).toContain('"signature":"')
  })

  test('are answered with a failure, where the format has it', async () => {
    await conversation.giveResults(given(true))
    const body = JSON.stringify(requests.at(-1))
    expect(body.includes('"is_error":true')).toBe(dialect === 'anthropic')
    expect(body.includes('"status":"error"')).toBe(dialect === 'bedrock')
    expect(body.includes('"response":{"error":')).toBe(dialect === 'gemini')
  })

  test('that nobody answers are not left open by the next prompt', async () => {
    await conversation.send('Never mind')
    expect(lastReply().state).toBe('complete')
    expect(kinds()).toEqual(['user', 'reply', 'results', 'user', 'reply'])
    expect(JSON.stringify(requests.at(-1))).toContain('The user did not run this tool.')
  })
})

describe('a tape', () => {
  test('of the last reply is there at its end, and plays as the reply was', async () => {
    play({ script: [{ text: 'Hello.' }], keys: false })
    await conversation.send('Hi')
    const { tape } = conversation
    expect(tape?.chunks.length).toBeGreaterThan(0)
    if (tape === undefined) throw new Error('There is no tape.')
    conversation.speed = Infinity
    await conversation.play(tape, 'Mine')
    expect(lastReply().content.toString()).toBe('Hello.')
    // What is played can be saved no second time; the file is there already.
    expect(conversation.tape).toBeUndefined()
    expect(requests).toHaveLength(1)
    await conversation.retry()
    expect(kinds()).toEqual(['user', 'reply', 'tape', 'reply'])
    await conversation.send('Go on')
    expect(requests.at(-1)).toMatchObject({
      messages: [{ content: 'Hi' }, { content: 'Hello.' }, { content: 'Go on' }],
    })
  })

  test('of a reply that was given up does not come to the next conversation', async () => {
    const tape = await tapeOf('cut-off')
    let late: ((given: Tape) => void) | undefined
    const own = new Conversation(page.settings, page.trace, {
      provider: (_, trace, observer) => {
        late = observer.onTape
        trace.frame({ data: 'opened' })
        return Promise.reject(new Error('no provider'))
      },
      resumed: () => Promise.reject(new Error('not asked')),
      player: () => Promise.reject(new Error('not asked')),
    })
    await own.send('Hi')
    late?.(tape)
    expect(own.tape).toBe(tape)
    own.clear()
    late?.(tape)
    expect(own.tape).toBeUndefined()
  })

  test('of a reply that was stopped ends there', async () => {
    play({ script: 'long', pace: { delay: 5 }, keys: false })
    const sent = conversation.send('Go on')
    await until(() => expect(conversation.lastReply?.content.length).toBeGreaterThan(20))
    conversation.stop()
    await sent
    expect(conversation.tape?.end.how).toBe('abort')
  })

  test.each(gallery.map(({ id }) => id))('of the gallery plays: %s', async (id) => {
    conversation.speed = Infinity
    await conversation.play(await tapeOf(id), id)
    const reply = lastReply()
    expect(reply.state).toBe(id === 'cut-off' ? 'failed' : 'complete')
    expect(reply.content.length).toBeGreaterThan(0)
    expect(conversation.openCalls).toEqual([])
    const states = reply.calls.map(({ state }) => state)
    if (id === 'anthropic') expect(states).toEqual(['complete', 'complete'])
    if (id === 'cut-off') expect(states).toEqual(['cut'])
    if (id === 'split-characters') expect(reply.content.toString()).toContain('👩‍👩‍👧‍👦')
    if (id === 'ratatoskr') expect(reply.reasoning.length).toBeGreaterThan(0)
  })
})
