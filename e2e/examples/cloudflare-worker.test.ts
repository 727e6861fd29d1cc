// examples/cloudflare-worker: in workerd before a simulated provider, and with the wrangler that deploys it.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { delimiter, dirname, join } from 'node:path'
import { simulator, type Script } from '@ratatoskr/testkit'
import { serve, type Served } from '@ratatoskr/testkit/node'
import type { ChatEvent } from 'ratatoskr'
import { iterate, SseDecoderStream, type SseEvent } from 'ratatoskr/streams'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { start, stop } from '../lib/processes.mjs'
import { findWrangler, offline } from '../wrangler/find-wrangler.mjs'
import { installExample, type InstalledExample } from './install-example.ts'
import { isMissing, lacksWorkerd, runWorker, type RunningWorker } from './run-worker.ts'

const headers = (key: string): RequestInit => ({
  method: 'POST',
  headers: { authorization: `Bearer ${key}` },
})

function ask(url: string, prompt: string, key = 'client-key'): Promise<Response> {
  return fetch(`${url}/chat`, { ...headers(key), body: JSON.stringify({ prompt }) })
}

/** The events of a reply as a page reads them, and the error that ended it. */
async function read(response: Response): Promise<{ events: ChatEvent[]; error?: unknown }> {
  const events: ChatEvent[] = []
  for await (const { event, data } of framesOf(response)) {
    if (event === 'error') return { events, error: JSON.parse(data) }
    events.push(JSON.parse(data) as ChatEvent)
  }
  return { events }
}

function framesOf({ body }: Response): AsyncIterableIterator<SseEvent, undefined> {
  if (body === null) throw new Error('There is no body')
  return iterate(body.pipeThrough(new SseDecoderStream()))
}

function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => (event.type === 'content' ? event.text : '')).join('')
}

describe.skipIf(await lacksWorkerd())('the Worker in workerd', () => {
  const key = 'sk-or-simulated'
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
        return [begin, end]
      },
    })
    upstream = await serve((request) => {
      asked.push(request)
      return simulate(request)
    })
    worker = await runWorker('cloudflare-worker', {
      CLIENT_KEY: 'client-key',
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
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const { events, error } = await read(response)
    expect(error).toBeUndefined()
    expect(textOf(events)).toBe('In the ash.')
    expect(events.at(-1)).toMatchObject({
      type: 'done',
      finishReason: 'stop',
      model: 'anthropic/claude-sonnet-4',
    })
  })

  test('streams: what has come is there while the model is silent, and leaving ends the request', async () => {
    const asking = httpRequest(`${worker.url}/chat`, {
      method: 'POST',
      headers: { authorization: 'Bearer client-key' },
    })
    asking.on('error', () => {})
    asking.end('{"prompt":"stall"}')
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    response.setEncoding('utf8').on('error', () => {})
    let came = ''
    while (!came.includes('\n\n')) {
      const [piece] = (await once(response, 'data')) as [string]
      came += piece
    }
    expect(came).toMatch(/^data: {"type":"content","text":"In"}\n\n/)
    const signal = asked.at(-1)?.signal
    expect(signal?.aborted).toBe(false)
    // workerd sees a reset at once, and that a connection was closed properly only when it writes to it.
    asking.socket?.resetAndDestroy()
    if (signal?.aborted === false) await once(signal, 'abort')
  })

  test('says that a reply was cut off', async () => {
    const { events, error } = await read(await ask(worker.url, 'cut'))
    expect(textOf(events)).toBe('In the ')
    expect(events.some(({ type }) => type === 'done')).toBe(false)
    expect(error).toEqual({ code: 'truncated' })
  })

  test('refuses strangers, and what is no prompt', async () => {
    const before = asked.length
    expect((await ask(worker.url, 'Hello', 'another')).status).toBe(401)
    expect((await ask(worker.url, '')).status).toBe(400)
    const noJson = { ...headers('client-key'), body: '{' }
    expect((await fetch(`${worker.url}/chat`, noJson)).status).toBe(400)
    expect((await fetch(`${worker.url}/chat`)).status).toBe(405)
    expect((await fetch(worker.url)).status).toBe(404)
    expect(asked).toHaveLength(before)
  })

  test('refuses everybody without a key for clients, and says nothing of its own key', async () => {
    const bindings = {
      OPENROUTER_BASE_URL: `${upstream.url}/v1`,
      OPENROUTER_API_KEY: 'sk-or-wrong',
    }
    const open = await runWorker('cloudflare-worker', bindings)
    const wrong = await runWorker('cloudflare-worker', { ...bindings, CLIENT_KEY: 'client-key' })
    try {
      for (const sent of ['undefined', '', 'client-key']) {
        expect((await ask(open.url, 'Hello', sent)).status).toBe(401)
      }
      const response = await ask(wrong.url, 'Hello')
      expect(response.status).toBe(502)
      expect(await response.text()).toBe('{"error":"authentication"}')
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
      const { events } = await read(await ask(url, 'Are you there?', 'dev'))
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
