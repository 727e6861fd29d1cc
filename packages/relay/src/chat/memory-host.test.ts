import type { ChatEvent } from 'ratatoskr'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Refusal } from '../refusal.ts'
import { memoryHost, type MemoryHost } from './memory-host.ts'
import { defaultStreamLimits } from './stream-limits.ts'
import type { StreamStart } from './stream-host.ts'

let host: MemoryHost

beforeEach(() => {
  vi.useFakeTimers()
  host = memoryHost({ maxStreams: 3 })
})

afterEach(() => {
  host.close()
  expect(host.size).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const done: ChatEvent = { type: 'done', finishReason: 'stop' }

function createStart(own: Partial<StreamStart> = {}) {
  const start = {
    fingerprint: 'a',
    asked: { caller: { id: 'ann' }, messages: [], options: { model: 'm' } },
    admit: vi.fn<StreamStart['admit']>(async () => {}),
    begin: vi.fn<StreamStart['begin']>(async () => {
      return new ReadableStream({ start: (controller) => controller.enqueue(done) })
    }),
    release: vi.fn<() => void>(),
    ...own,
  }
  return start
}

const open = (start?: StreamStart, key = 'k', after = 0) =>
  host.open(key, { after, limits: defaultStreamLimits, ...(start && { start }) })

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

describe('memoryHost', () => {
  it('begins one reply for requests that come together', async () => {
    const start = createStart()
    await Promise.all([open(start), open(start), open()])
    expect(start.begin).toHaveBeenCalledTimes(1)
    await settle()
    expect(start.release).toHaveBeenCalledTimes(1)
    expect(host.size).toBe(1)
  })

  it('keeps nothing of a reply that was not admitted', async () => {
    const refusal = new Refusal(429, 'rate_limited', 'Too many.')
    const start = createStart({ admit: () => Promise.reject(refusal) })
    const both = await Promise.allSettled([open(start), open(start)])
    expect(both).toEqual([1, 2].map(() => ({ status: 'rejected', reason: refusal })))
    expect(host.size).toBe(0)
    expect(start.begin).not.toHaveBeenCalled()
    expect(start.release).not.toHaveBeenCalled()
    // The same request may come again.
    await open(createStart())
  })

  it('keeps what kept a reply from beginning at its provider', async () => {
    const start = createStart({ begin: () => Promise.reject(new Error('down')) })
    await expect(open(start)).rejects.toThrow('down')
    await expect(open(start)).rejects.toThrow('down')
    expect(start.admit).toHaveBeenCalledTimes(1)
    expect(start.release).toHaveBeenCalledTimes(1)
    expect(host.size).toBe(1)
  })

  it('gives back what the limiter gave where the reply was stopped meanwhile', async () => {
    let admit = (): void => {}
    const start = createStart({
      admit: () =>
        new Promise((resolve) => {
          admit = resolve
        }),
    })
    const opened = open(start)
    expect(await host.stop('k')).toBe(true)
    admit()
    await expect(opened).rejects.toMatchObject({ code: 'cancelled' })
    expect(start.begin).not.toHaveBeenCalled()
    expect(start.release).toHaveBeenCalledTimes(1)
  })

  it('begins nothing that was stopped before it came', async () => {
    expect(await host.stop('k')).toBe(false)
    const start = createStart()
    await expect(open(start)).rejects.toMatchObject({ status: 410 })
    expect(start.admit).not.toHaveBeenCalled()
    await open(start, 'another')
    vi.advanceTimersByTime(60_000)
    await open(start)
  })

  it('begins no second reply for a request that is repeated when the first is forgotten', async () => {
    const start = createStart()
    await open(start)
    await vi.advanceTimersByTimeAsync(defaultStreamLimits.keptMs)
    expect(host.size).toBe(0)
    for (const late of [open(start), open(start, 'k', 1), open()]) {
      await expect(late).rejects.toMatchObject({ status: 410 })
    }
    expect(start.begin).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(3_600_000)
    await expect(open()).rejects.toMatchObject({ status: 404 })
  })

  it('keeps no more than it may', async () => {
    for (const key of ['1', '2', '3']) await open(createStart(), key)
    await expect(open(createStart(), '4')).rejects.toMatchObject({ status: 503 })
    await open(createStart(), '3')
    await vi.advanceTimersByTimeAsync(defaultStreamLimits.keptMs)
    expect(host.size).toBe(0)
    await open(createStart(), '4')
    // Nor of what was stopped before it came: the oldest is forgotten.
    for (const key of ['5', '6', '7', '8']) await host.stop(key)
    await open(createStart(), '5')
    await expect(open(createStart(), '6')).rejects.toMatchObject({ status: 410 })
  })
})
