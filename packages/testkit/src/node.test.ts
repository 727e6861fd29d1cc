import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGateway, user } from 'ratatoskr'
import { anthropic } from 'ratatoskr/anthropic'
import { openaiCompatible } from 'ratatoskr/openai-compatible'
import { afterEach, expect, test } from 'vitest'
import type { Connect } from 'vite'
import { key } from '../test/ask.ts'
import { middleware, readTape, serve, writeTape, type Handler, type Served } from './node.ts'
import { simulator } from './simulator.ts'
import { tapeFromBytes } from './tape.ts'

const running: Served[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function started(handler: Handler): Promise<string> {
  const server = await serve(handler)
  running.push(server)
  return server.url
}

test('a simulator over HTTP: both services, retries, refusals', async () => {
  const faults = [{ kind: 'status', status: 529, retryAfter: 0, on: 1 }] as const
  const url = await started(simulator({ script: 'unicode', split: 5, faults, keys: [key] }))
  const options = { baseURL: `${url}/v1`, apiKey: key }
  const providers = [anthropic(options), openaiCompatible({ ...options, name: 'other' })]
  const gateway = createGateway({ providers, retry: { minDelay: 1 } })
  const first = await gateway.chat([user('Hi')], { model: 'anthropic:m' })
  const second = await gateway.chat([user('Hi')], { model: 'other:m' })
  expect(first.content).toContain('👩‍👩‍👧‍👦')
  expect(second.content).toBe(first.content)
  const wrong = openaiCompatible({ name: 'wrong', baseURL: `${url}/v1`, apiKey: 'sk-other' })
  await expect(
    createGateway({ providers: [wrong] }).chat([user('Hi')], { model: 'm' }),
  ).rejects.toMatchObject({ code: 'authentication' })
})

/** A body without end that tells how much was taken, and whether it was given up. */
function endless(): { handler: Handler; taken: () => number; ended: Promise<AbortSignal> } {
  let taken = 0
  let end: (signal: AbortSignal) => void = () => {}
  const ended = new Promise<AbortSignal>((resolve) => (end = resolve))
  const handler: Handler = (request) => {
    const { signal } = request
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          taken += 65_536
          controller.enqueue(new Uint8Array(65_536))
        },
        cancel: () => end(signal),
      },
      { highWaterMark: 0 },
    )
    return new Response(body)
  }
  return { handler, taken: () => taken, ended }
}

test('what the client does not read is not asked of the body; going away ends it', async () => {
  const { handler, taken, ended } = endless()
  const url = await started(handler)
  const response = await new Promise<IncomingMessage>((resolve) => {
    httpRequest(url, resolve).end()
  })
  response.pause()
  let before = -1
  while (taken() !== before) {
    before = taken()
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  expect(taken()).toBeLessThan(64 * 2 ** 20)
  response.destroy()
  expect((await ended).aborted).toBe(true)
})

test('the signal aborts while the handler has not answered yet', async () => {
  let seen: (signal: AbortSignal) => void = () => {}
  const asked = new Promise<AbortSignal>((resolve) => (seen = resolve))
  const url = await started((request) => {
    seen(request.signal)
    return new Promise(() => {})
  })
  const stop = new AbortController()
  const fetching = fetch(url, { signal: stop.signal })
  const signal = await asked
  stop.abort()
  await expect(fetching).rejects.toThrow()
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  expect(signal.aborted).toBe(true)
})

test('a body that fails breaks the connection off, after what it has sent; a handler that fails is a 500', async () => {
  const url = await started(simulator({ script: [{ text: 'a' }, { fault: { kind: 'reset' } }] }))
  const provider = openaiCompatible({ name: 'test', baseURL: `${url}/v1`, apiKey: key })
  const gateway = createGateway({ providers: [provider], retry: false })
  const stream = await gateway.chatStream([user('Hi')], { model: 'm' })
  const partial = { content: 'a' }
  await expect(stream.response()).rejects.toMatchObject({ code: 'truncated', partial })

  const failing = await started(() => Promise.reject(new Error('oops')))
  const response = await fetch(failing)
  expect(response.status).toBe(500)
  expect(await response.text()).toBe('oops')
})

test('headers, statuses and bodies pass both ways', async () => {
  const url = await started(async (request) => {
    const { method, headers } = request
    const text = await request.text()
    const answer = new Response(`${method} ${headers.get('x-a')} ${text}`, { status: 201 })
    answer.headers.append('set-cookie', 'a=1')
    answer.headers.append('set-cookie', 'b=2')
    return answer
  })
  const headers = { 'x-a': 'b' }
  const response = await fetch(`${url}/path`, { method: 'POST', headers, body: 'Żółw' })
  expect(response.status).toBe(201)
  expect(await response.text()).toBe('POST b Żółw')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  const head = await fetch(url, { method: 'HEAD', headers })
  expect([head.status, await head.text()]).toEqual([201, ''])
})

test('as a middleware below a path, as Vite’s dev server has it', async () => {
  const simulated: Connect.NextHandleFunction = middleware(simulator({ keys: false }))
  const server = createServer((request, response) => {
    const { url = '' } = request
    request.url = url.replace('/simulated', '')
    simulated(request, response, () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const response = await fetch(`http://127.0.0.1:${port}/simulated/v1/models`)
  expect(await response.json()).toMatchObject({ object: 'list' })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('a tape’s file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ratatoskr-tape-'))
  try {
    const path = join(directory, 'a.tape.json')
    const tape = tapeFromBytes('data: 1\n\n')
    await writeTape(path, tape)
    expect(await readTape(path)).toEqual(tape)
  } finally {
    await rm(directory, { recursive: true })
  }
})
