import type { ChatEvent } from 'ratatoskr'
import { Refusal } from '../refusal.ts'
import type { EventLog } from './event-log.ts'
import type { OpenStream, ResponseObserver } from './stream-host.ts'
import type { StreamLimits } from './stream-limits.ts'

/** What a {@link RunningStream} is made of. */
export interface RunningStreamOptions {
  log: EventLog
  limits: StreamLimits
  /**
   * Begins the reply; called once, at once. Absent where the process that ran it is gone: then only what
   * the log has is given, and a log without an end gets a failure with code `truncated`.
   */
  begin?: (signal: AbortSignal) => Promise<ReadableStream<ChatEvent>>
  /** The upstream is over, however it ended. Called once. */
  onEnd?: () => void
  /** It has been kept for long enough after its end. Called once. */
  onExpired?: () => void
}

/** One reply, from its provider into a log, and from there to whoever reads it. */
export class RunningStream {
  readonly log: EventLog

  constructor({ log }: RunningStreamOptions) {
    this.log = log
  }

  /** Resolves when the first event has come, or the stream has been silent for `statusMs`; rejects with what kept it from beginning. */
  async began(): Promise<void> {}

  /** The events after an id as the body of a response. Throws a {@link Refusal} (410) where they are gone. */
  read(_after: OpenStream['after'], _observer?: ResponseObserver): ReadableStream<Uint8Array> {
    throw new Refusal(501, 'configuration', 'Running streams are not built yet.')
  }

  /** Stops the provider; readers get a failure with code `cancelled`. */
  stop(): void {}

  /** Stops it, and forgets it without a word. */
  close(): void {}
}
