import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { caught } from '../../test/caught.ts'
import { emptyReply } from '../../test/recording-fetch.ts'
import { closedPort, content, TestServer } from '../../test/server.ts'
import { user } from '../message.ts'
import type { ChatEventSource } from '../provider.ts'
import { openaiCompatible } from '../providers/openai-compatible.ts'
import type { Fetch } from './connect.ts'

const server = new TestServer()
beforeEach(() => server.start())
afterEach(() => server.stop())

/** What a test says of a request; the rest is the same for all. */
interface Request {
  url?: string
  signal?: AbortSignal
  /** To the headers. */
  time?: number | false
  fetch?: Fetch
}

/** Connects as every provider with an address does. */
function post(request: Request = {}): Promise<ChatEventSource> {
  const { url = server.url, signal = new AbortController().signal, time = 60_000, fetch } = request
  const provider = openaiCompatible({
    name: 'some-host',
    baseURL: `${url}/secret`,
    headers: { 'x-a': 'b' },
    fetch,
  })
  return provider.open(
    { model: 'm', messages: [user('ä')], options: { model: 'm' } },
    { signal, timeouts: { headers: time, firstEvent: false, idle: false }, callId: String },
  )
}

const reason = new Error('The user pressed Stop')

describe('a connection', () => {
  test('posts the body and the headers', async () => {
    server.script((exchange) => {
      exchange.stream('[DONE]')
    })
    await post()
    const exchange = await server.exchange()
    expect(exchange.method).toBe('POST')
    expect(exchange.path).toBe('/secret/chat/completions')
    expect(exchange.body).toMatchObject({ messages: [{ role: 'user', content: 'ä' }] })
    expect(exchange.headers).toMatchObject({ 'content-type': 'application/json', 'x-a': 'b' })
  })

  test('is there as soon as the headers are, before any body', async () => {
    server.script((exchange) => {
      exchange.start(200, { 'x-c': 'd' })
    })
    const source = await post()
    expect(source.headers?.get('x-c')).toBe('d')
    source.cancel()
    const exchange = await server.exchange()
    await exchange.closed
  })

  test('is made by a fetch of the caller’s own, called without a this', async () => {
    const seen: unknown[] = []
    async function own(this: unknown, url: string, init: RequestInit): Promise<Response> {
      seen.push(this, url, init.method)
      return emptyReply()
    }
    await post({ fetch: own })
    expect(seen).toEqual([undefined, `${server.url}/secret/chat/completions`, 'POST'])
  })
})

describe('a connection that fails', () => {
  test('because nobody listens names the platform’s code', async () => {
    const url = await closedPort()
    const error = await caught(post({ url }))
    expect(error).toMatchObject({ code: 'network', provider: 'some-host', retryable: true })
    expect(error.message).toContain('ECONNREFUSED')
    expect(error.message).toContain('some-host')
    expect(error.message).not.toContain('secret')
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  test('because the server resets it names the platform’s code', async () => {
    server.script((exchange) => {
      exchange.reset()
    })
    const error = await caught(post())
    expect(error).toMatchObject({ code: 'network', retryable: true })
    expect(error.message).toMatch(/ECONNRESET|UND_ERR_SOCKET/)
  })

  const silent: [name: string, fetch: Fetch, cause: unknown][] = [
    new TypeError('Failed to fetch'),
    new TypeError('Load failed'),
    new Error('no', { cause: new Error('deep', { cause: { code: 7 } }) }),
    'a text',
    undefined,
  ].map((cause) => [String(cause), () => Promise.reject(cause), cause])

  test.each(silent)(
    'without a code names what the platform cannot tell apart: %s',
    async (_name, fetch, cause) => {
      const error = await caught(post({ fetch }))
      expect(error).toMatchObject({ code: 'network', retryable: true })
      expect(error.cause).toBe(cause)
      for (const word of [/CORS/, /offline/, /mixed content/, /OLLAMA_ORIGINS/, /block/]) {
        expect(error.message).toMatch(word)
      }
      expect(error.message).not.toContain('secret')
    },
  )

  test('in a fetch that throws at once is no other error', async () => {
    const fetch: Fetch = () => {
      throw new TypeError('Invalid URL')
    }
    const error = await caught(post({ fetch }))
    expect(error.code).toBe('network')
  })

  test('never tells the user and password of an address', async () => {
    const fetch: Fetch = () => Promise.reject(new TypeError('Failed to fetch'))
    const url = 'https://user:password@a.example'
    const error = await caught(post({ fetch, url }))
    expect(error.message).not.toMatch(/user|password|secret/)
  })
})

describe('the time to the headers', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('ends a request that is not answered', async () => {
    const controller = new AbortController()
    const error = await caught(post({ time: 50, signal: controller.signal }))
    expect(error).toMatchObject({ code: 'timeout', provider: 'some-host', retryable: true })
    expect(error.message).toContain('timeouts.headers')
    expect(error.message).toContain('50 ms')
    // What becomes of the connection is for the owner of the signal to say.
    controller.abort()
    const exchange = await server.exchange()
    await exchange.closed
  })

  test('is not the time to the body', async () => {
    server.script(async (exchange) => {
      exchange.start()
      await new Promise((resolve) => setTimeout(resolve, 150))
      exchange.send(content('late'))
    })
    const source = await post({ time: 100 })
    const events: unknown[] = []
    await source.read((event) => {
      events.push(event)
    })
    expect(events).toEqual([{ type: 'content', text: 'late' }])
    source.cancel()
  })

  test('leaves no timer behind, however the request ends', async () => {
    vi.useFakeTimers()
    const answers: Fetch[] = [
      () => Promise.resolve(emptyReply()),
      () => Promise.reject(new TypeError('no')),
      () => {
        throw new TypeError('no')
      },
    ]
    for (const fetch of answers) {
      await post({ fetch }).catch(() => {})
      expect(vi.getTimerCount()).toBe(0)
    }
    const controller = new AbortController()
    const { fetch, called } = hangingFetch()
    const pending = post({ signal: controller.signal, fetch })
    pending.catch(() => {})
    await called
    expect(vi.getTimerCount()).toBe(1)
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is as long as it is said to be, and may be for ever', async () => {
    vi.useFakeTimers()
    const never: Fetch = () => new Promise(() => {})
    const settled = vi.fn()
    post({ fetch: never, time: 1000 }).catch(settled)
    await vi.advanceTimersByTimeAsync(999)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(settled).toHaveBeenCalledOnce()

    void post({ fetch: never, time: false }).catch(settled)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('an abort', () => {
  test('before the request sends nothing', async () => {
    const fetch = vi.fn<Fetch>()
    const pending = post({ fetch, signal: AbortSignal.abort(reason) })
    await expect(pending).rejects.toBe(reason)
    expect(fetch).not.toHaveBeenCalled()
  })

  test('while the server is silent rejects with its reason and closes the connection', async () => {
    const controller = new AbortController()
    const pending = post({ signal: controller.signal })
    pending.catch(() => {})
    const exchange = await server.exchange()
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    await exchange.closed
    expect(exchange.abandoned).toBe(true)
  })

  test('after the headers closes the connection', async () => {
    const controller = new AbortController()
    server.script((exchange) => {
      exchange.start().send(content('a'))
    })
    await post({ signal: controller.signal })
    controller.abort(reason)
    const exchange = await server.exchange()
    await exchange.closed
    expect(exchange.abandoned).toBe(true)
  })

  test('ends a fetch that ignores its signal, and whatever it brings later is given up', async () => {
    const controller = new AbortController()
    const cancelled = vi.fn()
    const { fetch, called, resolve } = hangingFetch()
    const pending = post({ fetch, signal: controller.signal })
    pending.catch(() => {})
    await called
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    resolve(new Response(new ReadableStream({ cancel: cancelled })))
    await vi.waitFor(() => {
      expect(cancelled).toHaveBeenCalledOnce()
    })
  })

  test('ends a fetch that ignores its signal, which may fail later', async () => {
    const controller = new AbortController()
    const { fetch, called, reject } = hangingFetch()
    const pending = post({ fetch, signal: controller.signal })
    pending.catch(() => {})
    await called
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    reject(new Error('late'))
    // An unhandled rejection would fail the run.
    await new Promise((resolve) => setTimeout(resolve))
  })

  test('reaches the fetch as a signal', async () => {
    const controller = new AbortController()
    const { fetch, called } = hangingFetch()
    const pending = post({ fetch, signal: controller.signal })
    pending.catch(() => {})
    const { signal } = await called
    controller.abort(reason)
    await expect(pending).rejects.toBe(reason)
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toBe(reason)
  })
})

/** A fetch that does not listen to its signal, and is settled by hand. */
function hangingFetch(): {
  fetch: Fetch
  /** What it was called with. */
  called: Promise<RequestInit>
  resolve: (response: Response) => void
  reject: (error: Error) => void
} {
  let resolve: (response: Response) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const answer = new Promise<Response>((fulfil, fail) => {
    resolve = fulfil
    reject = fail
  })
  let call: (init: RequestInit) => void = () => {}
  const called = new Promise<RequestInit>((fulfil) => {
    call = fulfil
  })
  const fetch: Fetch = (_url, init) => {
    call(init)
    return answer
  }
  return { fetch, called, resolve, reject }
}
