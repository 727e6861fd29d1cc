import { checkSize, defaultLimit } from './errors.ts'
import type { ChatEvent, DoneEvent } from './event.ts'
import type { ToolCall } from './message.ts'
import type { PartialChatResponse } from './response.ts'

/** Puts a reply together, event by event. */
export interface Collector {
  /** Takes the next event. Throws with code `too_large` where the reply passes the limit. */
  add(event: ChatEvent): void
  /** What has been collected so far. */
  partial(): PartialChatResponse
}

/**
 * Makes a {@link Collector}.
 *
 * @param maxBytes Of UTF-16. Default: 64 MiB.
 */
export function createCollector(maxBytes: number = defaultLimit): Collector {
  const texts: { [type: string]: TextBlocks } = {}
  const calls: { call: ToolCall; text: TextBlocks; ended: boolean }[] = []
  const rest: Pick<PartialChatResponse, 'citations' | 'images' | 'usage'> = {}
  let done: Partial<DoneEvent> = {}
  let bytes = 0

  const keep = (text: string, blocks?: TextBlocks): void => {
    bytes += text.length * 2
    checkSize('maxResponseBytes', bytes, maxBytes)
    blocks?.add(text)
  }

  const callsThat = (haveEnded: boolean): ToolCall[] =>
    calls
      .filter(({ ended }) => ended === haveEnded)
      .map(({ call, text }) => {
        const pieces = text.join()
        const isNone = haveEnded && !call.kind && !pieces.trim()
        return { ...call, arguments: isNone ? '{}' : pieces }
      })

  return {
    add(event) {
      switch (event.type) {
        case 'tool_call_start': {
          const { index, id, name, kind } = event
          keep(id + name)
          const call = { id, name, arguments: '', ...(kind && { kind }) }
          calls[index] = { call, text: new TextBlocks(), ended: false }
          break
        }
        case 'tool_call_delta':
          keep(event.arguments, calls[event.index]?.text)
          break
        case 'tool_call_end': {
          const call = calls[event.index]
          if (call) call.ended = true
          break
        }
        case 'citation':
          keep(JSON.stringify(event.citation))
          ;(rest.citations ??= []).push(event.citation)
          break
        case 'image':
          keep(JSON.stringify(event.image))
          ;(rest.images ??= []).push(event.image)
          break
        case 'usage':
          rest.usage = event.usage
          break
        case 'done':
          done = event
          break
        case 'provider':
          break
        default:
          keep(event.text, (texts[event.type] ??= new TextBlocks()))
      }
    },

    partial() {
      const { content, reasoning, refusal } = texts
      const { type: _, continuation, ...end } = done
      const { images, ...others } = structuredClone(rest)
      const toolCalls = callsThat(true)
      const incompleteToolCalls = callsThat(false)
      const common = {
        content: content?.join() ?? '',
        ...(reasoning && { reasoning: reasoning.join() }),
        ...(refusal && { refusal: refusal.join() }),
        ...(images && { images }),
      }
      return {
        ...common,
        toolCalls,
        ...(incompleteToolCalls[0] && { incompleteToolCalls }),
        ...others,
        ...end,
        message: {
          role: 'assistant',
          ...common,
          ...(toolCalls[0] && { toolCalls }),
          ...(continuation && { continuation }),
        },
      }
    },
  }
}

/**
 * Text that grows by small pieces. Concatenating them would keep a node for each piece alive
 * until somebody reads the whole; a list of them, an entry.
 */
class TextBlocks {
  #blocks = ''
  #pieces: string[] = []

  add(piece: string): void {
    if (this.#pieces.push(piece) > 1023) this.join()
  }

  join(): string {
    this.#blocks += this.#pieces.join('')
    this.#pieces = []
    return this.#blocks
  }
}
