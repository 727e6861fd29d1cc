import { RatatoskrError, type ChatEvent } from 'ratatoskr'
import { SseDecoder, type SseEvent } from 'ratatoskr/dialects'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LogRecord } from './event-log.ts'
import { MemoryEventLog } from './memory-event-log.ts'
import { RunningStream } from './running-stream.ts'
import { defaultStreamLimits, type StreamLimits } from './stream-limits.ts'

/** Counts what it holds. */
class CountedLog extends MemoryEventLog {
  most = 0
  override append(record: LogRecord): void {
    super.append(record)
    this.most = Math.max(this.most, this.last - this.first + 1)
  }
}

const content = (n: number): ChatEvent => ({ type: 'content', text: `word ${n} ` })
const done: ChatEvent = { type: 'done', finishReason: 'stop' }

/** A provider that gives what is pulled from it, and counts that. */
function createUpstream(total: number) {
  const seen = { pulled: 0, cancelled: 0, opened: 0 }
  const begin = async (): Promise<ReadableStream<ChatEvent>> => {
    seen.opened += 1
    return new ReadableStream<ChatEvent>(
      {
        pull(controller) {
          seen.pulled += 1
          controller.enqueue(seen.pulled > total ? done : content(seen.pulled))
          if (seen.pulled > total) controller.close()
        },
        cancel() {
          seen.cancelled += 1
        },
      },
      { highWaterMark: 0 },
    )
  }
  return { seen, begin }
}

/** One that says nothing until it is told to. */
function createSilent() {
  let controller: ReadableStreamDefaultController<ChatEvent> | undefined
  const seen = { cancelled: 0 }
  const stream = new ReadableStream<ChatEvent>(
    {
      start(own) {
        controller = own
      },
      cancel() {
        seen.cancelled += 1
      },
    },
    { highWaterMark: 0 },
  )
  return { seen, begin: async () => stream, say: (event: ChatEvent) => controller?.enqueue(event) }
}

function create(
  begin: (signal: AbortSignal) => Promise<ReadableStream<ChatEvent>>,
  limits: Partial<StreamLimits> = {},
) {
  const log = new CountedLog()
  const onEnd = vi.fn<() => void>()
  const onExpired = vi.fn<() => void>()
  const all = { ...defaultStreamLimits, ...limits }
  const stream = new RunningStream({ log, limits: all, begin, onEnd, onExpired })
  streams.push(stream)
  return { stream, log, onEnd, onExpired }
}

const streams: RunningStream[] = []

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  for (const stream of streams.splice(0)) stream.close()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

/** Everything that can happen without time passing. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

async function read(body: ReadableStream<Uint8Array>): Promise<SseEvent[]> {
  const events: SseEvent[] = []
  const decoder = new SseDecoder()
  const reader = body.getReader()
  for (;;) {
    const { done: isOver, value } = await reader.read()
    if (isOver) return events
    decoder.push(value, (event) => events.push(event))
  }
}

const utf8 = new TextDecoder()

describe('RunningStream', () => {
  it('gives a comment at once, then each event with its number', async () => {
    const { begin } = createUpstream(2)
    const { stream } = create(begin)
    const reader = stream.read(0).getReader()
    expect(utf8.decode((await reader.read()).value)).toBe(': ratatoskr\n\n')
    let text = ''
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      text += utf8.decode(piece.value)
    }
    expect(text).toBe(
      'id: 1\ndata: {"type":"content","text":"word 1 "}\n\n' +
        'id: 2\ndata: {"type":"content","text":"word 2 "}\n\n' +
        'id: 3\ndata: {"type":"done","finishReason":"stop"}\n\n',
    )
  })

  it('goes on after the id that a reader has, also for several readers', async () => {
    const { begin, seen } = createUpstream(20)
    const { stream } = create(begin)
    const ids = await Promise.all([0, 0, 1].map((after) => stream.began().then(() => after)))
    await settle()
    const all = await Promise.all(ids.map((after) => read(stream.read(after))))
    expect(all.map((events) => events.length)).toEqual([21, 21, 20])
    expect(() => stream.read(21)).toThrow(expect.objectContaining({ status: 410 }))
    expect(seen.opened).toBe(1)
  })

  it('reads ahead up to its limit of events, and then waits for a reader', async () => {
    const { begin, seen } = createUpstream(100_000)
    const { stream, log } = create(begin, { maxEvents: 50 })
    await settle()
    expect(seen.pulled).toBe(50)
    const reader = stream.read(0).getReader()
    await reader.read()
    await settle()
    // The first read takes all that was there; as much again is read ahead, and no more.
    expect(seen.pulled).toBe(100)
    expect(log.most).toBeLessThanOrEqual(100)
    await settle()
    expect(seen.pulled).toBe(100)
  })

  it('reads ahead up to its limit of bytes', async () => {
    const { begin, seen } = createUpstream(100_000)
    create(begin, { maxBytes: 1000 })
    await settle()
    const sizes = Array.from(
      { length: seen.pulled },
      (_, i) => JSON.stringify(content(i + 1)).length,
    )
    const bytes = sizes.reduce((sum, size) => sum + size, 0)
    expect(bytes).toBeGreaterThanOrEqual(1000)
    expect(bytes - (sizes.at(-1) ?? 0)).toBeLessThan(1000)
  })

  it('holds no more than twice its limit, however long the reply and slow the reader', async () => {
    const { begin, seen } = createUpstream(20_000)
    const { stream, log } = create(begin, { maxEvents: 100 })
    const reader = stream.read(0).getReader()
    let ahead = 0
    let bytes = 0
    for (;;) {
      await settle()
      ahead = Math.max(ahead, seen.pulled - bytes)
      const { done: isOver, value } = await reader.read()
      if (isOver) break
      bytes += (utf8.decode(value).match(/^id:/gm) ?? []).length
    }
    expect(bytes).toBe(20_001)
    expect(ahead).toBeLessThanOrEqual(100)
    expect(log.most).toBeLessThanOrEqual(200)
  })

  it('keeps what was sent for a reader that comes back, and says when it is too late', async () => {
    const { begin } = createUpstream(1000)
    const { stream, log } = create(begin, { maxEvents: 100 })
    const reader = stream.read(0).getReader()
    await settle()
    // Those that are there, and those that were read ahead then.
    await reader.read()
    await settle()
    await reader.read()
    await reader.cancel()
    await settle()
    const oldest = log.first
    expect(oldest).toBeGreaterThan(1)
    expect(() => stream.read(oldest - 2)).toThrow(expect.objectContaining({ status: 410 }))
    const events = await read(stream.read(oldest - 1))
    expect(events[0]?.id).toBe(String(oldest))
    expect(events.at(-1)?.data).toBe(JSON.stringify(done))
  })

  it('tells a reader that fell behind another, and gives it nothing wrong', async () => {
    const { begin } = createUpstream(1000)
    const { stream } = create(begin, { maxEvents: 10 })
    const slow = stream.read(0).getReader()
    await slow.read()
    await read(stream.read(0))
    const { value } = await slow.read()
    expect(utf8.decode(value)).toMatch(/^event: error\ndata: {"code":"cancelled"/)
    expect((await slow.read()).done).toBe(true)
  })

  it('refuses an id that is ahead of the reply', async () => {
    const { stream } = create(createUpstream(1).begin)
    await settle()
    expect(() => stream.read(3)).toThrow(expect.objectContaining({ status: 400 }))
  })

  it('sends comments while the model is silent, and nothing to nobody', async () => {
    const { begin, say } = createSilent()
    const { stream } = create(begin, { keepAliveMs: 1000 })
    const reader = stream.read(0).getReader()
    await reader.read()
    const heard = vi.fn<(text: string) => void>()
    void reader.read().then(({ value }) => heard(utf8.decode(value)))
    await vi.advanceTimersByTimeAsync(999)
    expect(heard).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(heard).toHaveBeenCalledWith(': keep-alive\n\n')
    say(content(1))
    await settle()
    expect(utf8.decode((await reader.read()).value)).toMatch(/^id: 1\n/)
    await vi.advanceTimersByTimeAsync(5000)
    // Nobody has asked, so no comments have piled up; it is long enough for one.
    expect(utf8.decode((await reader.read()).value)).toBe(': keep-alive\n\n')
  })

  it('stops the provider when nobody reads for too long, and says so to who comes later', async () => {
    const { begin, seen } = createSilent()
    const { stream, onEnd } = create(begin, { detachedMs: 1000 })
    const reader = stream.read(0).getReader()
    await reader.read()
    void reader.read()
    // A reader that waits is there.
    await vi.advanceTimersByTimeAsync(7000)
    expect(seen.cancelled).toBe(0)
    await reader.cancel()
    await vi.advanceTimersByTimeAsync(999)
    expect(seen.cancelled).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(seen.cancelled).toBe(1)
    expect(onEnd).toHaveBeenCalledTimes(1)
    const [event] = await read(stream.read(0))
    expect(event).toMatchObject({ event: 'error', id: '1' })
    expect(JSON.parse(event?.data ?? '')).toMatchObject({ code: 'timeout', retryable: false })
  })

  it('takes a reader that could read and does not for nobody', async () => {
    const { begin, seen } = createUpstream(100_000)
    const { stream } = create(begin, { detachedMs: 1000, maxEvents: 10 })
    const reader = stream.read(0).getReader()
    await reader.read()
    await vi.advanceTimersByTimeAsync(999)
    await reader.read()
    await vi.advanceTimersByTimeAsync(999)
    expect(seen.cancelled).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(seen.cancelled).toBe(1)
  })

  it('goes on to the end without a reader, within its limits', async () => {
    const { begin } = createUpstream(5)
    const { stream, onEnd } = create(begin)
    await settle()
    expect(stream.ended).toBe(true)
    expect(onEnd).toHaveBeenCalledTimes(1)
    expect(await read(stream.read(0))).toHaveLength(6)
  })

  it('is kept after its end, and then forgotten', async () => {
    const { stream, onExpired, log } = create(createUpstream(5).begin, { keptMs: 1000 })
    await vi.advanceTimersByTimeAsync(600)
    await read(stream.read(0))
    await vi.advanceTimersByTimeAsync(999)
    expect(onExpired).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(onExpired).toHaveBeenCalledTimes(1)
    expect(log.last - log.first).toBe(-1)
    expect(() => stream.read(0)).toThrow(expect.objectContaining({ status: 410 }))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stops at once, while the model is silent', async () => {
    const { begin, seen } = createSilent()
    const { stream } = create(begin)
    const events = read(stream.read(0))
    await settle()
    stream.stop()
    stream.stop()
    expect(seen.cancelled).toBe(1)
    expect(JSON.parse((await events)[0]?.data ?? '')).toMatchObject({ code: 'cancelled' })
  })

  it('stops one that is about to begin', async () => {
    let given: AbortSignal | undefined
    const { stream } = create(
      (signal) =>
        new Promise((_, reject) => {
          given = signal
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    const began = stream.began()
    stream.stop()
    expect(given?.aborted).toBe(true)
    await expect(began).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('cancels a reply that begins although it was stopped', async () => {
    const { seen, begin } = createSilent()
    let go = (): void => {}
    const { stream } = create(async () => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      return begin()
    })
    stream.stop()
    go()
    await settle()
    expect(seen.cancelled).toBe(1)
  })

  it('rejects with what kept it from beginning, also for those who come later', async () => {
    const failure = new RatatoskrError('rate_limited', 'Too many.')
    const { stream, onEnd } = create(() => Promise.reject(failure))
    await expect(stream.began()).rejects.toBe(failure)
    await expect(stream.began()).rejects.toBe(failure)
    expect(onEnd).toHaveBeenCalledTimes(1)
  })

  it('does not hold back the headers for ever, and tells the failure in the stream then', async () => {
    let fail: (error: unknown) => void = () => {}
    const { stream } = create(
      () =>
        new Promise((_, reject) => {
          fail = reject
        }),
      { statusMs: 1000 },
    )
    const began = stream.began()
    await vi.advanceTimersByTimeAsync(1000)
    await began
    const events = read(stream.read(0))
    fail(new RatatoskrError('overloaded', 'Too much.', { retryable: true }))
    const [event] = await events
    expect(event).toMatchObject({ event: 'error', id: '1' })
    expect(JSON.parse(event?.data ?? '')).toMatchObject({ code: 'overloaded', retryable: true })
  })

  it('fails with truncated where the events end without done', async () => {
    const { stream } = create(async () => new ReadableStream({ start: (own) => own.close() }))
    const events = await read(stream.read(0))
    expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({ code: 'truncated' })
  })

  it('says nothing of errors that are not the library’s', async () => {
    const { stream } = create(
      async () =>
        new ReadableStream<ChatEvent>({
          start(own) {
            own.error(new Error('secret at 10.0.0.1'))
          },
        }),
    )
    const [event] = await read(stream.read(0))
    expect(event?.data).not.toContain('secret')
    expect(JSON.parse(event?.data ?? '')).toMatchObject({ code: 'api', retryable: false })
  })

  it('gives what a log has where the process that ran it is gone', async () => {
    const cut = new MemoryEventLog()
    cut.append({ id: 1, kind: 'event', data: JSON.stringify(content(1)) })
    const whole = new MemoryEventLog()
    whole.append({ id: 1, kind: 'done', data: JSON.stringify(done) })
    const restored = [cut, whole].map(
      (log) => new RunningStream({ log, limits: defaultStreamLimits }),
    )
    streams.push(...restored)
    const [first, second] = await Promise.all(restored.map((stream) => read(stream.read(0))))
    expect(first?.map(({ event }) => event)).toEqual(['message', 'error'])
    expect(JSON.parse(first?.[1]?.data ?? '')).toMatchObject({ code: 'truncated' })
    expect(second?.map(({ data }) => data)).toEqual([JSON.stringify(done)])
  })

  it('tells how it was cut off whoever has seen more than was left of it', async () => {
    const log = new MemoryEventLog()
    log.append({ id: 1, kind: 'event', data: JSON.stringify(content(1)) })
    const stream = new RunningStream({ log, limits: defaultStreamLimits })
    streams.push(stream)
    for (const after of [2, 9]) {
      const events = await read(stream.read(after))
      expect(events.map(({ event }) => event)).toEqual(['error'])
      expect(JSON.parse(events[0]?.data ?? '')).toMatchObject({ code: 'truncated' })
    }
    expect((await read(stream.read(1))).map(({ id }) => id)).toEqual(['2'])
  })

  it('has no timer of its own where somebody else looks when it is to go', async () => {
    const log = new MemoryEventLog()
    log.append({ id: 1, kind: 'done', data: JSON.stringify(done) })
    const stream = new RunningStream({ log, limits: { ...defaultStreamLimits, keptMs: Infinity } })
    streams.push(stream)
    expect(vi.getTimerCount()).toBe(0)
    expect(stream.lastRead).toBe(0)
    await read(stream.read(0))
    expect(stream.lastRead).toBe(Date.now())
  })

  it('leaves nothing behind when it is closed, and lets its readers go', async () => {
    const { begin, seen } = createSilent()
    const { stream, log } = create(begin)
    const events = read(stream.read(0))
    await settle()
    stream.close()
    expect(await events).toEqual([])
    expect(seen.cancelled).toBe(1)
    expect(log.last).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})
