import type {
  AssistantMessage,
  ChatEvent,
  Citation,
  FinishReason,
  GeneratedImage,
  ToolCall,
  Usage,
} from 'ratatoskr'
import { Observable } from '../observable.ts'
import { GrowingText } from './growing-text.ts'

/** How far a reply has come. */
export type ReplyState = 'waiting' | 'streaming' | 'complete' | 'stopped' | 'failed'

/** A tool call as it forms. */
export interface ShownCall {
  id: string
  name: string
  arguments: GrowingText
  /** `cut`: the reply ended before the call did; it must not be run. */
  state: 'forming' | 'complete' | 'cut'
}

/** When things happened, in milliseconds of `performance.now()`. */
export interface ReplyTimes {
  began: number
  firstEvent?: number
  ended?: number
}

/** One reply as the page shows it, while it comes and after. */
export class Reply extends Observable {
  readonly content: GrowingText = new GrowingText()
  readonly reasoning: GrowingText = new GrowingText()
  readonly refusal: GrowingText = new GrowingText()
  readonly calls: ShownCall[] = []
  readonly citations: Citation[] = []
  readonly images: GeneratedImage[] = []
  readonly times: ReplyTimes
  /** Who was asked: provider and model. */
  readonly asked: string
  /** The id of the connection; undefined where it is a tape. */
  readonly connection: string | undefined
  /** By which it can be continued; undefined where it cannot. */
  id: string | undefined
  /** Its connection is lost, and being made again. */
  isCut = false
  state: ReplyState = 'waiting'
  events = 0
  /** When the last of the reasoning came. */
  reasoned: number | undefined
  usage: Usage | undefined
  finishReason: FinishReason | undefined
  rawFinishReason: string | undefined
  model: string | undefined
  requestId: string | undefined
  error: unknown
  /** The turn for the history; undefined while it comes, and where nothing came. */
  message: AssistantMessage | undefined
  readonly #now: () => number

  constructor(asked: string, connection?: string, now: () => number = () => performance.now()) {
    super()
    this.asked = asked
    this.connection = connection
    this.#now = now
    this.times = { began: now() }
  }

  get isRunning(): boolean {
    return this.state === 'waiting' || this.state === 'streaming'
  }

  /** The request goes out now. */
  sent(): void {
    this.times.began = this.#now()
  }

  /** Its connection is there, or lost. Returns whether that is news. */
  link(isUp: boolean): boolean {
    if (!this.isRunning || this.isCut === !isUp) return false
    this.isCut = !isUp
    this.changed()
    return true
  }

  add(event: ChatEvent): void {
    this.events += 1
    // What has no unified form is not yet the reply.
    if (event.type !== 'provider') {
      this.times.firstEvent ??= this.#now()
      this.state = 'streaming'
    }
    switch (event.type) {
      case 'content':
        this.content.append(event.text)
        break
      case 'reasoning':
        this.reasoning.append(event.text)
        this.reasoned = this.#now()
        break
      case 'refusal':
        this.refusal.append(event.text)
        break
      case 'tool_call_start': {
        const { id, name } = event
        this.calls[event.index] = { id, name, arguments: new GrowingText(), state: 'forming' }
        break
      }
      case 'tool_call_delta':
        this.calls[event.index]?.arguments.append(event.arguments)
        break
      case 'tool_call_end': {
        const call = this.calls[event.index]
        if (call) call.state = 'complete'
        break
      }
      case 'citation':
        this.citations.push(event.citation)
        break
      case 'image':
        this.images.push(event.image)
        break
      case 'usage':
        this.usage = event.usage
        break
      case 'done':
        this.finishReason = event.finishReason
        this.rawFinishReason = event.rawFinishReason
        this.model = event.model
        break
      case 'provider':
        break
    }
    this.changed()
  }

  /** The reply is whole. */
  complete(message: AssistantMessage, requestId: string | undefined): void {
    this.message = message
    this.requestId = requestId
    this.#end('complete')
  }

  /** Somebody pressed Stop. */
  stop(message: AssistantMessage | undefined): void {
    this.message = message
    this.#end('stopped')
  }

  fail(error: unknown, message: AssistantMessage | undefined): void {
    this.error = error
    this.message = message
    this.#end('failed')
  }

  /** The calls that wait for a result. */
  get openCalls(): readonly ToolCall[] {
    return this.state === 'complete' ? (this.message?.toolCalls ?? []) : []
  }

  /** Events a second, from the first to the last; undefined before there are two. */
  get rate(): number | undefined {
    const { firstEvent, ended = this.#now() } = this.times
    if (firstEvent === undefined || this.events < 2 || ended <= firstEvent) return undefined
    return ((this.events - 1) * 1000) / (ended - firstEvent)
  }

  #end(state: ReplyState): void {
    this.state = state
    this.isCut = false
    this.times.ended = this.#now()
    for (const call of this.calls) if (call.state === 'forming') call.state = 'cut'
    this.changed()
  }
}
