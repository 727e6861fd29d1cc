import { need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent, DoneEvent, Usage } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { fieldsOf, isRecord, textOf } from '../../json/shape.ts'
import { endedEarly, type ReplyEncoder, type ReplyEncoderOptions } from '../reply-encoder.ts'
import { writeBlocks, type Emit, type Json } from './block-writer.ts'
import { encodeError } from './encode-error.ts'
import { encodeCitation, encodeUsage, replyHead, stopReason } from './reply-fields.ts'

/** A call whose block has begun. */
interface WrittenCall {
  at: number
  isCustom: boolean
  arguments: string
}

/**
 * Encodes a reply as the stream of Anthropic's Messages: one block after the other. Where calls come
 * side by side, the pieces of the next wait until the one before has ended, or is one JSON object.
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
  const blocks = writeBlocks()
  let begun = false
  let over = false
  let usage: Usage | undefined
  let refusal = ''
  const calls = new Map<number, WrittenCall>()
  /** The call whose block is open, and what waits for its end: by call, and what stands between. */
  let current: number | undefined
  const waiting = new Map<number | string, ChatEvent[]>()
  let last: number | string | undefined
  let between = 0
  /** The block of each one that a provider event has begun, by its index there. */
  const passed = new Map<unknown, number>()
  /** What provider events have said of the call that comes next, and of the end. */
  let callFields: Json = {}
  let endFields: Json = {}
  let deltaFields: Json = {}
  /** Citations that provider events have written, and that events of our own repeat. */
  let written = 0

  const begin = (emit: Emit, model = '', sent: Json = {}): void => {
    if (begun) return
    begun = true
    const head = replyHead(
      options.id ?? (textOf(sent['id']) || undefined),
      options.model ?? (textOf(sent['model']) || model),
    )
    const message = { ...head, usage: encodeUsage(usage), ...sent, id: head['id'] }
    blocks.write('message_start', { message: { ...message, model: head['model'] } }, emit)
  }

  const writeInput = (at: number, partial_json: string, emit: Emit): void => {
    blocks.writeDelta(at, { type: 'input_json_delta', partial_json }, emit)
  }

  const startCall = (event: Extract<ChatEvent, { type: 'tool_call_start' }>, emit: Emit): void => {
    const { index, id, name, kind } = event
    need(!calls.has(index), 'protocol', 'A tool call must start once')
    const at = blocks.start({ ...callFields, type: 'tool_use', id, name, input: {} }, emit)
    const isCustom = kind === 'custom'
    calls.set(index, { at, isCustom, arguments: '' })
    current = index
    callFields = {}
    if (isCustom) writeInput(at, '{"input":"', emit)
  }

  const addArguments = (index: number, piece: string, emit: Emit): void => {
    const call = calls.get(index)
    need(call, 'protocol', 'A tool call must start')
    need(index === current || !piece.trim(), 'protocol', 'A tool call must end')
    if (!call || index !== current) return
    call.arguments += piece
    writeInput(call.at, call.isCustom ? JSON.stringify(piece).slice(1, -1) : piece, emit)
  }

  const stopCall = (emit: Emit, isWhole = true): void => {
    const call = current === undefined ? undefined : calls.get(current)
    current = undefined
    if (call?.isCustom && isWhole) writeInput(call.at, '"}', emit)
    if (call) blocks.stop(call.at, emit)
  }

  /** Stops the open call where it is one whole object: some sources end all calls at once. */
  const stopWhole = (emit: Emit): boolean => {
    const call = current === undefined ? undefined : calls.get(current)
    const isWhole = call && !call.isCustom && isJsonObject(call.arguments)
    if (isWhole) stopCall(emit)
    return !call || Boolean(isWhole)
  }

  /** Keeps an event that another block must come before, and tells whether it did. */
  const wait = (event: ChatEvent, emit: Emit): boolean => {
    if (current === undefined || /^(usage|refusal|done)$/.test(event.type)) return false
    const index = 'index' in event ? event.index : undefined
    const isBegun = index !== undefined && calls.has(index)
    if (isBegun || (waiting.size === 0 && stopWhole(emit))) return false
    last = index ?? (typeof last === 'string' ? last : `between ${between++}`)
    const group = waiting.get(last) ?? []
    waiting.set(last, group)
    group.push(event)
    return true
  }

  const writeWaiting = (emit: Emit): void => {
    for (const [key, events] of waiting) {
      if (!stopWhole(emit)) return
      waiting.delete(key)
      for (const event of events) writeEvent(event, emit)
    }
    last = undefined
  }

  /** Writes what waits for calls that will never end. Their text is no JSON, so they stay cut. */
  const writeAll = (emit: Emit): void => {
    while (waiting.size > 0) {
      const call = calls.get(current ?? -1)
      if (call && !call.isCustom && !call.arguments.trim()) writeInput(call.at, '{', emit)
      stopCall(emit, false)
      writeWaiting(emit)
    }
  }

  const passOn = (data: unknown, emit: Emit): void => {
    const { type, index, content_block: block, delta, ...rest } = fieldsOf(data)
    const at = passed.get(index)
    if (type === 'message_start') {
      begin(emit, '', { ...fieldsOf(rest['message']) })
      deltaFields['container'] = fieldsOf(rest['message'])['container']
      return
    }
    begin(emit)
    if (type === 'content_block_start' && isRecord(block)) {
      const { text: _, thinking: __, ...fields } = block
      const kind = textOf(fields['type'])
      if (kind === 'text' || kind === 'thinking') {
        if (Array.isArray(fields['citations'])) written += fields['citations'].length
        blocks.startText(kind, fields, emit)
      } else if (kind === 'tool_use') callFields = fields
      else passed.set(index, blocks.start({ ...block }, emit))
    } else if (at !== undefined && type === 'content_block_delta') {
      blocks.writeDelta(at, { ...fieldsOf(delta) }, emit)
    } else if (at !== undefined && type === 'content_block_stop') {
      passed.delete(index)
      blocks.stop(at, emit)
    } else if (type === 'content_block_delta' && isRecord(delta)) {
      if ('citation' in delta) {
        written += 1
        blocks.addField('text', { type: 'citations_delta', citation: delta['citation'] }, emit)
      } else if ('signature' in delta) {
        // The thinking itself has been written, or is not shown.
        blocks.addField('thinking', { ...delta }, emit)
        blocks.close(emit)
      }
    } else if (type === 'message_delta') {
      deltaFields = { ...deltaFields, ...fieldsOf(delta) }
      endFields = { ...endFields, ...rest }
    } else if (typeof type === 'string' && !type.startsWith('content_block')) {
      blocks.write(type, rest, emit)
    }
  }

  const finish = ({ finishReason, rawFinishReason, model }: DoneEvent, emit: Emit): void => {
    writeAll(emit)
    begin(emit, model)
    // A call that was cut stays open, as the service leaves it.
    if (current === undefined) blocks.close(emit)
    const { usage: counts, ...fields } = endFields
    const delta = {
      stop_sequence: null,
      ...(refusal && { stop_details: { type: 'refusal', category: null, explanation: refusal } }),
      ...deltaFields,
      stop_reason: stopReason(finishReason, rawFinishReason, refusal),
    }
    const sums = { ...fieldsOf(counts), ...encodeUsage(usage) }
    blocks.write('message_delta', { delta, ...fields, usage: sums }, emit)
    blocks.write('message_stop', {}, emit)
    over = true
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    switch (event.type) {
      case 'content':
      case 'reasoning':
        begin(emit)
        blocks.addText(event.type === 'content' ? 'text' : 'thinking', event.text, emit)
        break
      case 'refusal':
        refusal += event.text
        break
      case 'tool_call_start':
        begin(emit)
        startCall(event, emit)
        break
      case 'tool_call_delta':
        addArguments(event.index, event.arguments, emit)
        break
      case 'tool_call_end':
        if (event.index === current) stopCall(emit)
        break
      case 'citation':
        begin(emit)
        if (written > 0) written -= 1
        else {
          const citation = encodeCitation(event.citation)
          blocks.addField('text', { type: 'citations_delta', citation }, emit)
        }
        // It comes with the end of the text that it is for.
        blocks.endText()
        break
      case 'usage':
        ;({ usage } = event)
        break
      case 'provider':
        if (event.dialect === 'anthropic') passOn(event.data, emit)
        break
      case 'done':
        finish(event, emit)
        break
      case 'image':
    }
  }

  return {
    push(event, emit) {
      if (over || wait(event, emit)) return
      writeEvent(event, emit)
      if (current === undefined) writeWaiting(emit)
    },
    end() {
      if (over) return
      throw new RatatoskrError('truncated', endedEarly)
    },
    fail(error, emit) {
      if (over) return
      try {
        writeAll(emit)
      } finally {
        over = true
        const { type, ...body } = encodeError(error).body
        blocks.write(textOf(type), body, emit)
      }
    },
  }
}
