import type { ChatEvent } from 'ratatoskr'
import type { LogEntry } from './log-entry.ts'

/** Gathers what is logged of one request. */
export interface RequestLog {
  caller: string | undefined
  model: string | undefined
  attached: boolean
  /** An event was sent. */
  event(event: ChatEvent): void
  /** How it ended; the first that is said counts. */
  ended(how: LogEntry['ended']): void
  /** The response is over: writes the entry, once. */
  finish(status: number): void
}
