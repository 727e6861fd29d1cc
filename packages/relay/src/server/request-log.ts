import type { ChatEvent, DoneEvent, Usage } from 'ratatoskr'
import type { LogEntry } from './log-entry.ts'

/** Gathers what is logged of one request. */
export class RequestLog {
  caller: string | undefined
  model: string | undefined
  requestId: string | undefined
  attached = false
  /** Somebody else calls `finish`, when the body is over. */
  deferred = false
  readonly #write: (entry: LogEntry) => void
  readonly #route: string
  readonly #time = Date.now()
  #firstEvent: number | undefined
  #events = 0
  #usage: Usage | undefined
  #done: DoneEvent | undefined
  #how: LogEntry['ended'] | undefined
  #isWritten = false

  constructor(route: string, write: (entry: LogEntry) => void) {
    this.#route = route
    this.#write = write
  }

  /** An event was sent. Those but `usage` and `done` are only counted. */
  event(event?: ChatEvent): void {
    this.#events += 1
    this.#firstEvent ??= Date.now()
    if (event?.type === 'usage') this.#usage = event.usage
    if (event?.type === 'done') {
      this.#done = event
      this.ended('done')
    }
  }

  /** How it ended; the first that is said counts. */
  ended(how: LogEntry['ended']): void {
    this.#how ??= how
  }

  /** The response is over: writes the entry, once. Whose end nobody told has lost its client. */
  finish(status: number): void {
    if (this.#isWritten) return
    this.#isWritten = true
    const now = Date.now()
    const { promptTokens, completionTokens, cost } = this.#usage ?? {}
    const entry: LogEntry = {
      time: new Date(this.#time).toISOString(),
      ...(this.caller !== undefined && { caller: this.caller }),
      ...(this.requestId !== undefined && { requestId: this.requestId }),
      route: this.#route,
      status,
      ...(this.model !== undefined && { model: this.model }),
      ...(this.#done?.model !== undefined && { answeredBy: this.#done.model }),
      ...(this.attached && { attached: true }),
      ...(this.#firstEvent !== undefined && { firstEventMs: this.#firstEvent - this.#time }),
      ms: now - this.#time,
      events: this.#events,
      ...(promptTokens !== undefined && { promptTokens }),
      ...(completionTokens !== undefined && { completionTokens }),
      ...(cost !== undefined && { cost }),
      ended: this.#how ?? 'detached',
    }
    this.#write(entry)
  }
}
