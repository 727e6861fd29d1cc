import {
  createGateway,
  isRatatoskrError,
  toolResult,
  user,
  type AssistantMessage,
  type ChatStream,
  type Provider,
} from 'ratatoskr'
import type { Tape } from '@ratatoskr/testkit'
import { Observable } from '../observable.ts'
import type { Trace, TraceWriter } from '../chain/trace.ts'
import { Reply } from './reply.ts'
import { RunningReplies } from './running-replies.ts'
import type { Settings } from './settings.ts'
import { turnsOf } from './turns-of.ts'
import { messagesOf, type ResultsTurn, type Turn } from './turn.ts'

/** The result that somebody gives for a call. */
export interface GivenResult {
  id: string
  name: string
  text: string
  isError: boolean
}

/** Who is told of what becomes of a request. */
export interface ReplyObserver {
  /** What was answered, recorded; undefined where there is nothing whole to be played. */
  onTape: (tape: Tape | undefined) => void
  /** The reply can be continued by this id. Comes before the request is sent. */
  onId: (id: string) => void
  /** The connection is lost and being made again, or it is there again. */
  onLink: (isUp: boolean) => void
}

/** What opens replies, for the conversation. */
export interface Line {
  /** The provider of the settings as they are now. What it answers is recorded. */
  provider(settings: Settings, trace: TraceWriter, observer: ReplyObserver): Promise<Provider>
  /** A provider that continues the reply of an id, at the relay of the settings. */
  resumed(
    settings: Settings,
    id: string,
    trace: TraceWriter,
    observer: ReplyObserver,
  ): Promise<Provider>
  /** A provider that plays a tape. */
  player(tape: Tape, speed: number, trace: TraceWriter): Promise<Provider>
}

/** The conversation: what was said, and the reply that is coming. */
export class Conversation extends Observable {
  turns: readonly Turn[] = []
  /** The last reply, for saving. */
  tape: Tape | undefined
  /** How fast tapes are played: 1 is their own pace. */
  speed = 1
  /** What a screen reader is told. */
  announcement = ''
  /** What was done at the user's wish, to be seen as well: copied, saved. */
  notice = ''
  readonly #settings: Settings
  readonly #trace: Trace
  readonly #line: Line
  readonly #running: RunningReplies
  #stop: AbortController | undefined

  constructor(settings: Settings, trace: Trace, line: Line, storage?: Storage) {
    super()
    this.#running = new RunningReplies(storage)
    this.#settings = settings
    this.#trace = trace
    this.#line = line
  }

  get isRunning(): boolean {
    return this.#stop !== undefined
  }

  /** The last turn, where it is a reply. */
  get lastReply(): Reply | undefined {
    const last = this.turns.at(-1)
    return last?.kind === 'reply' ? last.reply : undefined
  }

  /** The calls of the last reply, which wait for results. */
  get openCalls(): Reply['openCalls'] {
    const last = this.turns.at(-1)
    return last?.kind === 'reply' && !last.isTape ? last.reply.openCalls : []
  }

  /** Says something. Calls that still wait for a result are answered with that nobody ran them. */
  send(text: string): Promise<void> {
    const unanswered = this.openCalls.map(({ id, name }) => ({
      id,
      name,
      text: 'The user did not run this tool.',
      isError: true,
    }))
    const results = unanswered.length > 0 ? [resultsTurn(unanswered)] : []
    return this.#ask([...this.turns, ...results, { kind: 'user', text }])
  }

  /** Gives the results of the calls, and lets the model go on. */
  giveResults(results: readonly GivenResult[]): Promise<void> {
    return this.#ask([...this.turns, resultsTurn(results)])
  }

  /** Whether the last reply has lost its connection to a relay, at which it may still run. */
  get isLost(): boolean {
    const { lastReply } = this
    return lastReply !== undefined && wasLost(lastReply)
  }

  /** Continues the reply that ran at a relay when the page was loaded anew, if there is one. */
  async resume(): Promise<void> {
    const kept = this.#running.read()
    if (kept === undefined) return
    this.#settings.change({ ...kept.settings, connection: 'relay' })
    await this.#continue(turnsOf(kept.messages), kept.id)
  }

  /** Asks for the last reply again; one that was lost on the way from a relay is continued. */
  async retry(): Promise<void> {
    const { lastReply, isLost } = this
    if (isLost && lastReply?.id !== undefined) {
      await this.#continue(this.turns.slice(0, -1), lastReply.id)
      return
    }
    const before = this.turns.at(-1)?.kind === 'reply' ? this.turns.slice(0, -1) : this.turns
    const last = before.at(-1)
    if (last?.kind === 'tape') await this.#play(before, last.tape)
    else if (last !== undefined) await this.#ask(before)
  }

  /** Plays a tape as a reply of its own. */
  play(tape: Tape, title: string): Promise<void> {
    return this.#play([...this.turns, { kind: 'tape', title, tape }], tape)
  }

  stop(): void {
    this.#stop?.abort()
  }

  /** Begins a new conversation. */
  clear(): void {
    this.stop()
    this.#running.clear()
    this.turns = []
    this.tape = undefined
    this.#trace.restart()
    this.announce('New conversation.')
  }

  announce(text: string): void {
    this.announcement = text
    this.notice = ''
    this.changed()
  }

  /** Announces what was done at the user's wish, and shows it. */
  notify(text: string): void {
    this.announcement = text
    this.notice = text
    this.changed()
  }

  #ask(turns: readonly Turn[]): Promise<void> {
    const settings = this.#settings
    const { connection, model, sentModel, chatOptions, values } = settings
    const messages = messagesOf(turns, values.systemPrompt)
    const reply = new Reply(`${connection.label} · ${model}`, connection.id)
    const { models, baseURLs, dialect, simulation, systemPrompt, tools } = values
    const asked = { models, baseURLs, dialect, simulation, systemPrompt, tools }
    return this.#run(turns, reply, false, async (signal, trace) => {
      const provider = await this.#line.provider(settings, trace, {
        ...this.#observing(reply),
        onId: (id) => {
          reply.id = id
          this.#running.keep({ id, messages, settings: asked })
        },
      })
      const options = { ...chatOptions, model: sentModel, signal, includeProviderEvents: true }
      reply.sent()
      return createGateway({ providers: [provider] }).chatStream(messages, options)
    })
  }

  #continue(turns: readonly Turn[], id: string): Promise<void> {
    const settings = this.#settings
    const { connection, model } = settings
    const reply = new Reply(`${connection.label} · ${model}, continued`, connection.id)
    reply.id = id
    return this.#run(turns, reply, false, async (signal, trace) => {
      const observer = { ...this.#observing(reply), onId: () => {} }
      const provider = await this.#line.resumed(settings, id, trace, observer)
      reply.sent()
      // What is asked is known at the relay.
      const gateway = createGateway({ providers: [provider], retry: false })
      return gateway.chatStream([user('…')], { model: id, signal })
    })
  }

  /** A reply that was given up may end late: nobody is told. */
  #observing(reply: Reply): Pick<ReplyObserver, 'onTape' | 'onLink'> {
    return {
      onTape: (tape) => {
        if (this.lastReply !== reply) return
        this.tape = tape
        this.changed()
      },
      onLink: (isUp) => {
        if (this.lastReply !== reply || !reply.link(isUp)) return
        this.announce(isUp ? 'The connection is back.' : 'The connection is lost. Trying again.')
      },
    }
  }

  #play(turns: readonly Turn[], tape: Tape): Promise<void> {
    const reply = new Reply('Tape')
    return this.#run(turns, reply, true, async (signal, trace) => {
      const provider = await this.#line.player(tape, this.speed, trace)
      const gateway = createGateway({ providers: [provider], retry: false })
      const asked = [{ role: 'user' as const, content: 'The reply is on tape.' }]
      reply.sent()
      return gateway.chatStream(asked, { model: 'tape', signal, includeProviderEvents: true })
    })
  }

  async #run(
    turns: readonly Turn[],
    reply: Reply,
    isTape: boolean,
    open: (signal: AbortSignal, trace: TraceWriter) => Promise<ChatStream>,
  ): Promise<void> {
    this.stop()
    if (reply.id === undefined) this.#running.clear()
    const stop = new AbortController()
    this.#stop = stop
    this.tape = undefined
    this.turns = [...turns, { kind: 'reply', reply, isTape }]
    const trace = this.#trace.restart()
    this.announce('Waiting for the reply.')
    let stream: ChatStream | undefined
    try {
      // A chunk of the page itself may still be on its way.
      stream = await untilAborted(open(stop.signal, trace), stop.signal)
      this.announce('The reply is coming.')
      for await (const event of stream) reply.add(event)
      const { message } = await stream.response()
      reply.complete(message, stream.requestId)
    } catch (error) {
      const message = partialMessage(stream, error)
      if (stop.signal.aborted) reply.stop(message)
      else reply.fail(error, message)
    }
    if (reply.id !== undefined && !wasLost(reply)) this.#running.forget(reply.id)
    if (this.#stop === stop) this.#stop = undefined
    if (this.lastReply === reply) this.announce(outcome(reply))
    else this.changed()
  }
}

/** Whether a reply has failed on the way from a relay: then it is the client that names it. */
function wasLost({ id, state, error }: Reply): boolean {
  return state === 'failed' && id !== undefined && isRatatoskrError(error) && error.requestId === id
}

function resultsTurn(results: readonly GivenResult[]): ResultsTurn {
  return {
    kind: 'results',
    results: results.map(({ id, name, text, isError }) => ({
      name,
      message: toolResult(id, text, { isError }),
    })),
  }
}

function partialMessage(
  stream: ChatStream | undefined,
  error: unknown,
): AssistantMessage | undefined {
  if (stream) return stream.partial.message
  return isRatatoskrError(error) ? error.partial?.message : undefined
}

function outcome({ state, content, calls }: Reply): string {
  if (state === 'stopped') return 'Stopped. What had come is kept.'
  if (state === 'failed') return 'The reply has failed. What to do stands below it.'
  const words = content.toString().match(/\S+/g)?.length ?? 0
  const waiting = calls.length > 0 ? ` ${calls.length} tool calls wait for results.` : ''
  return `The reply is complete: ${words} words.${waiting}`
}

async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    promise.then(resolve, reject)
  })
}
