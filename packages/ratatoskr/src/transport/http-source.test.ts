import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { caught } from '../../test/caught.ts'
import { content, finish } from '../../test/server.ts'
import type { ChatEvent } from '../event.ts'
import { user } from '../message.ts'
import type { ChatEventSource } from '../provider.ts'
import { openaiCompatible } from '../providers/openai-compatible.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const stream = { 'content-type': 'text/event-stream', 'x-request-id': 'req-1' }

/** A body that is fed by hand, and the source that a provider makes of it. */
class Bench {
  readonly events: ChatEvent[] = []
  readonly cancelled = vi.fn()
  reads = 0
  readonly #encoder = new TextEncoder()
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #source: ChatEventSource | undefined

  static async open(
    idle: number | false = 120_000,
    headers: { [name: string]: string } = stream,
  ): Promise<Bench> {
    const bench = new Bench()
    const body = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          bench.#controller = controller
        },
        pull() {
          bench.reads += 1
        },
        cancel: bench.cancelled,
      },
      { highWaterMark: 0 },
    )
    const provider = openaiCompatible({
      name: 'some-host',
      baseURL: 'http://a.example',
      fetch: () => Promise.resolve(new Response(body, { headers })),
    })
    bench.#source = await provider.open(
      { model: 'm', messages: [user('Hello')], options: { model: 'm' } },
      {
        signal: new AbortController().signal,
        timeouts: { headers: false, firstEvent: false, idle },
        callId: String,
      },
    )
    return bench
  }

  get source(): ChatEventSource {
    if (this.#source === undefined) throw new Error('The bench is not open')
    return this.#source
  }

  write(text: string): this {
    return this.writeBytes(this.#encoder.encode(text))
  }

  writeBytes(bytes: Uint8Array): this {
    this.#controller?.enqueue(bytes)
    return this
  }

  send(...values: unknown[]): this {
    return this.write(
      values
        .map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`)
        .join(''),
    )
  }

  end(): this {
    this.#controller?.close()
    return this
  }

  reset(): this {
    this.#controller?.error(Object.assign(new TypeError('terminated'), { code: 'ECONNRESET' }))
    return this
  }

  read(): Promise<boolean> {
    const reading = this.source.read((event) => {
      this.events.push(event)
    })
    // Handled where a test looks at it.
    reading.catch(() => {})
    return reading
  }
}

const usage = { choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }
const hi: ChatEvent = { type: 'content', text: 'Hi' }
const done: ChatEvent = { type: 'done', finishReason: 'stop', rawFinishReason: 'stop' }

describe('a reply as the body of a response', () => {
  test('is read one piece at a time, only when asked', async () => {
    const bench = await Bench.open()
    await Promise.resolve()
    expect(bench.reads).toBe(0)
    bench.send(content('Hi')).send(finish()).send('[DONE]')
    expect(await bench.read()).toBe(true)
    expect(bench.events).toEqual([hi])
    expect(await bench.read()).toBe(true)
    expect(await bench.read()).toBe(false)
    expect(bench.events).toEqual([hi, done])
  })

  test('tells the request’s id and the headers', async () => {
    const { source } = await Bench.open(false)
    expect(source.requestId).toBe('req-1')
    expect(source.headers?.get('content-type')).toBe('text/event-stream')
  })

  test('is given up while a read is waiting, at once', async () => {
    const bench = await Bench.open()
    const reading = bench.read()
    bench.source.cancel()
    await expect(reading).rejects.toThrow()
    expect(bench.cancelled).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
    expect(bench.events).toEqual([])
  })

  test('does not mind what the body says to being given up, nor being given up twice', async () => {
    const bench = await Bench.open()
    bench.cancelled.mockRejectedValue(new Error('no'))
    bench.source.cancel()
    bench.source.cancel()
    // An unhandled rejection would fail the run.
    await vi.advanceTimersByTimeAsync(0)
    expect(bench.cancelled).toHaveBeenCalledOnce()
  })
})

describe('silence', () => {
  test('that is too long ends the reply with a timeout and closes the connection', async () => {
    const bench = await Bench.open(10_000)
    bench.send(content('Hi'))
    await bench.read()
    const reading = bench.read()
    await vi.advanceTimersByTimeAsync(9999)
    expect(bench.cancelled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    const error = await caught(reading)
    expect(error).toMatchObject({
      code: 'timeout',
      provider: 'some-host',
      requestId: 'req-1',
      retryable: true,
    })
    expect(error.message).toMatch(/10 s|10000 ms/)
    expect(error.message).toContain('timeouts.idle')
    expect(bench.cancelled).toHaveBeenCalledOnce()
    expect(bench.events).toEqual([hi])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('before the first event ends the reply too', async () => {
    const bench = await Bench.open(10_000)
    const reading = bench.read()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await caught(reading)).toMatchObject({ code: 'timeout', retryable: true })
  })

  test('is broken by comments, which are life', async () => {
    const bench = await Bench.open(10_000)
    for (let i = 0; i < 20; i += 1) {
      const reading = bench.read()
      await vi.advanceTimersByTimeAsync(9000)
      bench.write(': keep-alive\n\n')
      expect(await reading).toBe(true)
    }
    expect(bench.events).toEqual([])
    const reading = bench.read()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await caught(reading)).toMatchObject({ code: 'timeout' })
  })

  test('is broken by any byte', async () => {
    const bench = await Bench.open(10_000)
    for (const piece of JSON.stringify(content('Hi'))) {
      const reading = bench.read()
      await vi.advanceTimersByTimeAsync(9000)
      bench.write(piece === '{' && bench.reads === 1 ? 'data: {' : piece)
      expect(await reading).toBe(true)
    }
  })

  test('of the reader is not the server’s', async () => {
    const bench = await Bench.open(10_000)
    bench.send(content('Hi'))
    await bench.read()
    await vi.advanceTimersByTimeAsync(1_000_000)
    bench.send(content('Hi'))
    expect(await bench.read()).toBe(true)
    expect(bench.events).toEqual([hi, hi])
  })

  test('may last for ever where the caller says so', async () => {
    const bench = await Bench.open(false)
    const reading = bench.read()
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(10_000_000)
    bench.send(content('Hi'))
    expect(await reading).toBe(true)
  })
})

describe('after a finish reason', () => {
  /** A reply that is complete, and a read that waits for what may still come. */
  async function finished(
    idle?: number | false,
  ): Promise<{ bench: Bench; reading: Promise<boolean> }> {
    const bench = await Bench.open(idle)
    bench.send(content('Hi'), finish())
    expect(await bench.read()).toBe(true)
    return { bench, reading: bench.read() }
  }

  test.each<number | false>([120_000, 1000, false])(
    '5 s of silence end the reply as complete, with an idle limit of %s',
    async (idle) => {
      const { bench, reading } = await finished(idle)
      await vi.advanceTimersByTimeAsync(4999)
      expect(bench.events).toEqual([hi])
      await vi.advanceTimersByTimeAsync(1)
      expect(await reading).toBe(false)
      expect(bench.events).toEqual([hi, done])
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test('usage that comes in time is told', async () => {
    const { bench, reading } = await finished()
    await vi.advanceTimersByTimeAsync(4000)
    bench.send(usage, '[DONE]')
    expect(await reading).toBe(false)
    expect(bench.events.map((event) => event.type)).toEqual(['content', 'usage', 'done'])
  })

  test('usage without an end after it is told, when 5 s are over', async () => {
    const { bench, reading } = await finished()
    bench.send(usage)
    expect(await reading).toBe(true)
    const last = bench.read()
    await vi.advanceTimersByTimeAsync(5000)
    expect(await last).toBe(false)
    expect(bench.events.map((event) => event.type)).toEqual(['content', 'usage', 'done'])
  })

  test('the end of the body ends the reply', async () => {
    const { bench, reading } = await finished()
    bench.end()
    expect(await reading).toBe(false)
    expect(bench.events).toEqual([hi, done])
  })

  test('a reset ends the reply as complete', async () => {
    const { bench, reading } = await finished()
    bench.reset()
    expect(await reading).toBe(false)
    expect(bench.events).toEqual([hi, done])
  })

  test('an error frame fails the reply', async () => {
    const { bench, reading } = await finished()
    bench.send({ error: { message: 'upstream', code: 502 } })
    expect(await caught(reading)).toMatchObject({ code: 'api', status: 502 })
    expect(bench.events).toEqual([hi])
    expect(bench.cancelled).toHaveBeenCalledOnce()
  })
})

describe('a reply that breaks off', () => {
  test('in the middle by a reset is truncated', async () => {
    const bench = await Bench.open()
    bench.send(content('Hi'))
    await bench.read()
    bench.reset()
    const error = await caught(bench.read())
    expect(error).toMatchObject({ code: 'truncated', provider: 'some-host', requestId: 'req-1' })
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  test('in the middle by the end of the body is truncated', async () => {
    const bench = await Bench.open()
    bench.send(content('Hi')).end()
    await bench.read()
    expect(await caught(bench.read())).toMatchObject({ code: 'truncated', provider: 'some-host' })
  })

  test('before its first event by a reset is a failure of the network, which may be mended', async () => {
    const bench = await Bench.open()
    bench.write(': hello\n\n')
    await bench.read()
    bench.reset()
    expect(await caught(bench.read())).toMatchObject({ code: 'network', retryable: true })
  })

  test('before its first event by its end says what came instead', async () => {
    const bench = await Bench.open()
    bench.write(': hello\n\n').end()
    await bench.read()
    const error = await caught(bench.read())
    expect(error).toMatchObject({
      code: 'truncated',
      retryable: true,
      body: ': hello\n\n',
    })
  })

  test('and was no stream from the start is another format, not worth another try', async () => {
    const bench = await Bench.open(false, { 'content-type': 'text/plain' })
    bench.write('Welcome to nginx').end()
    await bench.read()
    expect(await caught(bench.read())).toMatchObject({
      code: 'protocol',
      retryable: false,
      body: 'Welcome to nginx',
    })
  })

  test('keeps of what came instead only the beginning', async () => {
    const bench = await Bench.open()
    for (let i = 0; i < 100; i += 1) {
      bench.write(`: ${'x'.repeat(997)}\n`)
      await bench.read()
    }
    bench.end()
    const error = await caught(bench.read())
    expect(error.body).toHaveLength(16_384)
  })

  test('keeps the characters of what came instead together, however they are split', async () => {
    const bench = await Bench.open(false, { 'content-type': 'text/plain' })
    const text = 'Kein Zugang für Eichhörnchen 🐿️'
    for (const byte of new TextEncoder().encode(text)) {
      bench.writeBytes(Uint8Array.of(byte))
      await bench.read()
    }
    bench.end()
    expect((await caught(bench.read())).body).toBe(text)
  })

  test('after its first event keeps nothing of the body', async () => {
    const bench = await Bench.open()
    bench.send(content('Hi'))
    await bench.read()
    bench.send('{"broken')
    const error = await caught(bench.read())
    expect(error).toMatchObject({ code: 'protocol' })
    expect(error.body).toBeUndefined()
  })
})
