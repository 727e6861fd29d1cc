import type { ChatEvent, Message } from 'ratatoskr'
import type { Caller } from '../caller.ts'
import type { SentOptions } from '../wire/chat-body.ts'
import type { LogRecord } from './event-log.ts'
import type { StreamLimits } from './stream-limits.ts'

/** What a client asked for, checked and allowed. Plain JSON, for a host that begins it elsewhere. */
export interface AskedChat {
  caller: Caller
  /** With the providers' own continuations, whose signatures were right. */
  messages: Message[]
  options: SentOptions
}

/** How a reply begins, where none runs under the key. */
export interface StreamStart {
  /** SHA-256 of the request's body, in hex: another body under the same key is refused. */
  fingerprint: string
  asked: AskedChat
  /** Asks the limiter. Rejects where the caller may not begin another; nothing is kept then. */
  admit(): Promise<void>
  /**
   * Sends the request to the provider, and resolves with the events as the client is to get them. For hosts
   * that run the reply in this process; `beginChat` does the same with an {@link AskedChat} elsewhere.
   */
  begin(signal: AbortSignal): Promise<ReadableStream<ChatEvent>>
  /** The reply is over, however it ended: called once, where `admit` resolved. */
  release(): void
}

/** Told of what one response carries, for the log. */
export interface ResponseObserver {
  /** It goes to a reply that was already there. */
  attached(): void
  sent(record: LogRecord): void
  /** The client went away, or got to the end. */
  closed(): void
}

/** How a reply is opened. */
export interface OpenStream {
  /** The id of the last event that the client has; 0 for none. */
  after: number
  /** Without it, only a reply that is there is attached to. */
  start?: StreamStart
  limits: StreamLimits
  observer?: ResponseObserver
  /**
   * Aborted when the client goes away: it detaches, as by cancelling the body. workerd does only this:
   * https://github.com/cloudflare/workerd/issues/6832
   */
  signal?: AbortSignal
}

/**
 * Where replies run that outlive their connections: in memory, or each in a Durable Object of its own.
 */
export interface StreamHost {
  /**
   * Attaches to the reply of this key, or begins it, and resolves with the body of the response: server-sent events,
   * read on demand; cancelling it detaches. It never begins a second reply under a key, also where the first has
   * not had its first event yet. Rejects with a `Refusal` (404: no such reply, 409: begun with another body, 410: the
   * events asked for are gone), or with the failure of a reply that did not begin.
   */
  open(key: string, request: OpenStream): Promise<ReadableStream<Uint8Array>>
  /** Stops the reply and closes its connection to the provider. False where there is none. */
  stop(key: string): Promise<boolean>
}

/** The key of a caller's stream: nobody else's id leads to it. */
export function streamKey(caller: Caller, id: string): string {
  return JSON.stringify([caller.id, id])
}
