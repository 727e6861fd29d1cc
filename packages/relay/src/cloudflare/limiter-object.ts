import { exactOptional, is, number, object, string, array, record, type InferOutput } from 'valibot'
import type { Verdict } from '../server/limiter.ts'
import { countRequest, forgetRequests, minute } from '../server/minute-window.ts'
import type { ObjectPart, ObjectStorage } from './platform.ts'
import { readRow, writeRow } from './stored-row.ts'

const message = object({
  requestsPerMinute: exactOptional(number()),
  streams: exactOptional(number()),
  stream: exactOptional(string(), ''),
  leaseMs: exactOptional(number(), 0),
})

/** What one caller does. */
const counted = object({
  /** When the requests of the last minute came, the oldest first. */
  times: array(number()),
  /** Until when each reply counts, where nobody says that it is over. */
  streams: record(string(), number()),
  /** When the object looks whether there is anything to remember. */
  alarm: number(),
})
type Counted = InferOutput<typeof counted>

/** The limits of one caller, in its Durable Object: one row, written at each change. */
export class LimiterObject implements ObjectPart {
  readonly #storage: ObjectStorage
  readonly #counted: Counted

  constructor(storage: ObjectStorage) {
    this.#storage = storage
    this.#counted = readRow(storage.sql, 'limits', counted) ?? { times: [], streams: {}, alarm: 0 }
  }

  answer(verb: string, sent: unknown): Response {
    if (!is(message, sent)) throw new TypeError('The limiter was asked for what it does not know.')
    const { requestsPerMinute, streams: limit, stream = '', leaseMs = 0 } = sent
    const now = this.#clean()
    const { times, streams } = this.#counted
    if (verb === 'request') {
      const verdict = countRequest(times, requestsPerMinute, now)
      return this.#answer(verdict, now + minute)
    }
    if (verb === 'close') {
      delete streams[stream]
      return this.#answer({ allowed: true }, now)
    }
    const isNew = !(stream in streams)
    if (limit !== undefined && isNew && Object.keys(streams).length >= limit) {
      return Response.json({ allowed: false })
    }
    streams[stream] = now + leaseMs
    return this.#answer({ allowed: true }, now + leaseMs)
  }

  async alarm(): Promise<void> {
    const now = this.#clean()
    const { times, streams } = this.#counted
    const left = [...times.map((time) => time + minute), ...Object.values(streams)]
    if (left.length > 0) {
      this.#counted.alarm = 0
      this.#write(Math.max(now + 1, ...left))
      return
    }
    this.#counted.alarm = 0
    await this.#storage.deleteAlarm()
    await this.#storage.deleteAll()
  }

  #answer(verdict: Verdict, until: number): Response {
    if (verdict.allowed) this.#write(until)
    return Response.json(verdict)
  }

  #clean(): number {
    const now = Date.now()
    const { times, streams } = this.#counted
    forgetRequests(times, now)
    for (const [stream, until] of Object.entries(streams)) if (until <= now) delete streams[stream]
    return now
  }

  #write(until: number): void {
    // One alarm for many requests: it looks by itself how long there is something to remember.
    if (this.#counted.alarm <= Date.now()) {
      this.#counted.alarm = Math.max(until, Date.now() + minute)
      this.#storage.setAlarm(this.#counted.alarm).catch(() => {})
    }
    writeRow(this.#storage.sql, 'limits', this.#counted)
  }
}
