import { fetchEventSource, type EventSourceMessage } from '@microsoft/fetch-event-source'
import {
  isRatatoskrError,
  RatatoskrError,
  type ChatEvent,
  type ChatEventSource,
  type OpenContext,
} from 'ratatoskr'
import type { Ask } from './ask.ts'
import { Attempt, lost } from './attempt.ts'
import { isChatEvent, isOtherEvent } from './is-chat-event.ts'
import { LineReader } from './line-reader.ts'
import { parse, readFailure, readRefusal } from './read-failure.ts'
import { longestWait, type ReconnectOptions } from './reconnect-options.ts'
import { untilOnline } from './until-online.ts'

/** One reply of a relay's `/chat`. */
export interface RelayedReplyOptions {
  ask: Ask
  id: string
  /** What begins it; without, it is there already. */
  body?: string
  /** How many of its events are there already. */
  after: number
  /** It was asked for before, so an offline browser is waited for. */
  again: boolean
  reconnect: Required<ReconnectOptions>
  context: OpenContext
}

/** Resolves once the relay has answered that the reply is there. Until then no failure is tried again. */
export async function openRelayedReply(options: RelayedReplyOptions): Promise<ChatEventSource> {
  const reply = new RelayedReply(options)
  await reply.opened
  return reply
}

/** What {@link RelayedReply.read} was asked. */
interface Reading {
  emit: (event: ChatEvent) => void
  resolve: (goesOn: boolean) => void
  reject: (error: unknown) => void
}

const provider = 'relay'
const accept = 'text/event-stream'

/**
 * A reply that is followed over its connections by fetch-event-source, which parses them and comes back after a wait.
 * All else is told to it by its options, for it would otherwise
 * - ask again when the tab is shown (`openWhenHidden`), and leave listeners behind (its signal is of this reply alone);
 * - read without being asked, and copy long lines again and again (`fetch` gives it a body of whole lines on demand);
 * - say what it has *begun* to read in `last-event-id` (`fetch` says what was delivered);
 * - try any failure again, for ever (`onerror`), and take a lost connection for the end (`onclose`).
 */
class RelayedReply implements ChatEventSource {
  readonly requestId: string
  readonly opened: Promise<void>
  headers: Headers | undefined
  readonly #options: RelayedReplyOptions
  readonly #ending = new AbortController()
  #open = (): void => {}
  #refuse: (error: unknown) => void = () => {}
  /** The relay has answered. */
  #answered = false
  /** Nothing more is wanted; for what reason, where it is not the reply's end. */
  #over = false
  #error: unknown
  /** The id of the last event that was delivered. */
  #last: number
  /** Since then. */
  #tries = 0
  /** What no other try can mend. */
  #fatal = false
  #reading: Reading | undefined
  #wake = (): void => {}

  constructor(options: RelayedReplyOptions) {
    const { id, after, context } = options
    this.#options = options
    this.requestId = id
    this.#last = after
    this.opened = new Promise((resolve, reject) => {
      this.#open = resolve
      this.#refuse = reject
    })
    context.signal.addEventListener('abort', this.#onAbort)
    fetchEventSource('', {
      openWhenHidden: true,
      signal: this.#ending.signal,
      fetch: (_, init) => this.#connect(init?.signal ?? this.#ending.signal),
      onopen: async () => {},
      onmessage: (message) => this.#take(message),
      onclose: () => {
        if (!this.#over) throw lost('The connection ended before the reply.')
      },
      onerror: (error) => this.#delayAfter(error),
    }).catch((error: unknown) => this.#end(error))
  }

  read(emit: (event: ChatEvent) => void): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#reading = { emit, resolve, reject }
      if (this.#over) this.#settle()
      else this.#wake()
    })
  }

  /** Also at the relay, and so at the provider. */
  cancel(reason: unknown = new RatatoskrError('cancelled', 'The reply was given up.')): void {
    if (this.#over) return
    this.#end(reason)
    const { ask, id } = this.#options
    // The page may be about to go.
    ask
      .send(`/chat/${id}`, { method: 'DELETE', keepalive: true })
      .then((response) => response.body?.cancel())
      .catch(() => {})
  }

  readonly #onAbort = (): void => this.cancel(this.#options.context.signal.reason)

  /** One try. The signal is that of the library, which aborts it when the reply ends. */
  async #connect(signal: AbortSignal): Promise<Response> {
    const { ask, id, body, again, reconnect, context } = this.#options
    if (this.#answered || again) await untilOnline(reconnect.maxDelay, signal)
    const attempt = new Attempt(signal)
    const { headers: patience } = context.timeouts
    const time = this.#answered ? least(patience, reconnect.silence) : patience
    // What has begun is asked for by its id: the messages need not go up again, and nothing can begin anew.
    const isNew = body !== undefined && this.#last === 0
    const headers = new Headers({ accept, ...(isNew && { 'content-type': 'application/json' }) })
    if (this.#last > 0) headers.set('last-event-id', String(this.#last))
    const sent = ask.send(isNew ? '/chat' : `/chat/${id}`, {
      method: isNew ? 'POST' : 'GET',
      headers,
      cache: 'no-store',
      signal: attempt.signal,
      ...(isNew && { body }),
    })
    const response = await attempt.within(sent, time, 'The relay did not answer in time')
    const isStream = response.headers.get('content-type')?.startsWith(accept) ?? false
    if (!response.ok || !isStream || !response.body) {
      const refusal = await attempt.within(readRefusal(response), time, 'The relay fell silent')
      attempt.abort()
      throw this.#judge(refusal)
    }
    this.#answered = true
    this.headers ??= response.headers
    this.#open()
    return new Response(this.#onDemand(response.body, attempt))
  }

  /** Whether a refusal may pass, once there has been an answer; before, the gateway knows. */
  #judge(refusal: RatatoskrError): RatatoskrError {
    const isRelays = refusal.body === undefined
    // A reply that never began will not: its failure is kept.
    const passes = isRelays ? refusal.retryable && this.#last > 0 : refusal.status !== 401
    this.#fatal = !passes
    return refusal
  }

  /** The library reads ahead of nobody: each piece waits until {@link read} is called. */
  #onDemand(body: ReadableStream<Uint8Array<ArrayBuffer>>, attempt: Attempt): ReadableStream {
    const lines = new LineReader(body)
    attempt.signal.addEventListener('abort', () => lines.cancel(), { once: true })
    const silence = least(this.#options.context.timeouts.idle, this.#options.reconnect.silence)
    let given = false
    return new ReadableStream<Uint8Array>(
      {
        // Called when the library wants more: it has seen all that it was given.
        pull: async (controller) => {
          if (given) this.#settle()
          given = false
          if (!this.#reading && !this.#over) {
            await new Promise<void>((resolve) => {
              this.#wake = resolve
            })
          }
          const piece = this.#over
            ? undefined
            : await attempt.within(lines.read(), silence, 'The relay fell silent')
          if (piece) controller.enqueue(piece)
          else controller.close()
          given = true
        },
      },
      { highWaterMark: 0 },
    )
  }

  #take({ id, event, data }: EventSourceMessage): void {
    // A comment alone makes an empty message.
    if (this.#over || !data) return
    if (event === 'error') this.#fail(readFailure(data) ?? notOurs('an error that is none'))
    const number = Number(id)
    // Delivered already, by a relay that begins anew.
    if (number > 0 && number <= this.#last) return
    if (number !== this.#last + 1) this.#fail(notOurs(`event ${id || '?'} after ${this.#last}`))
    const sent = parse(data)
    const isKnown = isChatEvent(sent)
    // A newer relay may have more types.
    if (!isKnown && !isOtherEvent(sent)) this.#fail(notOurs('an event that is none'))
    this.#last = number
    this.#tries = 0
    if (!isKnown) return
    this.#reading?.emit(sent)
    if (sent.type === 'done') this.#end()
  }

  #fail(error: RatatoskrError): never {
    this.#fatal = true
    error.provider ??= provider
    throw error
  }

  /** Milliseconds until the next try. Throws where there is none, with which the library gives up. */
  #delayAfter(error: unknown): number {
    const { limit, minDelay, maxDelay } = this.#options.reconnect
    const retryAfter = isRatatoskrError(error) ? error.retryAfter : undefined
    if (!this.#answered || this.#fatal) throw error
    this.#tries += 1
    if (this.#tries > limit) throw this.#givenUp(error)
    const backoff = Math.min(maxDelay, minDelay * 2 ** (this.#tries - 1))
    return Math.max(backoff * (1 - Math.random() / 2), Math.min(retryAfter ?? 0, longestWait))
  }

  #givenUp(cause: unknown): unknown {
    const { limit } = this.#options.reconnect
    const begun = this.#last > this.#options.after
    return new RatatoskrError(
      begun ? 'truncated' : 'network',
      `The connection to the relay was lost, and ${limit} tries did not bring it back; resume() continues the reply while the relay keeps it.`,
      // Whoever asks before the first event asks for another reply, while this one may still run.
      { provider, requestId: this.requestId, retryable: begun, cause },
    )
  }

  /** Settles all that waits, and closes the connection. */
  #end(error?: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    this.#options.context.signal.removeEventListener('abort', this.#onAbort)
    this.#refuse(error)
    this.#settle()
    this.#wake()
    this.#ending.abort()
  }

  #settle(): void {
    const reading = this.#reading
    this.#reading = undefined
    if (this.#error === undefined) reading?.resolve(!this.#over)
    else reading?.reject(this.#error)
  }
}

function notOurs(what: string): RatatoskrError {
  return new RatatoskrError('protocol', `The relay sent ${what}; is url that of a relay?`)
}

function least(time: number | false, other: number): number {
  return time === false ? other : Math.min(time, other)
}
