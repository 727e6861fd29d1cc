import { checkSize, cutOff, defaultLimit, need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent, Continuation, FinishReason, Usage } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { apiError } from '../api-error.ts'
import { count } from '../count.ts'
import type { ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from '../reply-decoder.ts'
import type { Chunk } from './chunk.ts'
import { readInvokeChunk } from './invoke-chunk.ts'

type Emit = (event: ChatEvent) => void
type Fields = { readonly [field: string]: unknown }

const dialect = 'bedrock'

/** A content block while it comes. */
interface Block {
  /** Characters of the reply's content. */
  length: number
  call?: { index: number; id: string; text: string; ended: boolean }
  /** Reasoning, with what proves that it is the model's. */
  thought?: { text: string; signature: string; redacted: string[] }
  format: string
}

/**
 * Decodes a reply of Amazon Bedrock's ConverseStream.
 *
 * The reply is complete at `messageStop`, behind which the counts come. Throws a `RatatoskrError`:
 * `truncated` where the input ends before, the service's own error where an exception comes. The
 * calls of tools on Amazon's side are provider events. The `continuation` of `done` holds signed and
 * redacted reasoning. The text of Titan, Llama and Command in their own formats is read, too; that
 * of Claude in its own is Anthropic's dialect.
 *
 * Format: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 *
 * @example
 * ```ts
 * import { bedrock } from 'ratatoskr/dialects'
 *
 * const decoder = bedrock.decodeReply()
 * const delta = { text: 'Hi' }
 * decoder.push({ contentBlockDelta: { contentBlockIndex: 0, delta } }, console.log)
 * decoder.push({ messageStop: { stopReason: 'end_turn' } }, console.log)
 * decoder.end(console.log)
 * ```
 */
export function decodeReply(options: ReplyDecoderOptions = {}): ReplyDecoder<Chunk> {
  const { provider, callId = (i: number): string => `call_${i}`, includeProviderEvents } = options
  const blocks = new Map<number, Block>()
  let phase: ReplyPhase = 'open'
  let raw = ''
  let stopped = false
  let usage: Usage | undefined
  let calls = 0
  let size = 0

  const keep = (text: string): string => {
    size += text.length
    checkSize('the limit of what is kept', size, defaultLimit)
    return text
  }
  const blockAt = (index: number | null | undefined): Block => {
    const known = blocks.get(index ?? 0)
    if (known) return known
    const made: Block = { length: 0, format: '' }
    blocks.set(index ?? 0, made)
    return made
  }

  /** Whether it is told by events of the library's own. */
  const startBlock = (block: Block, start: Fields, emit: Emit): boolean => {
    const { name, toolUseId, type } = fieldsOf(start['toolUse'])
    block.format = textOf(fieldsOf(start['image'])['format'])
    if (!start['toolUse'] || type === 'server_tool_use') return !!block.format
    need(textOf(name), 'protocol', 'A tool call must have a name')
    const index = calls
    calls += 1
    const id = textOf(toolUseId) || callId(index)
    block.call = { index, id, text: '', ended: false }
    emit({ type: 'tool_call_start', index, id, name: textOf(name) })
    return true
  }

  const takeThought = (block: Block, sent: Fields, emit: Emit): void => {
    const thought = (block.thought ??= { text: '', signature: '', redacted: [] })
    const text = textOf(sent['text'])
    thought.text += keep(text)
    thought.signature += keep(textOf(sent['signature']))
    const redacted = keep(textOf(sent['redactedContent']))
    if (redacted) thought.redacted.push(redacted)
    if (text) emit({ type: 'reasoning', text })
  }

  const cite = (sent: Fields, emit: Emit): void => {
    const { location, title, sourceContent } = sent
    const [place] = Object.values(fieldsOf(location)).map(fieldsOf)
    const url = textOf(place?.['url'])
    const text = [sourceContent ?? []]
      .flat()
      .map((part) => textOf(fieldsOf(part)['text']))
      .join('')
    const at = count(place?.['documentIndex'])
    emit({
      type: 'citation',
      citation: {
        ...(url && { url }),
        ...(textOf(title) && { title: textOf(title) }),
        ...(text && { text }),
        ...(at !== undefined && { documentId: `${at}` }),
      },
    })
  }

  const takeDelta = (block: Block, delta: Fields, emit: Emit): boolean => {
    const { text, toolUse, reasoningContent, citation, image } = delta
    if (textOf(text)) {
      block.length += textOf(text).length
      emit({ type: 'content', text: textOf(text) })
    }
    if (reasoningContent) takeThought(block, fieldsOf(reasoningContent), emit)
    if (citation) cite(fieldsOf(citation), emit)
    const data = textOf(fieldsOf(fieldsOf(image)['source'])['bytes'])
    if (data) emit({ type: 'image', image: { mediaType: `image/${block.format || 'png'}`, data } })
    const { call } = block
    if (toolUse && call) {
      const piece = textOf(fieldsOf(toolUse)['input'])
      need(!call.ended || !piece, 'protocol', 'A tool call must end')
      call.text += keep(piece)
      if (piece) emit({ type: 'tool_call_delta', index: call.index, arguments: piece })
    }
    return text !== undefined || !!reasoningContent || !!citation || !!data || !!(toolUse && call)
  }

  const endBlock = ({ call }: Block, emit: Emit): void => {
    if (!call || call.ended || (call.text.trim() && !isJsonObject(call.text))) return
    call.ended = true
    emit({ type: 'tool_call_end', index: call.index })
  }

  const finish = (emit: Emit): void => {
    phase = 'done'
    const kept = [...blocks.values()]
    const called = kept.some(({ call }) => call?.ended)
    const reason = readFinishReason(raw)
    const continuation = continuationOf(kept)
    if (usage) emit({ type: 'usage', usage })
    emit({
      type: 'done',
      finishReason: called && (reason === 'stop' || !raw) ? 'tool_calls' : reason,
      ...(raw && { rawFinishReason: raw }),
      ...(continuation && { continuation }),
    })
  }

  const takeEvent = (chunk: Chunk, emit: Emit): boolean => {
    const { contentBlockStart: start, contentBlockDelta: delta, contentBlockStop: stop } = chunk
    const own = readInvokeChunk(chunk)
    if (start) return startBlock(blockAt(start.contentBlockIndex), fieldsOf(start.start), emit)
    if (delta) return takeDelta(blockAt(delta.contentBlockIndex), fieldsOf(delta.delta), emit)
    if (stop) endBlock(blockAt(stop.contentBlockIndex), emit)
    if (own) takeDelta(blockAt(0), { text: own.text }, emit)
    usage = readUsage(own?.usage ?? fieldsOf(chunk.metadata)['usage']) ?? usage
    raw ||= own?.stopReason ?? textOf(chunk.messageStop?.stopReason)
    stopped ||= !!raw || !!chunk.messageStop
    return !!(stop || own || chunk.messageStart || chunk.messageStop)
  }

  return {
    get phase() {
      return phase
    },
    push(chunk, emit) {
      if (phase === 'done') return
      const failure = Object.entries(chunk).find(([name]) =>
        /(Exception|Failure|Error)$/.test(name),
      )
      if (failure) throw readFailure(failure[0], failure[1], provider)
      const isTold = takeEvent(chunk, emit)
      if (includeProviderEvents && !isTold) emit({ type: 'provider', dialect, data: chunk })
      if (stopped) phase = 'complete'
      // Counts come last, but for some hosts in between.
      if (stopped && (usage || chunk.metadata)) finish(emit)
    },
    end(emit) {
      if (phase === 'open')
        throw new RatatoskrError('truncated', cutOff, { provider, retryable: true })
      if (phase === 'complete') finish(emit)
    },
  }
}

/** What the words for the end mean, Converse's and those of models; any other is `other`. */
const finishReasons: readonly (readonly [FinishReason, RegExp])[] = [
  ['stop', /^(end_turn|stop|stop_sequence|finish|complete)$/i],
  ['length', /^(max_tokens|length|model_context_window_exceeded)$/i],
  ['tool_calls', /^tool_use$/],
  ['content_filter', /^(content_filtered|guardrail_intervened)$/i],
]

function readFinishReason(raw: string): FinishReason {
  return finishReasons.find(([, words]) => words.test(raw))?.[0] ?? 'other'
}

/** What is read from a cache and written to it is counted apart there. */
function readUsage(sent: unknown): Usage | undefined {
  const [input, output, total, read, written] = [
    'inputTokens',
    'outputTokens',
    'totalTokens',
    'cacheReadInputTokens',
    'cacheWriteInputTokens',
  ].map((name) => count(fieldsOf(sent)[name]))
  if ((input ?? output) === undefined) return undefined
  const promptTokens = (input ?? 0) + (read ?? 0) + (written ?? 0)
  const completionTokens = output ?? 0
  return {
    promptTokens,
    completionTokens,
    totalTokens: total ?? promptTokens + completionTokens,
    ...(read !== undefined && { cachedTokens: read }),
    ...(written !== undefined && { cacheWriteTokens: written }),
  }
}

/** The status that the service's documentation gives each exception. */
const statuses: readonly (readonly [status: number, names: RegExp])[] = [
  [429, /^throttling|TooManyRequests/i],
  [503, /^(serviceUnavailable|modelNotReady)/i],
  [408, /^modelTimeout/i],
  [400, /^validation/i],
  [403, /^accessDenied/i],
  [404, /NotFound/i],
]

function readFailure(type: string, sent: unknown, provider: string | undefined): RatatoskrError {
  const status = statuses.find(([, names]) => names.test(type))?.[0] ?? 500
  const { message, originalMessage } = fieldsOf(sent)
  const words = textOf(message ?? originalMessage)
  return apiError({ provider, body: { error: { type, message: words, status_code: status } } })
}

/** Undefined where the message alone tells all. */
function continuationOf(blocks: readonly Block[]): Continuation | undefined {
  const whole = blocks.filter(({ thought, call, length }) =>
    thought ? thought.signature || thought.redacted[0] : call ? call.ended : length > 0,
  )
  if (!whole.some(({ thought }) => thought)) return undefined
  const kept = whole.map(({ thought, call, length }) => {
    if (call) return { call: call.id }
    if (!thought) return { length }
    const { text, signature, redacted } = thought
    return {
      reasoningContent: redacted[0]
        ? { redactedContent: joinBase64(redacted) }
        : { reasoningText: { text, signature } },
    }
  })
  return { dialect, data: { blocks: kept } }
}

/** Each piece was encoded by itself. */
function joinBase64(pieces: readonly string[]): string {
  if (pieces.slice(0, -1).every((piece) => piece.length % 4 === 0 && !piece.endsWith('='))) {
    return pieces.join('')
  }
  try {
    return btoa(pieces.map((piece) => atob(piece)).join(''))
  } catch {
    return pieces.join('')
  }
}
