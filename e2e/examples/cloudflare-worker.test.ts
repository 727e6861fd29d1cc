// examples/cloudflare-worker: a relay in workerd before a simulated provider, and with the wrangler that deploys it.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { delimiter, dirname, join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { simulator, type Script } from '@ratatoskr/testkit'
import { serve, type Served } from '@ratatoskr/testkit/node'
import OpenAI from 'openai'
import type { ChatEvent } from 'ratatoskr'
import { iterate, SseDecoderStream, type SseEvent } from 'ratatoskr/streams'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { start, stop } from '../lib/processes.mjs'
import { findWrangler, offline } from '../wrangler/find-wrangler.mjs'
import { installExample, type InstalledExample } from './install-example.ts'
import { isMissing, lacksWorkerd, runWorker, type RunningWorker } from './run-worker.ts'

const model = 'anthropic/claude-sonnet-4'
const params = (content: string) => ({
  model,
  max_tokens: 100,
  messages: [{ role: 'user' as const, content }],
})
const createId = (): string => randomBytes(16).toString('hex')

interface Asked {
  id?: string
  key?: string
  after?: number
}

const headersOf = ({ key = 'client-key', after }: Asked): Record<string, string> => ({
  authorization: `Bearer ${key}`,
  ...(after !== undefined && { 'last-event-id': String(after) }),
})

function ask(url: string, prompt: string, asked: Asked = {}): Promise<Response> {
  const { id = createId() } = asked
  const messages = [{ role: 'user', content: prompt }]
  return fetch(`${url}/chat`, {
    method: 'POST',
    headers: headersOf(asked),
    body: JSON.stringify({ id, messages, options: { model } }),
  })
}

function framesOf({ body }: Response): AsyncIterableIterator<SseEvent, undefined> {
  if (body === null) throw new Error('There is no body')
  return iterate(body.pipeThrough(new SseDecoderStream()))
}

/** The events of a reply, and the error that ended it. */
async function read(response: Response): Promise<{ events: ChatEvent[]; error?: unknown }> {
  const events: ChatEvent[] = []
  for await (const { event, data } of framesOf(response)) {
    if (event === 'error') return { events, error: JSON.parse(data) }
    events.push(JSON.parse(data) as ChatEvent)
  }
  return { events }
}

function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'content' ? event.text : '')).join('')
}

describe.skipIf(await lacksWorkerd())('the Worker in workerd', () => {
  const key = 'sk-or-simulated'
  const bindings = { CLIENT_KEY: 'client-key', SIGNING_KEY: 'the-key-of-a-test-0123456789' }
  const asked: Request[] = []
  let upstream: Served
  let worker: RunningWorker

  beforeAll(async () => {
    const simulate = simulator({
      keys: [key],
      script: ({ messages }): Script => {
        const [begin, end] = [{ text: 'In the ' }, { text: 'ash.' }]
        const said = JSON.stringify(messages)
        if (said.includes('stall')) return [begin, { fault: { kind: 'stall' } }]
        if (said.includes('cut')) return [begin, { fault: { kind: 'cut' } }]
        if (said.includes('slow')) return [begin, { wait: 300 }, end]
        return [begin, end]
      },
    })
    upstream = await serve((request) => {
      asked.push(request)
      return simulate(request)
    })
    worker = await runWorker('cloudflare-worker', {
      ...bindings,
      OPENROUTER_API_KEY: key,
      OPENROUTER_BASE_URL: `${upstream.url}/v1`,
    })
  })
  afterAll(async () => {
    await worker?.stop()
    await upstream?.close()
  })

  test('answers by events', async () => {
    const response = await ask(worker.url, 'Which tree is it?')
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const { events, error } = await read(response)
    expect(error).toBeUndefined()
    expect(textOf(events)).toBe('In the ash.')
    expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop', model })
  })

  test('goes on with a reply whose connection was lost', async () => {
    const before = asked.length
    const id = createId()
    const events: SseEvent[] = []
    for await (const event of framesOf(await ask(worker.url, 'slow', { id }))) {
      events.push(event)
      if (event.data.includes('the')) break
    }
    const after = Number(events.at(-1)?.id)
    const again = await fetch(`${worker.url}/chat/${id}`, { headers: headersOf({ after }) })
    for await (const event of framesOf(again)) events.push(event)
    expect(events.map((event) => event.id)).toEqual(events.map((_, i) => String(i + 1)))
    const said = events.map(({ data }) => JSON.parse(data) as ChatEvent)
    expect(textOf(said)).toBe('In the ash.')
    expect(said.at(-1)?.type).toBe('done')
    expect(asked).toHaveLength(before + 1)
  })

  test('stops the model when it is asked to', async () => {
    const id = createId()
    const reply = await ask(worker.url, 'stall', { id })
    const signal = asked.at(-1)?.signal
    expect(signal?.aborted).toBe(false)
    const stopped = await fetch(`${worker.url}/chat/${id}`, {
      method: 'DELETE',
      headers: headersOf({}),
    })
    expect(stopped.status).toBe(204)
    expect((await read(reply)).error).toMatchObject({ code: 'cancelled' })
    await vi.waitFor(() => expect(signal?.aborted).toBe(true), 10_000)
  })

  test('says that a reply was cut off', async () => {
    const { events, error } = await read(await ask(worker.url, 'cut'))
    expect(textOf(events)).toBe('In the ')
    expect(events.some(({ type }) => type === 'done')).toBe(false)
    expect(error).toMatchObject({ code: 'truncated' })
  })

  test('answers the official client of OpenAI', async () => {
    const openai = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: 'client-key' })
    const messages = [{ role: 'user' as const, content: 'Which tree is it?' }]
    const stream = await openai.chat.completions.create({ model, messages, stream: true })
    let text = ''
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    expect(text).toBe('In the ash.')
    const whole = await openai.chat.completions.create({ model, messages })
    expect(whole.choices[0]?.message.content).toBe('In the ash.')
    const stranger = new OpenAI({ baseURL: `${worker.url}/v1`, apiKey: 'another' })
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401 })
  })

  test('answers the official client of Anthropic', async () => {
    const anthropic = new Anthropic({ baseURL: worker.url, apiKey: 'client-key' })
    const message = await anthropic.messages.stream(params('Which tree is it?')).finalMessage()
    expect(message.content).toMatchObject([{ type: 'text', text: 'In the ash.' }])
  })

  test('on /v1 ends the request to the model when the client goes', async () => {
    const asking = httpRequest(`${worker.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': 'client-key', 'content-type': 'application/json' },
    })
    asking.on('error', () => {})
    asking.end(JSON.stringify({ ...params('stall'), stream: true }))
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    response.setEncoding('utf8').on('error', () => {})
    let came = ''
    while (!came.includes('text_delta')) {
      const [piece] = (await once(response, 'data')) as [string]
      came += piece
    }
    const signal = asked.at(-1)?.signal
    expect(signal?.aborted).toBe(false)
    // workerd sees a reset at once, and that a connection was closed properly only when it writes to it.
    asking.socket?.resetAndDestroy()
    if (signal?.aborted === false) await once(signal, 'abort')
  })

  test('refuses strangers, and models that are not lent', async () => {
    const before = asked.length
    expect((await ask(worker.url, 'Hello', { key: 'another' })).status).toBe(401)
    const body = {
      id: createId(),
      messages: [{ role: 'user', content: 'Hi' }],
      options: { model: 'x/y' },
    }
    const init = { method: 'POST', headers: headersOf({}), body: JSON.stringify(body) }
    expect((await fetch(`${worker.url}/chat`, init)).status).toBe(404)
    expect((await fetch(`${worker.url}/chat`, { ...init, body: '{' })).status).toBe(400)
    expect((await fetch(`${worker.url}/chat`)).status).toBe(405)
    expect((await fetch(worker.url)).status).toBe(404)
    expect(asked).toHaveLength(before)
  })

  test('refuses everybody without a key for clients, and says nothing of its own key', async () => {
    const wrongKey = {
      OPENROUTER_BASE_URL: `${upstream.url}/v1`,
      OPENROUTER_API_KEY: 'sk-or-wrong',
      SIGNING_KEY: bindings.SIGNING_KEY,
    }
    const open = await runWorker('cloudflare-worker', wrongKey)
    const wrong = await runWorker('cloudflare-worker', { ...wrongKey, ...bindings })
    try {
      for (const sent of ['undefined', '', 'client-key']) {
        expect((await ask(open.url, 'Hello', { key: sent })).status).toBe(401)
      }
      const response = await ask(wrong.url, 'Hello')
      expect(response.status).toBe(502)
      const failure = await response.text()
      expect(failure).toContain('refused this server')
      expect(failure).not.toContain('sk-or')
    } finally {
      await open.stop()
      await wrong.stop()
    }
  })
})

const wrangler = await findWrangler()
const lacksWrangler = 'missing' in wrangler && isMissing('wrangler', wrangler.missing)

describe.skipIf(lacksWrangler)('the Worker of wrangler', () => {
  if ('missing' in wrangler) return
  const { node, modules } = wrangler
  let example: InstalledExample
  // npm's scripts find the newer Node first.
  const env = {
    ...process.env,
    ...offline,
    PATH: `${dirname(node)}${delimiter}${process.env['PATH']}`,
  }

  beforeAll(async () => {
    example = await installExample('cloudflare-worker', [modules])
    expect(example.missing).toEqual([])
  })
  afterAll(() => example?.remove())

  /** Runs a command of the example to its end. */
  async function perform(command: string, ...args: string[]): Promise<string> {
    const child = start(command, args, { cwd: example.folder, env })
    if ((await child.exited) !== 0) throw new Error(`${command} failed:\n${child.output()}`)
    return child.output()
  }

  test('has the types of a project without the DOM library', async () => {
    await perform('npm', 'run', 'types')
  })

  test('can be deployed, without the simulator', async () => {
    const printed = await perform('npm', 'run', 'deploy', '--', '--dry-run', '--outdir', 'out')
    expect(printed).toContain('--dry-run: exiting now')
    const bundled = await readFile(join(example.folder, 'out/worker.js'), 'utf8')
    expect(bundled).toContain('openrouter.ai/api/v1')
    expect(bundled).not.toContain('simulat')
  })

  test('runs by `npm run dev`, without network and key', async () => {
    const args = ['run', 'dev', '--', '--ip', '127.0.0.1', '--port', '0', '--inspector-port', '0']
    const dev = start('npm', args, { cwd: example.folder, env })
    try {
      const url = await addressOf(dev)
      const { events } = await read(await ask(url, 'Are you there?', { key: 'dev' }))
      expect(textOf(events)).toContain('Are you there?')
      expect(events.at(-1)).toMatchObject({ type: 'done', finishReason: 'stop' })
    } finally {
      await stop(dev)
    }
  })
})

/** What a dev server prints once it listens. */
async function addressOf(child: ReturnType<typeof start>): Promise<string> {
  let code: number | null | undefined
  void child.exited.then((exited) => {
    code = exited
  })
  for (;;) {
    const [, url] = /Ready on (http:\/\/[\d.]+:\d+)/.exec(child.output()) ?? []
    if (url !== undefined) return url
    if (code !== undefined) throw new Error(`It has ended:\n${child.output()}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}
