import { RatatoskrError } from '../../errors.ts'
import type { ChatEvent, DoneEvent, Usage } from '../../event.ts'
import type { SseFrame } from '../../frames/sse-encoder.ts'
import { fieldsOf, isRecord, textOf } from '../../json/shape.ts'
import type { ReplyEncoder, ReplyEncoderOptions } from '../reply-encoder.ts'
import { encodeError } from './encode-error.ts'
import { encodeCitation, encodeUsage, replyHead, stopReason } from './reply-fields.ts'

type Json = { [field: string]: unknown }
type Emit = (frame: SseFrame) => void

/** What is known of the block that text goes into. */
interface OpenBlock {
  type: 'text' | 'thinking'
  index: number
  hasText: boolean
  /** What follows belongs to another one. */
  isOver: boolean
}

/**
 * Encodes a reply as the stream of Anthropic's Messages.
 *
 * Provider events of this dialect are written in their places: a gateway that is asked with
 * `includeProviderEvents` passes on signatures, server tools and compactions, so that the client
 * can give them back. Without them thinking has no signature. Left out: images, cost, and the
 * places of citations; a refusal's text comes with the end. The text of a custom call becomes the
 * field `input` of an object.
 *
 * Format: https://platform.claude.com/docs/en/build-with-claude/streaming
 *
 * @example
 * ```ts
 * import { anthropic } from 'ratatoskr/dialects'
 *
 * const encoder = anthropic.encodeReply({ model: 'my-model' })
 * const write = (frame: { data: string }) => console.log(frame.data)
 * encoder.push({ type: 'content', text: 'Hi' }, write)
 * encoder.push({ type: 'done', finishReason: 'stop' }, write)
 * encoder.end(write)
 * ```
 */
export function encodeReply(options: ReplyEncoderOptions = {}): ReplyEncoder {
  let begun = false
  let over = false
  let usage: Usage | undefined
  let refusal = ''
  let open: OpenBlock | undefined
  let next = 0
  /** The block of each call, by the call's index. */
  const calls: { at: number; custom: boolean }[] = []
  /** The block of each one that a provider event has begun, by its index there. */
  const passed = new Map<unknown, number>()
  /** What a provider event has said of the call that comes next, and of the end. */
  let callFields: Json = {}
  let endFields: Json = {}
  let deltaFields: Json = {}
  /** Citations that provider events have written, and that events of our own repeat. */
  let written = 0

  const write = (type: string, fields: Json, emit: Emit): void => {
    emit({ event: type, data: JSON.stringify({ type, ...fields }) })
  }

  const begin = (emit: Emit, model = ''): void => {
    if (begun) return
    begun = true
    const message = replyHead(options.id, options.model ?? model)
    write('message_start', { message: { ...message, usage: encodeUsage(usage) } }, emit)
  }

  const close = (emit: Emit): void => {
    if (open) write('content_block_stop', { index: open.index }, emit)
    open = undefined
  }

  const start = (block: Json, emit: Emit): number => {
    const index = next++
    write('content_block_start', { index, content_block: block }, emit)
    return index
  }

  const startText = (type: OpenBlock['type'], fields: Json, emit: Emit): OpenBlock => {
    close(emit)
    const empty = type === 'text' ? { text: '' } : { thinking: '', signature: '' }
    const index = start({ type, ...fields, ...empty }, emit)
    return (open = { type, index, hasText: false, isOver: false })
  }

  const writeDelta = (index: number, delta: Json, emit: Emit): void => {
    write('content_block_delta', { index, delta }, emit)
  }

  const writeInput = (index: number, partial_json: string, emit: Emit): void => {
    writeDelta(index, { type: 'input_json_delta', partial_json }, emit)
  }

  const writeText = (type: OpenBlock['type'], text: string, emit: Emit): void => {
    const block = open?.type === type && !open.isOver ? open : startText(type, {}, emit)
    block.hasText = true
    const delta =
      type === 'text' ? { type: 'text_delta', text } : { type: 'thinking_delta', thinking: text }
    writeDelta(block.index, delta, emit)
  }

  const writeCitation = (citation: unknown, emit: Emit): void => {
    const block = open?.type === 'text' ? open : startText('text', {}, emit)
    writeDelta(block.index, { type: 'citations_delta', citation }, emit)
  }

  const passOn = (data: unknown, emit: Emit): void => {
    const { type, index, content_block: block, delta, ...rest } = fieldsOf(data)
    const at = passed.get(index)
    if (type === 'content_block_start' && isRecord(block)) {
      const { text: _, thinking: __, ...fields } = block
      const kind = textOf(fields['type'])
      if (kind === 'text' || kind === 'thinking') startText(kind, fields, emit)
      else if (kind === 'tool_use') callFields = fields
      else {
        close(emit)
        passed.set(index, start({ ...block }, emit))
      }
    } else if (type === 'content_block_delta' && at !== undefined) {
      writeDelta(at, { ...fieldsOf(delta) }, emit)
    } else if (type === 'content_block_stop' && at !== undefined) {
      passed.delete(index)
      write('content_block_stop', { index: at }, emit)
    } else if (type === 'content_block_delta' && isRecord(delta)) {
      if ('citation' in delta) {
        written += 1
        writeCitation(delta['citation'], emit)
      } else {
        // A signature. The thinking itself has been written, or is not shown.
        const { text: _, thinking: __, partial_json: ___, ...fields } = delta
        const thinking = open?.type === 'thinking' ? open : startText('thinking', {}, emit)
        writeDelta(thinking.index, fields, emit)
        thinking.isOver = true
      }
    } else if (type === 'message_start') {
      deltaFields['container'] = fieldsOf(rest['message'])['container']
    } else if (type === 'message_delta') {
      deltaFields = { ...deltaFields, ...fieldsOf(delta) }
      endFields = { ...endFields, ...rest }
    } else if (typeof type === 'string') {
      write(type, rest, emit)
    }
  }

  const finish = ({ finishReason, rawFinishReason, model }: DoneEvent, emit: Emit): void => {
    begin(emit, model)
    close(emit)
    const { usage: counts, ...fields } = endFields
    write(
      'message_delta',
      {
        delta: {
          stop_sequence: null,
          ...(refusal && {
            stop_details: { type: 'refusal', category: null, explanation: refusal },
          }),
          ...deltaFields,
          stop_reason: stopReason(finishReason, rawFinishReason),
        },
        ...fields,
        usage: { ...fieldsOf(counts), ...encodeUsage(usage) },
      },
      emit,
    )
    write('message_stop', {}, emit)
    over = true
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    if (event.type === 'usage') ({ usage } = event)
    else if (event.type === 'done') finish(event, emit)
    else if (event.type !== 'provider' || event.dialect === 'anthropic') begin(emit)
    switch (event.type) {
      case 'content':
        writeText('text', event.text, emit)
        break
      case 'reasoning':
        writeText('thinking', event.text, emit)
        break
      case 'refusal':
        refusal += event.text
        break
      case 'tool_call_start': {
        const { index, id, name, kind } = event
        close(emit)
        const at = start({ ...callFields, type: 'tool_use', id, name, input: {} }, emit)
        calls[index] = { at, custom: kind === 'custom' }
        callFields = {}
        if (kind) writeInput(at, '{"input":"', emit)
        break
      }
      case 'tool_call_delta': {
        const { at = 0, custom } = calls[event.index] ?? {}
        const { arguments: piece } = event
        writeInput(at, custom ? JSON.stringify(piece).slice(1, -1) : piece, emit)
        break
      }
      case 'tool_call_end': {
        const { at: index = 0, custom } = calls[event.index] ?? {}
        if (custom) writeInput(index, '"}', emit)
        write('content_block_stop', { index }, emit)
        break
      }
      case 'citation':
        if (written > 0) written -= 1
        else writeCitation(encodeCitation(event.citation), emit)
        // It comes with the end of the text that it is for.
        if (open) open.isOver = open.hasText
        break
      case 'provider':
        if (event.dialect === 'anthropic') passOn(event.data, emit)
        break
      default:
    }
  }

  return {
    push(event, emit) {
      if (!over) writeEvent(event, emit)
    },
    end() {
      if (over) return
      throw new RatatoskrError('truncated', 'The reply was cut off: its events end without done.')
    },
    fail(error, emit) {
      if (over) return
      over = true
      const { type, ...body } = encodeError(error).body
      write(textOf(type), body, emit)
    },
  }
}
