import { RatatoskrError } from './errors.ts'
import type { ChatEvent, Citation, DoneEvent, GeneratedImage, Usage } from './event.ts'
import type { AssistantMessage, ToolCall } from './message.ts'
import type { ChatResponse, PartialChatResponse } from './response.ts'

/** 64 MiB */
const defaultMaxBytes = 64 * 1024 * 1024

interface CollectedCall {
  id: string
  name: string
  custom: boolean
  arguments: TextBlocks
  ended: boolean
}

/** Puts a reply together, event by event. */
export class Collector {
  readonly #maxBytes: number
  readonly #content = new TextBlocks()
  readonly #reasoning = new TextBlocks()
  readonly #refusal = new TextBlocks()
  readonly #calls: CollectedCall[] = []
  readonly #citations: Citation[] = []
  readonly #images: GeneratedImage[] = []
  #usage: Usage | undefined
  #done: DoneEvent | undefined
  #bytes = 0

  constructor(maxBytes: number = defaultMaxBytes) {
    this.#maxBytes = maxBytes
  }

  /** Takes the next event. Throws with code `too_large` where the reply passes the limit. */
  add(event: ChatEvent): void {
    switch (event.type) {
      case 'content':
        this.#keep(this.#content, event.text)
        break
      case 'reasoning':
        this.#keep(this.#reasoning, event.text)
        break
      case 'refusal':
        this.#keep(this.#refusal, event.text)
        break
      case 'tool_call_start':
        this.#calls[event.index] = {
          id: event.id,
          name: event.name,
          custom: event.kind === 'custom',
          arguments: new TextBlocks(),
          ended: false,
        }
        break
      case 'tool_call_delta': {
        const call = this.#calls[event.index]
        if (call) this.#keep(call.arguments, event.arguments)
        break
      }
      case 'tool_call_end': {
        const call = this.#calls[event.index]
        if (call) call.ended = true
        break
      }
      case 'citation':
        this.#count(JSON.stringify(event.citation).length)
        this.#citations.push(event.citation)
        break
      case 'image':
        this.#count((event.image.data ?? event.image.url ?? '').length)
        this.#images.push(event.image)
        break
      case 'usage':
        this.#usage = event.usage
        break
      case 'done':
        this.#done = event
        break
      case 'provider':
        break
    }
  }

  /** The whole reply. */
  response(done: DoneEvent): ChatResponse {
    return { ...this.partial(), finishReason: done.finishReason }
  }

  /** What has been collected so far. */
  partial(): PartialChatResponse {
    const content = this.#content.join()
    const reasoning = this.#reasoning.join()
    const refusal = this.#refusal.join()
    const calls = this.#calls.filter((call) => call !== undefined)
    const toolCalls = calls.filter((call) => call.ended).map(toToolCall)
    const incomplete = calls.filter((call) => !call.ended).map(toToolCall)
    const { finishReason, rawFinishReason, model, id, continuation } = this.#done ?? {}

    const extras = {
      ...(reasoning === '' ? {} : { reasoning }),
      ...(refusal === '' ? {} : { refusal }),
      ...(this.#images.length === 0 ? {} : { images: [...this.#images] }),
    }
    const message: AssistantMessage = {
      role: 'assistant',
      content,
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
      ...extras,
      ...(continuation === undefined ? {} : { continuation }),
    }
    return {
      content,
      ...extras,
      toolCalls,
      ...(incomplete.length === 0 ? {} : { incompleteToolCalls: incomplete }),
      ...(this.#citations.length === 0 ? {} : { citations: [...this.#citations] }),
      ...(this.#usage === undefined ? {} : { usage: this.#usage }),
      ...(model === undefined ? {} : { model }),
      ...(id === undefined ? {} : { id }),
      ...(finishReason === undefined ? {} : { finishReason }),
      ...(rawFinishReason === undefined ? {} : { rawFinishReason }),
      message,
    }
  }

  #keep(blocks: TextBlocks, text: string): void {
    this.#count(text.length)
    blocks.add(text)
  }

  #count(characters: number): void {
    this.#bytes += characters * 2
    if (this.#bytes > this.#maxBytes) {
      throw new RatatoskrError(
        'too_large',
        `Cannot collect the reply: it passes ${this.#maxBytes} bytes. ` +
          'Raise maxResponseBytes, or set collect to false and handle the events as they come.',
      )
    }
  }
}

function toToolCall(call: CollectedCall): ToolCall {
  const { id, name, custom, ended } = call
  const text = call.arguments.join()
  if (custom) return { id, name, arguments: text, kind: 'custom' }
  return { id, name, arguments: ended && text.trim() === '' ? '{}' : text }
}

/**
 * Text that grows by small pieces. Concatenating them would keep a node for each piece alive
 * until somebody reads the whole; a list of them, an entry.
 */
class TextBlocks {
  readonly #blocks: string[] = []
  #pieces: string[] = []

  add(piece: string): void {
    if (this.#pieces.push(piece) === 1024) {
      this.#blocks.push(this.#pieces.join(''))
      this.#pieces = []
    }
  }

  join(): string {
    return this.#blocks.join('') + this.#pieces.join('')
  }
}
