import { request as httpRequest, type IncomingMessage } from 'node:http'
import { simulator } from '@ratatoskr/testkit'
import { serve as serveSimulated } from '@ratatoskr/testkit/node'
import { createGateway, user } from 'ratatoskr'
import { openrouter } from 'ratatoskr/openrouter'
import { serve } from 'srvx/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chatRequest, createKit, eventsOf, headersOf, textOf } from '../test/relay-kit.ts'
import { createStreamId } from './wire/stream-id.ts'

// Both hops over real HTTP: a client, the relay behind srvx, the simulated provider.

/** Of the provider: what was taken from it, and given up. */
const seen = { chunks: 0, cancelled: 0 }
/** The provider says no more than its first words until this is called. */
let goOn = (): void => {}
let gate: Promise<void> | undefined

/** Counts what is taken of a reply's body, and holds it at the gate after its first chunk. */
function watch(response: Response): Response {
  const reader = response.body?.getReader()
  let isFirst = true
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        if (!isFirst) await gate
        isFirst = false
        const piece = await reader?.read()
        if (piece?.value === undefined) return controller.close()
        seen.chunks += 1
        controller.enqueue(piece.value)
      },
      async cancel() {
        seen.cancelled += 1
        await reader?.cancel()
      },
    },
    { highWaterMark: 0 },
  )
  return new Response(body, response)
}

const long = Array.from({ length: 20_000 }, () => ({ text: 'x'.repeat(2000) }))

let url = ''
const { host, entries } = createKit()
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const simulate = simulator({
    script: ({ messages }) =>
      messages[0]?.content === 'long' ? long : [{ text: `${'x'.repeat(2000)}world` }],
    pace: { perDelta: 2000 },
  })
  const upstream = await serveSimulated(async (request) => watch(await simulate(request)))
  const provider = openrouter({ apiKey: 'k', baseURL: `${upstream.url}/api/v1` })
  const { relay } = createKit({
    gateway: createGateway({ providers: [provider] }),
    host,
    log: (entry) => entries.push(entry),
    streams: { maxEvents: 50, keepAliveMs: 20 },
  })
  const server = serve({ fetch: relay, port: 0, hostname: '127.0.0.1', silent: true })
  await server.ready()
  url = server.url?.replace(/\/$/, '') ?? ''
  closers.push(
    () => server.close(true),
    () => upstream.close(),
  )
})

afterAll(async () => {
  goOn()
  host.close()
  await Promise.all(closers.map((close) => close()))
})

/** `node:http`, which can be paused for certain. */
async function post(id: string, text: string): Promise<IncomingMessage> {
  const body = await chatRequest({ id, messages: [user(text)] }).text()
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}/chat`, { method: 'POST', headers: headersOf({}) }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
  }
}

describe('behind srvx', () => {
  it('sends comments at once, and goes on after the connection was lost', async () => {
    gate = new Promise((resolve) => {
      goOn = resolve
    })
    const id = createStreamId()
    const first = await post(id, 'short')
    let text = ''
    for await (const piece of first) {
      text += String(piece)
      if (text.includes(': keep-alive')) break
    }
    expect(text).toMatch(/^: ratatoskr\n\nid: 1\n/)
    first.destroy()
    await until(() => entries.some(({ ended }) => ended === 'detached'))
    goOn()
    const response = await fetch(`${url}/chat/${id}`, { headers: headersOf({ after: 1 }) })
    const events = await eventsOf(response)
    expect(textOf(events)).toBe('world')
    expect(seen.cancelled).toBe(0)
  })

  it('pauses the provider for a client that does not read, and stops it on DELETE', async () => {
    gate = undefined
    const id = createStreamId()
    const slow = await post(id, 'long')
    // Until the sockets are full, and the window: then nothing is taken from the provider any more.
    let [last, still] = [0, 0]
    await until(() => {
      still = last === seen.chunks ? still + 1 : 0
      last = seen.chunks
      return still === 60
    })
    expect(last).toBeLessThan(long.length)
    const stopped = await fetch(`${url}/chat/${id}`, { method: 'DELETE', headers: headersOf({}) })
    expect(stopped.status).toBe(204)
    await until(() => seen.cancelled === 1)
    slow.destroy()
  })
})
