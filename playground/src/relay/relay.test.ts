import { createRelay, memoryHost } from '@ratatoskr/relay'
import { simulatorFetch, type SimulatorOptions } from '@ratatoskr/testkit'
import { createGateway } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { until } from '../../test/mount.ts'
import type { Fetch } from '../chain/staged-provider.ts'
import { Page } from '../page.ts'
import { explainError } from '../state/explain-error.ts'
import type { Reply } from '../state/reply.ts'
import { relayedSimulation } from './relayed-simulation.ts'

const ownRelay = 'https://page.test/relay'
const item = 'ratatoskr.reply'

let relay: (request: Request) => Promise<Response>
let host: ReturnType<typeof memoryHost>
let page: Page
/** What the relay was asked: `POST /chat`. */
let requests: string[]
/** What the provider was asked. */
let upstream: unknown[]
/** Does something to what the relay answers. */
let onTheWay: (response: Response) => Response

beforeEach(() => {
  sessionStorage.clear()
  serve({ script: [{ text: 'One two three four five six.' }], pace: { perDelta: 4, delay: 1 } })
  page = load()
})
afterEach(() => {
  page.conversation.stop()
  host.close()
})

/** A relay whose provider does this. */
function serve(simulator: SimulatorOptions): void {
  requests = []
  upstream = []
  onTheWay = (response) => response
  host = memoryHost()
  const answer = simulatorFetch({ keys: false, ...simulator })
  const fetch: Fetch = (url, init) => {
    if (typeof init.body === 'string') upstream.push(JSON.parse(init.body))
    return answer(url, init)
  }
  relay = createRelay({
    gateway: createGateway({ providers: [anthropic({ apiKey: 'k', fetch })], retry: false }),
    authorize: () => ({ id: 'page' }),
    basePath: '/relay',
    host,
  })
}

/** A page whose server has the relay. */
function load(): Page {
  const loaded = new Page(
    {
      origin: 'https://page.test',
      simulated: () => Promise.reject(new Error('not asked')),
      relay: ownRelay,
      async fetch(url, init) {
        requests.push(
          `${init.method ?? 'GET'} ${url.slice(ownRelay.length).replace(/\/chat\/.*/, '/chat/…')}`,
        )
        return onTheWay(await relay(new Request(url, init)))
      },
    },
    sessionStorage,
  )
  loaded.settings.change({ connection: 'relay' })
  return loaded
}

function lastReply(): Reply {
  const { lastReply: reply } = page.conversation
  if (reply === undefined) throw new Error('There is no reply.')
  return reply
}

const tags = (log: 'transfers' | 'frames'): string[] =>
  Array.from({ length: page.trace[log].total }, (_, i) => {
    const entry = page.trace[log].at(i)?.item
    if (entry === undefined) return ''
    if ('data' in entry) return `${entry.id ?? ''} ${entry.data}`
    return entry.kind === 'end' ? entry.how : entry.kind
  })

/** The first connection breaks after so many bytes, once it may; those after it hold, or there are none. */
function breakAfter(bytes: number, after: 'holds' | 'none', may?: Promise<void>): void {
  let connections = 0
  onTheWay = (response) => {
    if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true)
      return response
    connections += 1
    if (connections > 1) {
      if (after === 'none') throw new TypeError('Failed to fetch')
      return response
    }
    const reader = response.body?.getReader()
    let left = bytes
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const piece = await reader?.read()
          if (left <= 0 || piece?.value === undefined) {
            await may
            await reader?.cancel()
            controller.error(new TypeError('The network has changed.'))
            return
          }
          const part = piece.value.subarray(0, left)
          left -= part.length
          controller.enqueue(part)
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(body, response)
  }
}

test('a reply comes through it, and each stage is seen', async () => {
  await page.conversation.send('Hi')
  expect(lastReply().state).toBe('complete')
  expect(lastReply().content.toString()).toBe('One two three four five six.')
  expect(requests).toEqual(['POST /chat'])
  expect(tags('frames')[0]).toBe('1 {"type":"content","text":"One "}')
  expect(tags('frames').at(-1)).toContain('"type":"done"')
  expect(page.trace.values.total).toBe(page.trace.frames.total)
  expect(page.trace.events.total).toBe(page.trace.frames.total)
  expect(tags('transfers').slice(0, 2)).toEqual(['request', 'response'])
  expect(tags('transfers').at(-1)).toBe('complete')
  expect(page.trace.framing).toMatchObject({ title: 'SSE events', json: 'JSON.parse' })
  expect(sessionStorage.getItem(item)).toBeNull()
})

test('the simulated model is told what to play, and another is asked for as it is', () => {
  const { settings } = page
  settings.change({ dialect: 'anthropic' })
  settings.simulate({ script: 'tools', pace: 'slow', fault: 'cut' })
  expect([settings.model, settings.isSimulated]).toEqual(['simulated:squirrel-1', true])
  expect(settings.sentModel).toBe('simulated:squirrel-1/tools/slow/cut/anthropic')
  expect(relayedSimulation('squirrel-1/tools/slow/cut/anthropic')).toEqual({
    simulation: { script: 'tools', pace: 'slow', fault: 'cut' },
    dialect: 'anthropic',
  })
  settings.model = 'openai:gpt-5'
  expect([settings.sentModel, settings.isSimulated]).toEqual(['openai:gpt-5', false])
})

test('its models are listed', async () => {
  const listed = await page.listModels()
  expect(listed.problem).toBeUndefined()
  expect(listed.ids.length).toBeGreaterThan(0)
  expect(requests).toEqual(['GET /v1/models'])
})

test('a stop reaches it', async () => {
  serve({ script: [{ text: 'A squirrel' }, { wait: 1e8 }], pace: { perDelta: 4 } })
  const sent = page.conversation.send('Go on')
  await until(() => expect(page.conversation.lastReply?.content.length).toBeGreaterThan(5))
  expect(sessionStorage.getItem(item)).not.toBeNull()
  page.conversation.stop()
  await sent
  await until(() => expect(requests).toEqual(['POST /chat', 'DELETE /chat/…']))
  expect(lastReply().state).toBe('stopped')
  // The answer to the stop is not the reply.
  expect(page.conversation.tape?.end.how).toBe('abort')
  expect(sessionStorage.getItem(item)).toBeNull()
})

test('what the model wants back goes through it, signed; what it has not signed does not', async () => {
  serve({ script: 'reasoning' })
  page.settings.change({ effort: 'low', maxTokens: '2000' })
  await page.conversation.send('How many legs?')
  const { message } = lastReply()
  expect(message?.continuation).toMatchObject({ dialect: 'relay', data: { dialect: 'anthropic' } })
  await page.conversation.send('And six squirrels?')
  expect(lastReply().state).toBe('complete')
  expect(JSON.stringify(upstream.at(-1))).toMatch(/"type":"thinking".*"signature"/)
})

describe('a connection that breaks', () => {
  test('is made again, and the reply is whole', async () => {
    const told: string[] = []
    vi.spyOn(page.conversation, 'announce').mockImplementation((text) => {
      if (text.startsWith('The connection')) told.push(text)
    })
    breakAfter(200, 'holds')
    await page.conversation.send('Hi')
    expect(lastReply().content.toString()).toBe('One two three four five six.')
    expect(requests).toEqual(['POST /chat', 'GET /chat/…'])
    expect(upstream).toHaveLength(1)
    // Both connections are seen, and there is no tape of either.
    expect(tags('transfers').filter((tag) => tag === 'request')).toHaveLength(2)
    expect(tags('transfers')).toContain('broke')
    expect(page.conversation.tape).toBeUndefined()
    expect(told).toEqual(['The connection is lost. Trying again.', 'The connection is back.'])
    expect(lastReply().isCut).toBe(false)
  })

  test('for good is told, and the reply can be continued', async () => {
    let go = (): void => {}
    const may = new Promise<void>((resolve) => {
      go = resolve
    })
    breakAfter(150, 'none', may)
    const sent = page.conversation.send('Hi')
    await until(() => expect(page.conversation.lastReply?.content.length).toBeGreaterThan(5))
    // The tries take most of a minute.
    vi.useFakeTimers()
    go()
    while (page.conversation.isRunning) await vi.advanceTimersByTimeAsync(1000)
    vi.useRealTimers()
    await sent
    expect(requests).toHaveLength(9)
    expect(lastReply().error).toMatchObject({ code: 'truncated', provider: 'relay' })
    expect(page.conversation.isLost).toBe(true)
    expect(explainError(lastReply().error)).toMatchObject({
      title: 'The connection was lost',
      message: 'The connection to the relay was lost, and 8 tries did not bring it back.',
      advice: expect.stringContaining('Continue') as unknown,
    })
    expect(sessionStorage.getItem(item)).not.toBeNull()
    onTheWay = (response) => response
    await page.conversation.retry()
    expect(lastReply().content.toString()).toBe('One two three four five six.')
    expect(page.conversation.turns.map(({ kind }) => kind)).toEqual(['user', 'reply'])
    expect([page.conversation.isLost, upstream.length]).toEqual([false, 1])
    expect(sessionStorage.getItem(item)).toBeNull()
  })

  test('of the provider is a failure like any other', async () => {
    serve({ script: 'prose', faults: [{ kind: 'cut', afterEvents: 4 }] })
    await page.conversation.send('Hi')
    expect(lastReply().error).toMatchObject({ code: 'truncated', provider: 'relay' })
    expect([page.conversation.isLost, sessionStorage.getItem(item)]).toEqual([false, null])
  })
})

describe('a page that is loaded anew', () => {
  /** As the browser does it: nothing of the old page acts any more. */
  async function reload(): Promise<void> {
    const old = page
    page = load()
    page.settings.change({ connection: 'simulated' })
    old.conversation.send = () => Promise.reject(new Error('gone'))
    await page.conversation.resume()
  }

  test('continues the reply, with what was said before', async () => {
    serve({ script: 'prose', pace: { delay: 1 } })
    page.settings.change({ systemPrompt: 'Be brief.', tools: ['get_time'] })
    page.settings.model = 'claude-mine'
    await page.conversation.send('First')
    const first = lastReply().content.toString()
    void page.conversation.send('Second')
    await until(() => expect(page.conversation.lastReply?.content.length).toBeGreaterThan(20))
    await reload()
    const { turns, lastReply: reply } = page.conversation
    expect(turns.map(({ kind }) => kind)).toEqual(['user', 'reply', 'user', 'reply'])
    expect(turns[1]?.kind === 'reply' && turns[1].reply.content.toString()).toBe(first)
    expect(reply?.state).toBe('complete')
    expect(reply?.content.toString()).toBe(first)
    expect(page.settings.connection.id).toBe('relay')
    expect(page.settings.model).toBe('claude-mine')
    expect(page.settings.values).toMatchObject({ systemPrompt: 'Be brief.', tools: ['get_time'] })
    expect(upstream).toHaveLength(2)
    await page.conversation.send('Third')
    expect(upstream).toHaveLength(3)
    expect(JSON.stringify(upstream[2])).toMatch(/Be brief.*First.*Second.*Third/)
    expect(sessionStorage.getItem(item)).toBeNull()
  })

  test('says so where the relay has the reply no more, and asks anew', async () => {
    serve({ script: [{ text: 'A squirrel' }, { wait: 1e8 }], pace: { perDelta: 4 } })
    void page.conversation.send('Go on')
    await until(() => expect(page.conversation.lastReply?.content.length).toBeGreaterThan(5))
    host.close()
    serve({ script: [{ text: 'Anew.' }] })
    await reload()
    expect(lastReply().error).toMatchObject({ code: 'invalid_request', status: 404 })
    expect([lastReply().state, page.conversation.isLost]).toEqual(['failed', false])
    expect(explainError(lastReply().error).title).toBe('The reply cannot be continued')
    expect(sessionStorage.getItem(item)).toBeNull()
    await page.conversation.retry()
    expect(lastReply().content.toString()).toBe('Anew.')
  })

  test('asks for nothing where nothing ran', async () => {
    await page.conversation.send('Hi')
    requests = []
    await reload()
    expect([page.conversation.turns, requests]).toEqual([[], []])
    expect(page.settings.connection.id).toBe('simulated')
  })

  test.each([
    'null',
    'no json',
    '[]',
    '{"id":"0"}',
    '{"id":"0","messages":[{"role":"user","content":7}],"settings":{}}',
    '{"id":"0","messages":[{"role":"assistant","content":"","toolCalls":[7]}],"settings":{}}',
    '{"id":"0","messages":[],"settings":{"simulation":{"script":"prose"}}}',
    '{"id":"0","messages":[],"settings":{"dialect":"none"}}',
    '{"id":"0","messages":[],"settings":{"tools":[1]}}',
  ])('passes over what others left in the storage: %s', async (stored) => {
    sessionStorage.setItem(item, stored)
    await reload()
    expect([page.conversation.turns, requests]).toEqual([[], []])
  })
})

test('a tape of its reply plays', async () => {
  await page.conversation.send('Hi')
  const { tape } = page.conversation
  if (tape === undefined) throw new Error('There is no tape.')
  expect(JSON.stringify(tape)).not.toContain('Hi')
  page.conversation.speed = Infinity
  requests = []
  await page.conversation.play(tape, 'Mine')
  expect(lastReply().content.toString()).toBe('One two three four five six.')
  expect(requests).toEqual([])
})

test('without one, the page says what is missing, and asks any other', async () => {
  const alone = new Page({
    origin: 'https://page.test',
    simulated: () => Promise.reject(new Error('not asked')),
    fetch: (url, init) => relay(new Request(url, init)),
  })
  alone.settings.change({ connection: 'relay' })
  expect(alone.settings.problem).toMatchObject({ field: 'base-url' })
  alone.settings.baseURL = `${ownRelay}/`
  expect(alone.settings.problem).toMatchObject({ field: 'model' })
  alone.settings.model = 'claude-any'
  expect(alone.settings.problem).toBeUndefined()
  await alone.conversation.send('Hi')
  expect(alone.conversation.lastReply?.content.toString()).toContain('One two')
})
