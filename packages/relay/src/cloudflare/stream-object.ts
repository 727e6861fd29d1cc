import type { ChatEvent } from 'ratatoskr'
import {
  custom,
  exactOptional,
  is,
  number,
  object,
  picklist,
  string,
  type InferOutput,
} from 'valibot'
import type { Caller } from '../caller.ts'
import { RunningStream } from '../chat/running-stream.ts'
import type { AskedChat } from '../chat/stream-host.ts'
import type { StreamLimits } from '../chat/stream-limits.ts'
import { alreadyStopped, anotherBody, tooLate, unknownStream } from '../chat/stream-refusals.ts'
import { longAgo, tombstoneMs } from '../chat/tombstones.ts'
import { beginChat } from '../server/begin-chat.ts'
import type { RelayCore } from '../server/relay-core.ts'
import { chatFailure } from '../wire/chat-failure.ts'
import { isRecord } from '../wire/is-record.ts'
import { keptFailure } from './carried-failure.ts'
import type { ObjectPart, ObjectStorage } from './platform.ts'
import { SqliteEventLog } from './sqlite-event-log.ts'
import { readRow, writeRow } from './stored-row.ts'

/** Stands in the answer to a request that continued a reply. */
export const attachedHeader = 'x-ratatoskr-attached'

/**
 * Milliseconds between alarms while the reply runs: an object that nobody asks is evicted after 70 s at the earliest.
 *
 * https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/
 */
const heartbeat = 30_000

const startMessage = object({
  key: string(),
  fingerprint: string(),
  // The Worker has checked it, and nobody else can ask.
  asked: custom<AskedChat>(isRecord),
})
/** Milliseconds: for what is kept without an end, the object looks again then. */
const farthest = 2 ** 31

const openMessage = object({ after: number(), start: exactOptional(startMessage) })
type Start = InferOutput<typeof startMessage>

/** What its storage says of an object. */
const keptSchema = object({
  /** `stopped`: before it was begun; `cut`: the object was evicted while it ran; `gone`: its events are forgotten. */
  state: picklist(['stopped', 'begun', 'over', 'cut', 'gone']),
  /** Milliseconds since 1970. */
  since: number(),
  fingerprint: string(),
  /** The caller's id. */
  caller: string(),
  key: string(),
})
type Kept = InferOutput<typeof keptSchema>

const isMark = ({ state }: Kept): boolean => state === 'stopped' || state === 'gone'

/** One reply in its Durable Object. */
export class StreamObject implements ObjectPart {
  readonly #storage: ObjectStorage
  readonly #core: RelayCore
  readonly #limits: StreamLimits
  #stream: RunningStream | undefined
  #log: SqliteEventLog | undefined
  #kept: Kept | undefined
  /** For which request it was begun. */
  #fingerprint = ''
  /** It was begun in an earlier life of this object. */
  #isRestored = false

  constructor(storage: ObjectStorage, core: RelayCore) {
    this.#storage = storage
    this.#core = core
    // It is the alarm that ends it: a timer would keep the object in memory, which costs money.
    this.#limits = { ...core.streamLimits, keptMs: Infinity }
    this.#restore()
  }

  answer(verb: string, message: unknown, signal: AbortSignal): Response | Promise<Response> {
    if (verb === 'stop') return Response.json(this.#stop())
    if (is(openMessage, message)) return this.#open(message, signal)
    throw new TypeError('The object was asked for what it does not know.')
  }

  async alarm(): Promise<void> {
    const { keptMs } = this.#core.streamLimits
    const now = Date.now()
    const isRunning = this.#stream && !this.#stream.ended
    const end = isRunning ? now + heartbeat : this.#memoryEnd(keptMs)
    if (end > now) {
      this.#wakeAt(end)
      return
    }
    this.#stream?.close()
    this.#forget()
    const isReply = this.#kept && !isMark(this.#kept)
    this.#kept = undefined
    // Before compatibility date 2026-02-24, the latter leaves the alarm.
    await this.#storage.deleteAlarm()
    await this.#storage.deleteAll()
    if (isReply) this.#mark('gone', longAgo)
  }

  /** Until when something is remembered; milliseconds since 1970. */
  #memoryEnd(keptMs: number): number {
    const { state, since = 0 } = this.#kept ?? {}
    if (state === 'stopped') return since + tombstoneMs
    if (state === 'gone') return since + longAgo
    return Math.max(since, this.#stream?.lastRead ?? 0) + keptMs
  }

  async #open(
    { after, start }: InferOutput<typeof openMessage>,
    signal: AbortSignal,
  ): Promise<Response> {
    const isAttached = this.#stream !== undefined
    if (this.#stream) {
      if (start && start.fingerprint !== this.#fingerprint) throw anotherBody()
    } else {
      if (this.#isMarked('stopped', tombstoneMs)) throw alreadyStopped()
      if (this.#isMarked('gone', longAgo)) throw tooLate()
      if (!start) throw unknownStream()
      // It had events, which are gone: a reply that begins anew would not continue them.
      if (after > 0) throw tooLate()
    }
    // Before anything is awaited: a repeated request finds it.
    const stream = this.#stream ?? this.#begin(start)
    await stream.began()
    this.#throwIfNeverBegan(after)
    const response = new Response(stream.read(after, undefined, signal))
    if (isAttached) response.headers.set(attachedHeader, '1')
    return response
  }

  #begin(given: Start | undefined): RunningStream {
    // Until the end: it holds the whole conversation.
    let start = given
    let release: (() => Promise<void>) | undefined
    const log = new SqliteEventLog(this.#storage.sql)
    const stream = new RunningStream({
      log,
      limits: this.#limits,
      begin: async (signal) => {
        if (!start) return new ReadableStream<ChatEvent>()
        const { asked, key, fingerprint } = start
        const admitted = await this.#core.admit(asked.caller, key)
        // Stopped while the limiter was asked.
        if (signal.aborted) void admitted.release()
        signal.throwIfAborted()
        release = admitted.release
        // Before the provider is asked, so that no later life of the object asks it again: what the object sends waits
        // until what it has written is safe.
        log.keep()
        this.#keep({ state: 'begun', since: 0, fingerprint, caller: asked.caller.id, key })
        this.#wakeAt(Date.now() + heartbeat)
        return beginChat(this.#core, asked, signal)
      },
      onEnd: () => {
        if (release) {
          void release()
          this.#over('over')
        } else {
          // Nothing was sent to a provider, so the same request may come again.
          stream.close()
          this.#forget()
        }
        start = undefined
      },
    })
    this.#fingerprint = given?.fingerprint ?? ''
    this.#stream = stream
    this.#log = log
    return stream
  }

  #stop(): boolean {
    const stream = this.#stream
    stream?.stop()
    if (!this.#stream && !this.#isMarked('gone', longAgo)) this.#mark('stopped', tombstoneMs)
    return stream !== undefined
  }

  /** No reply may begin here for so many milliseconds. */
  #mark(state: 'stopped' | 'gone', time: number): void {
    this.#keep({ state, since: Date.now(), fingerprint: '', caller: '', key: '' })
    this.#wakeAt(Date.now() + time)
  }

  #isMarked(as: 'stopped' | 'gone', time: number): boolean {
    const { state, since = 0 } = this.#kept ?? {}
    return state === as && since > Date.now() - time
  }

  /** Takes up what an earlier life has left. */
  #restore(): void {
    this.#kept = readRow(this.#storage.sql, 'stream', keptSchema)
    if (!this.#kept || isMark(this.#kept)) return
    const { state, fingerprint, caller, key } = this.#kept
    this.#fingerprint = fingerprint
    this.#log = new SqliteEventLog(this.#storage.sql)
    this.#stream = new RunningStream({
      log: this.#log,
      limits: this.#limits,
      wasCut: state === 'cut',
      // What nobody could tell then is told now.
      onEnd: () => {
        const who: Caller = { id: caller }
        void this.#core.release(who, key)
        this.#over('cut')
      },
    })
    this.#isRestored = true
  }

  /**
   * In the life in which a reply failed before its first event, `began` rejects by itself. Whoever has seen
   * events of one that was cut off before any was kept is told in a stream.
   */
  #throwIfNeverBegan(after: number): void {
    const newest = this.#log?.newest()
    const isCut = this.#kept?.state === 'cut' && after > 0
    if (!this.#isRestored || isCut || newest?.kind !== 'error' || newest.id !== 1) return
    const failure: unknown = JSON.parse(newest.data)
    if (is(chatFailure, failure)) throw keptFailure(failure)
  }

  #over(state: 'over' | 'cut'): void {
    if (!this.#kept) return
    this.#keep({ ...this.#kept, state, since: Date.now() })
    this.#wakeAt(Date.now() + this.#core.streamLimits.keptMs)
  }

  #forget(): void {
    this.#stream = undefined
    this.#log = undefined
    this.#isRestored = false
    this.#fingerprint = ''
  }

  #keep(kept: Kept): void {
    this.#kept = kept
    writeRow(this.#storage.sql, 'stream', kept)
  }

  #wakeAt(time: number): void {
    // A write that fails resets the object, and with it all that waits here.
    this.#storage.setAlarm(Math.min(time, Date.now() + farthest)).catch(() => {})
  }
}
