import type { EventLog, LogRecord } from '../chat/event-log.ts'
import { MemoryEventLog } from '../chat/memory-event-log.ts'
import { hasTable, textOf, type SqlDatabase } from './platform.ts'
import { splitText } from './split-text.ts'

/** Milliseconds for which events wait to be written together. */
const patience = 2000
/** UTF-16 units of them that do not wait. */
const batch = 2 ** 16

const letters = { event: 'e', usage: 'u', done: 'd', error: 'x' } as const
const kinds = new Map<string | undefined, LogRecord['kind']>([
  ['u', 'usage'],
  ['d', 'done'],
  ['x', 'error'],
])

/** Events that were written together. */
interface Batch {
  first: number
  last: number
}

/**
 * Events in memory, and in SQLite for the object's next life. A row costs money, so several events share one: they
 * are written after two seconds, after 64 Ki, and always with the end, before anybody is told of it. So what has
 * ended is there whole; of what was cut off, the last two seconds may be missing.
 *
 * One line for each event, a letter for its kind before it: JSON has no line ends of its own.
 */
export class SqliteEventLog implements EventLog {
  readonly #sql: SqlDatabase
  readonly #memory = new MemoryEventLog()
  /** The oldest first. */
  readonly #batches: Batch[] = []
  #waiting: string[] = []
  #waitingSize = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isKept = false

  /** With what an earlier life has written. */
  constructor(sql: SqlDatabase) {
    this.#sql = sql
    if (!hasTable(sql, 'events')) return
    this.#isKept = true
    const texts = new Map<number, string>()
    const query = 'SELECT first, text FROM events ORDER BY first, piece'
    for (const { first, text } of sql.exec(query).toArray()) {
      texts.set(Number(first), (texts.get(Number(first)) ?? '') + textOf(text))
    }
    for (const [first, text] of texts) {
      const lines = text.split('\n')
      for (const [place, line] of lines.entries()) {
        this.#memory.append({
          id: first + place,
          kind: kinds.get(line[0]) ?? 'event',
          data: line.slice(1),
        })
      }
      this.#batches.push({ first, last: this.#memory.last })
    }
  }

  get last(): number {
    return this.#memory.last
  }

  get first(): number {
    return this.#memory.first
  }

  newest(): LogRecord | undefined {
    return this.#memory.newest()
  }

  /** From now on events are written. Before, nothing is: a reply that nobody may have leaves nothing behind. */
  keep(): void {
    this.#sql.exec(
      'CREATE TABLE IF NOT EXISTS events (first INTEGER, piece INTEGER, text TEXT, PRIMARY KEY (first, piece)) WITHOUT ROWID',
    )
    this.#isKept = true
  }

  append(record: LogRecord): void {
    this.#memory.append(record)
    if (!this.#isKept) return
    this.#waiting.push(letters[record.kind] + record.data)
    this.#waitingSize += record.data.length
    const isEnd = record.kind === 'done' || record.kind === 'error'
    if (isEnd || this.#waitingSize >= batch) this.#write()
    else this.#timer ??= setTimeout(() => this.#write(), patience)
  }

  read(after: number, maxBytes: number): readonly LogRecord[] {
    return this.#memory.read(after, maxBytes)
  }

  drop(upTo: number): void {
    this.#memory.drop(upTo)
    if (upTo >= this.last) this.#forgetWaiting()
    for (let [oldest] = this.#batches; oldest && oldest.last <= upTo; [oldest] = this.#batches) {
      this.#batches.shift()
      this.#sql.exec('DELETE FROM events WHERE first = ?', oldest.first)
    }
  }

  #write(): void {
    const last = this.last
    const first = last - this.#waiting.length + 1
    const text = this.#waiting.join('\n')
    this.#forgetWaiting()
    for (const [piece, part] of splitText(text).entries()) {
      const query = 'INSERT INTO events (first, piece, text) VALUES (?, ?, ?)'
      this.#sql.exec(query, first, piece, part)
    }
    this.#batches.push({ first, last })
  }

  #forgetWaiting(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting = []
    this.#waitingSize = 0
  }
}
