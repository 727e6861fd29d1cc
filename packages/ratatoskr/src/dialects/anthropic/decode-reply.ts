import { checkSize, cutOff, defaultLimit, need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { apiError } from '../api-error.ts'
import type { ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from '../reply-decoder.ts'
import type { Block, Chunk, Delta, Message } from './chunk.ts'
import { readCitation } from './citation.ts'
import { continuationOf, type KeptBlock } from './continuation.ts'
import { finishReasons } from './finish-reason.ts'
import { hasMore, isTold } from './told.ts'
import { readUsage } from './usage.ts'

type Emit = (event: ChatEvent) => void

/** A block that has begun. */
interface OpenBlock extends KeptBlock {
  /** Where the content stood then. */
  start: number
  /** The number of the call, where it is one. */
  call?: number
  /** The JSON text of its input. */
  input: string
  cited: unknown[]
}

const dialect = 'anthropic'

/**
 * Decodes a reply of Anthropic's Messages: the events of a stream, or one whole message.
 *
 * The reply is complete at `message_stop`. Throws a `RatatoskrError`: `truncated` where the input
 * ends before, the provider's own error where one stands in the stream. The `continuation` of
 * `done` holds what the next request must give back unmodified: signed and redacted thinking, the
 * calls and results of server tools, compactions.
 *
 * Format: https://platform.claude.com/docs/en/build-with-claude/streaming
 *
 * @example
 * ```ts
 * import { anthropic } from 'ratatoskr/dialects'
 *
 * const decoder = anthropic.decodeReply()
 * decoder.push({ type: 'content_block_start', index: 0, content_block: { type: 'text' } }, console.log)
 * decoder.push({ type: 'content_block_delta', index: 0, delta: { text: 'Hi' } }, console.log)
 * ```
 */
export function decodeReply(options: ReplyDecoderOptions = {}): ReplyDecoder<Chunk | '[DONE]'> {
  const { provider, callId = (i: number): string => `call_${i}`, includeProviderEvents } = options
  const blocks: OpenBlock[] = []
  const byIndex = new Map<unknown, OpenBlock>()
  let phase: ReplyPhase = 'open'
  let id = ''
  let model = ''
  let rawFinishReason = ''
  let explanation = ''
  let container = ''
  let usage: { readonly [field: string]: unknown } = {}
  let started = false
  let calls = 0
  let endedCalls = 0
  /** Characters of content so far. */
  let position = 0
  /** Characters kept of everything else. */
  let size = 0

  const pass = (data: unknown, emit: Emit): void => {
    if (includeProviderEvents) emit({ type: 'provider', dialect, data })
  }

  const keep = (text: string): string => {
    size += text.length
    checkSize('the limit of thinking and tools', size, defaultLimit)
    return text
  }

  const begin = (index: unknown, sent: Block, emit: Emit): OpenBlock => {
    const { text, ...block } = sent
    const opened: OpenBlock = {
      block,
      start: position,
      length: 0,
      input: '',
      cited: [...(sent.citations ?? [])],
      ended: false,
    }
    blocks.push(opened)
    byIndex.set(index, opened)
    if (!isTold(sent) || hasMore(sent)) {
      keep(JSON.stringify(block))
      pass({ type: 'content_block_start', index, content_block: sent }, emit)
    }
    const { type, name } = sent
    if (type === 'thinking' && sent.thinking) emit({ type: 'reasoning', text: sent.thinking })
    if (text) add(opened, { text }, emit)
    if (type === 'tool_use') {
      need(name, 'protocol', 'A tool call must have a name')
      opened.call = calls
      block.id = textOf(sent.id) || callId(calls)
      calls += 1
      emit({
        type: 'tool_call_start',
        index: opened.call,
        id: textOf(block.id),
        name: textOf(name),
      })
    }
    return opened
  }

  /** Adds to a block, and tells whether there was something that no event of ours tells. */
  const add = (opened: OpenBlock, delta: Delta, emit: Emit): boolean => {
    const { block, call } = opened
    let isMore = !isTold(block)
    for (const field in delta) {
      const value = delta[field]
      const text = textOf(value)
      if (field === 'type') continue
      if (field === 'text' && block.type === 'text') {
        position += text.length
        if (text) emit({ type: 'content', text })
      } else if (field === 'partial_json') {
        opened.input += keep(text)
        if (text && call !== undefined)
          emit({ type: 'tool_call_delta', index: call, arguments: text })
      } else if (field === 'citation') {
        isMore = true
        keep(JSON.stringify(value))
        opened.cited.push(value)
      } else {
        block[field] = typeof value === 'string' ? textOf(block[field]) + keep(text) : value
        if (field !== 'thinking') isMore = true
        else if (text) emit({ type: 'reasoning', text })
      }
    }
    return isMore
  }

  const finishBlock = (opened: OpenBlock, emit: Emit): void => {
    const { block, start, call, input, cited } = opened
    if (opened.ended) return
    opened.length = position - start
    if (cited[0]) block.citations = cited
    for (const citation of cited) {
      emit({ type: 'citation', citation: readCitation(citation, start, position) })
    }
    // The input of some tools comes whole with the start.
    const whole = input.trim() ? input : JSON.stringify(block.input ?? {})
    if (!isJsonObject(whole)) return
    opened.ended = true
    opened.input = ''
    if (call === undefined) {
      if ('input' in block) block.input = JSON.parse(whole)
      return
    }
    endedCalls += 1
    if (!input.trim() && whole !== '{}') {
      emit({ type: 'tool_call_delta', index: call, arguments: whole })
    }
    emit({ type: 'tool_call_end', index: call })
  }

  const takeMessage = (message: Message, emit: Emit): void => {
    id ||= textOf(message.id)
    model ||= textOf(message.model)
    for (const [index, block] of (message.content ?? []).entries()) {
      const opened = begin(index, block, emit)
      finishBlock(opened, emit)
      if (!isTold(block)) pass({ type: 'content_block_stop', index }, emit)
    }
    takeEnd(message)
    takeUsage(message.usage)
    if (message.container) pass({ type: 'message_start', message }, emit)
  }

  const takeEnd = (sent: Message | Delta): void => {
    rawFinishReason = sent.stop_reason || rawFinishReason
    explanation ||= textOf(fieldsOf(sent.stop_details)['explanation'])
    container = textOf(fieldsOf(sent.container)['id']) || container
  }

  const takeUsage = (sent: unknown): void => {
    const counts = Object.entries(fieldsOf(sent)).filter(([, value]) => value != null)
    usage = { ...usage, ...Object.fromEntries(counts) }
  }

  const finish = (emit: Emit): void => {
    phase = 'done'
    // A text is what has come of it; anything else must have been closed.
    for (const opened of blocks) if (opened.block.type === 'text') finishBlock(opened, emit)
    const counts = readUsage(usage)
    const continuation = continuationOf(blocks, container)
    const finishReason = finishReasons[rawFinishReason] ?? 'other'
    const called = endedCalls > 0 && (finishReason === 'stop' || !rawFinishReason)
    if (explanation) emit({ type: 'refusal', text: explanation })
    if (counts) emit({ type: 'usage', usage: counts })
    emit({
      type: 'done',
      finishReason: called ? 'tool_calls' : finishReason,
      ...(rawFinishReason && { rawFinishReason }),
      ...(model && { model }),
      ...(id && { id }),
      ...(continuation && { continuation }),
    })
  }

  return {
    get phase() {
      return phase
    },
    push(chunk, emit) {
      if (phase === 'done' || chunk === '[DONE]') return
      const { type, index, message, content_block: block, delta } = chunk
      if (type === 'error' || chunk.error) throw apiError({ provider, body: chunk })
      const opened = byIndex.get(index)
      switch (type) {
        case 'message_start':
          // Some hosts send it twice.
          if (!started && message) takeMessage(message, emit)
          started = true
          break
        case 'content_block_start':
          if (block) begin(index, block, emit)
          break
        case 'content_block_delta': {
          if (!delta) break
          const to = opened ?? begin(index, { type: delta.thinking ? 'thinking' : 'text' }, emit)
          if (add(to, delta, emit)) pass(chunk, emit)
          break
        }
        case 'content_block_stop':
          if (opened) finishBlock(opened, emit)
          if (opened && !isTold(opened.block)) pass(chunk, emit)
          byIndex.delete(index)
          break
        case 'message_delta':
          takeEnd(delta ?? {})
          takeUsage(chunk.usage)
          if (hasMore(chunk)) pass(chunk, emit)
          break
        case 'message':
          takeMessage(chunk, emit)
          finish(emit)
          break
        case 'message_stop':
          finish(emit)
          break
        case 'ping':
          break
        default:
          pass(chunk, emit)
      }
    },
    end() {
      if (phase !== 'done')
        throw new RatatoskrError('truncated', cutOff, { provider, retryable: true })
    },
  }
}
