import { RatatoskrError } from '../../errors.ts'
import type { ChatEvent, DoneEvent, FinishReason, Usage } from '../../event.ts'
import { isRecord } from '../../json/predicate.ts'
import { apiError } from '../api-error.ts'
import type { ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from '../reply-decoder.ts'
import type { Chunk, Delta } from './chunk.ts'
import { readImage, readUrlCitation, readWebSources } from './attachments.ts'
import { ExtraFields } from './extra-fields.ts'
import { ReasoningDetails } from './reasoning-details.ts'
import { ToolCalls } from './tool-calls.ts'
import { readUsage } from './usage.ts'

type Emit = (event: ChatEvent) => void

/** Options of {@link decodeReply}. */
export interface OpenAIChatReplyOptions extends ReplyDecoderOptions {
  /** The most characters kept of tool arguments and of reasoning that must be given back. */
  maxKeptSize?: number
  /** The host wants its `reasoning_content` back with the results of tool calls. */
  returnsReasoning?: boolean
}

/**
 * Decodes a reply of OpenAI's Chat Completions, and of the many hosts that copy it: chunks of a
 * stream, or one whole `chat.completion`. Several choices: the first is followed.
 *
 * The reply is complete at `[DONE]`, or at the end of the input after a finish reason. Throws a
 * `RatatoskrError`: `truncated` where the input ends before, the provider's own error where one
 * stands in the stream.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat-streaming
 *
 * @example
 * ```ts
 * import { openaiChat } from 'ratatoskr/dialects'
 *
 * const decoder = openaiChat.decodeReply()
 * decoder.push({ choices: [{ delta: { content: 'Hi' }, finish_reason: 'stop' }] }, console.log)
 * decoder.push('[DONE]', console.log)
 * ```
 */
export function decodeReply(options: OpenAIChatReplyOptions = {}): ReplyDecoder<Chunk | '[DONE]'> {
  return new OpenAIChatReplyDecoder(options)
}

class OpenAIChatReplyDecoder implements ReplyDecoder<Chunk | '[DONE]'> {
  phase: ReplyPhase = 'open'

  readonly #options: OpenAIChatReplyOptions
  readonly #maxKeptSize: number
  readonly #calls: ToolCalls
  readonly #details = new ReasoningDetails()
  readonly #extras: ExtraFields | undefined
  readonly #cited = new Set<string>()
  #keptReasoning = ''
  #finishReason: string | undefined
  #usage: Usage | undefined
  #id: string | undefined
  #model: string | undefined
  #sawDelta = false

  constructor(options: OpenAIChatReplyOptions) {
    this.#options = options
    this.#maxKeptSize = options.maxKeptSize ?? 64 * 1024 * 1024
    this.#calls = new ToolCalls(options.callId ?? ((i) => `call_${i}`), this.#maxKeptSize)
    this.#extras = options.includeProviderEvents === true ? new ExtraFields() : undefined
  }

  push(chunk: Chunk | '[DONE]', emit: Emit): void {
    if (this.phase === 'done') return
    if (chunk === '[DONE]') {
      if (this.#finishReason === undefined) this.#closeUnexplained(emit)
      this.#done(emit)
      return
    }
    if (this.#id === undefined && typeof chunk.id === 'string') this.#id = chunk.id || undefined
    if (this.#model === undefined && typeof chunk.model === 'string') {
      this.#model = chunk.model || undefined
    }
    const usage = chunk.usage ?? (isRecord(chunk.x_groq) ? chunk.x_groq['usage'] : undefined)
    if (usage !== undefined && usage !== null) this.#usage = readUsage(usage) ?? this.#usage
    if (chunk.citations != null || chunk.search_results != null) this.#takeSources(chunk, emit)

    let finished: string | undefined
    if (chunk.choices) {
      for (const choice of chunk.choices) {
        if (typeof choice.index === 'number' && choice.index !== 0) continue
        // A host that ignored `stream` sends a message; others repeat it beside their deltas.
        const delta = choice.delta ?? (this.#sawDelta ? undefined : choice.message)
        if (delta) this.#takeDelta(delta, emit)
        if (choice.finish_reason) finished = choice.finish_reason
      }
    }
    if (this.#extras?.anyNew(chunk) === true) {
      emit({ type: 'provider', dialect: 'openai-chat', data: chunk })
    }
    const isFailure = finished === 'error' || hasError(chunk)
    if (isFailure) throw apiError({ provider: this.#options.provider, body: chunk })
    if (finished !== undefined) this.#finish(finished, emit)
  }

  end(emit: Emit): void {
    if (this.phase === 'done') return
    if (this.#finishReason === undefined) throw this.#truncated()
    this.#done(emit)
  }

  #takeDelta(delta: Delta, emit: Emit): void {
    this.#sawDelta = true
    const details = delta.reasoning_details
    const detailed = details && details.length > 0 ? this.#details.take(details) : ''
    const reasoning = text(delta.reasoning_content) || text(delta.reasoning) || detailed
    if (reasoning !== '') this.#takeReasoning(reasoning, emit)

    const { content } = delta
    if (typeof content === 'string') {
      if (content !== '') emit({ type: 'content', text: content })
    } else if (content) {
      this.#takeParts(content, emit)
    }
    if (delta.refusal) emit({ type: 'refusal', text: delta.refusal })
    if (delta.tool_calls) for (const call of delta.tool_calls) this.#calls.take(call, emit)
    if (delta.function_call) this.#calls.take({ index: 0, function: delta.function_call }, emit)
    if (delta.annotations) {
      for (const annotation of delta.annotations) {
        const citation = readUrlCitation(annotation)
        if (citation) emit({ type: 'citation', citation })
      }
    }
    if (delta.images) {
      for (const part of delta.images) {
        const image = readImage(part)
        if (image) emit({ type: 'image', image })
      }
    }
    if (this.#details.size + this.#keptReasoning.length > this.#maxKeptSize) {
      throw new RatatoskrError(
        'too_large',
        `Cannot keep the reasoning that must be given back: it passes ${this.#maxKeptSize} characters.`,
      )
    }
  }

  #takeReasoning(piece: string, emit: Emit): void {
    if (this.#options.returnsReasoning === true) this.#keptReasoning += piece
    emit({ type: 'reasoning', text: piece })
  }

  /** Mistral's content is a list while it thinks: `thinking` parts and `text` parts. */
  #takeParts(parts: Exclude<Delta['content'], string | null | undefined>, emit: Emit): void {
    for (const part of parts) {
      if (Array.isArray(part.thinking)) {
        for (const thought of part.thinking) {
          const piece = isRecord(thought) ? text(thought['text']) : ''
          if (piece !== '') this.#takeReasoning(piece, emit)
        }
      } else {
        const thought = text(part.thinking)
        if (thought !== '') this.#takeReasoning(thought, emit)
      }
      if (part.text) emit({ type: 'content', text: part.text })
    }
  }

  /** Perplexity repeats its sources, which only grow, on every chunk. */
  #takeSources(chunk: Chunk, emit: Emit): void {
    for (const citation of readWebSources(chunk.search_results, chunk.citations)) {
      if (this.#cited.has(citation.url)) continue
      this.#cited.add(citation.url)
      emit({ type: 'citation', citation })
    }
  }

  #finish(reason: string, emit: Emit): void {
    this.#finishReason = reason
    this.#calls.close(false, emit)
    if (this.#calls.anyNameless && finishReasons[reason] !== 'length') {
      throw new RatatoskrError(
        'protocol',
        'Cannot read the reply: it holds a tool call without a name. ' +
          'The server does not keep to the format.',
      )
    }
    this.phase = 'complete'
  }

  /** The server ended on purpose, but never said why: only what is plainly whole counts. */
  #closeUnexplained(emit: Emit): void {
    if (!this.#calls.close(true, emit)) throw this.#truncated()
  }

  #done(emit: Emit): void {
    if (this.#usage !== undefined) emit({ type: 'usage', usage: this.#usage })
    const raw = this.#finishReason
    const mapped = raw === undefined ? 'other' : (finishReasons[raw] ?? 'other')
    const stopped = mapped === 'stop' || raw === undefined
    const event: DoneEvent = {
      type: 'done',
      finishReason: stopped && this.#calls.anyEnded ? 'tool_calls' : mapped,
    }
    if (raw !== undefined) event.rawFinishReason = raw
    if (this.#model !== undefined) event.model = this.#model
    if (this.#id !== undefined) event.id = this.#id
    const data = this.#continuation()
    if (data !== undefined) event.continuation = { dialect: 'openai-chat', data }
    this.phase = 'done'
    emit(event)
  }

  #continuation(): { [field: string]: unknown } | undefined {
    if (this.#details.list.length > 0) return { reasoning_details: this.#details.list }
    return this.#keptReasoning === '' ? undefined : { reasoning_content: this.#keptReasoning }
  }

  #truncated(): RatatoskrError {
    return new RatatoskrError(
      'truncated',
      'The reply was cut off: it ended before the provider said that it is complete. ' +
        'What had arrived is in error.partial; do not run its incomplete tool calls.',
      { provider: this.#options.provider, retryable: true },
    )
  }
}

/** What each word for the end means; any other is `other`. */
const finishReasons: { readonly [reason: string]: FinishReason } = {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
}

function hasError(chunk: Chunk): boolean {
  const { error } = chunk
  if (error !== undefined && error !== null) return error !== '' && error !== false
  return 'object' in chunk && chunk.object === 'error'
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
