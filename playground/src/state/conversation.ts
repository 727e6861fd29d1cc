import {
  createGateway,
  isRatatoskrError,
  toolResult,
  type AssistantMessage,
  type ChatStream,
  type Provider,
} from 'ratatoskr'
import type { Tape } from '@ratatoskr/testkit'
import { Observable } from '../observable.ts'
import type { Trace, TraceWriter } from '../chain/trace.ts'
import { Reply } from './reply.ts'
import type { Settings } from './settings.ts'
import { messagesOf, type ResultsTurn, type Turn } from './turn.ts'

/** The result that somebody gives for a call. */
export interface GivenResult {
  id: string
  name: string
  text: string
  isError: boolean
}

/** What opens replies, for the conversation. */
export interface Line {
  /** The provider of the settings as they are now. What it answers is recorded. */
  provider(settings: Settings, trace: TraceWriter, onTape: (tape: Tape) => void): Promise<Provider>
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
  #stop: AbortController | undefined

  constructor(settings: Settings, trace: Trace, line: Line) {
    super()
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

  /** Asks for the last reply again. */
  async retry(): Promise<void> {
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
    const { connection, model, chatOptions, values } = settings
    const messages = messagesOf(turns, values.systemPrompt)
    const reply = new Reply(`${connection.label} · ${model}`, connection.id)
    return this.#run(turns, reply, false, async (signal, trace) => {
      const onTape = (tape: Tape): void => {
        // A reply that was given up may end late.
        if (this.lastReply !== reply) return
        this.tape = tape
        this.changed()
      }
      const provider = await this.#line.provider(settings, trace, onTape)
      const options = { ...chatOptions, model, signal, includeProviderEvents: true }
      reply.sent()
      return createGateway({ providers: [provider] }).chatStream(messages, options)
    })
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
    if (this.#stop === stop) this.#stop = undefined
    if (this.lastReply === reply) this.announce(outcome(reply))
    else this.changed()
  }
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
