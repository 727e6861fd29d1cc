import { checkSize, cutOff, defaultLimit, need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { apiError, stringify } from '../api-error.ts'
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
  const usage: { [field: string]: unknown } = {}
  let calls = 0
  let endedCalls = 0
  /** Characters of content so far. */
  let position = 0
  /** Characters kept of everything else. */
  let size = 0

  const pass = (isMore: boolean, data: unknown, emit: Emit): void => {
    if (isMore && includeProviderEvents) emit({ type: 'provider', dialect, data })
  }

  const keep = (text: string): void => {
    size += text.length
    checkSize('the limit of blocks', size, defaultLimit)
  }

  const begin = (index: unknown, sent: Block, emit: Emit): OpenBlock => {
    const { text, ...rest } = sent
    const block: Block = sent.type === 'text' ? rest : { ...sent }
    // A block takes memory also where it is empty.
    size += 64
    const opened: OpenBlock = {
      block,
      start: position,
      length: 0,
      input: '',
      cited: sent.type === 'text' ? [...(sent.citations ?? [])] : [],
      ended: false,
    }
    blocks.push(opened)
    byIndex.set(index, opened)
    const isMore = !isTold(sent) || hasMore(sent)
    keep(isMore ? stringify(block) : '')
    pass(isMore, { type: 'content_block_start', index, content_block: sent }, emit)
    const { type, name } = sent
    if (type === 'thinking' && sent.thinking) emit({ type: 'reasoning', text: sent.thinking })
    if (text && type === 'text') add(opened, { text }, emit)
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

  /** Adds to a block, and tells whether there was something that no event tells of any block. */
  const add = (opened: OpenBlock, delta: Delta, emit: Emit): boolean => {
    const { block, call } = opened
    let isMore = false
    for (const field in delta) {
      const value = delta[field]
      const text = textOf(value)
      if (field === 'type') continue
      if (field === 'text' && block.type === 'text') {
        position += text.length
        if (text) emit({ type: 'content', text })
        continue
      }
      keep(text || stringify(value))
      if (field === 'partial_json') {
        opened.input += text
        if (text && call !== undefined) {
          emit({ type: 'tool_call_delta', index: call, arguments: text })
        }
      } else if (field === 'thinking' && block.type === field) {
        block.thinking = textOf(block.thinking) + text
        if (text) emit({ type: 'reasoning', text })
      } else {
        isMore = true
        // Of what else comes, each has the whole, as in the official client.
        if (field !== 'citation') block[field] = value
        else if (block.type === 'text') opened.cited.push(value)
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
    const whole = input.trim() ? input : stringify(block.input ?? {})
    if ((input || call !== undefined) && !isJsonObject(whole)) return
    opened.ended = true
    opened.input = ''
    if (call === undefined) {
      if (input) block.input = JSON.parse(whole)
      return
    }
    endedCalls += 1
    if (!input.trim() && whole !== '{}') {
      emit({ type: 'tool_call_delta', index: call, arguments: whole })
    }
    emit({ type: 'tool_call_end', index: call })
  }

  const takeMessage = ({ content, ...message }: Message, emit: Emit): void => {
    pass(hasMore(message), { type: 'message_start', message: { ...message, content: [] } }, emit)
    id ||= textOf(message.id)
    model ||= textOf(message.model)
    for (const [index, block] of (content ?? []).entries()) {
      const opened = begin(index, block, emit)
      finishBlock(opened, emit)
      pass(!isTold(block), { type: 'content_block_stop', index }, emit)
    }
    takeEnd(message)
    takeUsage(message.usage)
  }

  const takeEnd = (sent: Message | Delta): void => {
    rawFinishReason = sent.stop_reason || rawFinishReason
    explanation ||= textOf(fieldsOf(sent.stop_details)['explanation'])
    container = textOf(fieldsOf(sent.container)['id']) || container
  }

  const takeUsage = (sent: unknown): void => {
    for (const [name, count] of Object.entries(fieldsOf(sent))) {
      if (count != null) usage[name] = count
    }
  }

  const finish = (emit: Emit): void => {
    phase = 'done'
    // A text is what has come of it; anything else must have been closed.
    for (const opened of blocks) if (opened.block.type === 'text') finishBlock(opened, emit)
    const counts = readUsage(usage)
    const continuation = continuationOf(blocks, container)
    const finishReason = finishReasons.get(rawFinishReason) ?? 'other'
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
          if (!id && message) takeMessage(message, emit)
          break
        case 'content_block_start':
          if (block) begin(index, block, emit)
          break
        case 'content_block_delta': {
          if (!delta) break
          const to = opened ?? begin(index, { type: delta.thinking ? 'thinking' : 'text' }, emit)
          const isMore = add(to, delta, emit)
          pass(isMore || !isTold(to.block), chunk, emit)
          break
        }
        case 'content_block_stop':
          if (opened) {
            finishBlock(opened, emit)
            pass(!isTold(opened.block), chunk, emit)
          }
          byIndex.delete(index)
          break
        case 'message_delta':
          takeEnd(delta ?? {})
          takeUsage(chunk.usage)
          pass(hasMore(chunk), chunk, emit)
          break
        case 'message':
          takeMessage(chunk, emit)
          finish(emit)
          break
        case 'message_stop':
          finish(emit)
          break
        default:
          pass(type !== 'ping', chunk, emit)
      }
    },
    end() {
      if (phase !== 'done')
        throw new RatatoskrError('truncated', cutOff, { provider, retryable: true })
    },
  }
}
