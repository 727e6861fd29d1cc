import { checkSize, defaultLimit } from '../../errors.ts'
import type { ChatEvent, Usage } from '../../event.ts'
import type { SseFrame } from '../../frames/sse-encoder.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import type { ToolCall } from '../../message.ts'
import { encodeError } from '../openai-chat/encode-error.ts'
import { randomLetters } from '../random-letters.ts'
import { replyEncoder, type ReplyEncoder } from '../reply-encoder.ts'
import {
  encodeCall,
  encodeCitation,
  encodeEnd,
  encodeImage,
  encodeReasoning,
  encodeText,
  encodeUsage,
  replyDefaults,
  replyHead,
  type OpenAIResponsesEncoderOptions,
} from './reply-fields.ts'

type Json = { [field: string]: unknown }
type Emit = (frame: SseFrame) => void

/** The text that is being written: of a message or of reasoning. */
interface OpenText {
  type: 'content' | 'refusal' | 'reasoning'
  output_index: number
  item_id: string
  /** The parts of the message that are over. */
  parts: Json[]
  text: string
  annotations: Json[]
  /** Where in the reply's content its part begins. */
  base: number
}

/**
 * Encodes a reply as the stream of OpenAI's Responses, from `response.created` to
 * `response.completed` or `response.incomplete`.
 *
 * The format says every text again where it ends, so the encoder holds the reply, of at most 64 Mi
 * characters. Reasoning is a summary. Left out: images without data, citations of passages without
 * a source, provider events, and continuations.
 *
 * Format: https://platform.openai.com/docs/api-reference/responses-streaming
 *
 * @example
 * ```ts
 * import { openaiResponses } from 'ratatoskr/dialects'
 *
 * const encoder = openaiResponses.encodeReply({ model: 'my-model' })
 * const write = (frame: { data: string }) => console.log(frame.data)
 * encoder.push({ type: 'content', text: 'Hi' }, write)
 * encoder.push({ type: 'done', finishReason: 'stop' }, write)
 * encoder.end(write)
 * ```
 */
export function encodeReply(options: OpenAIResponsesEncoderOptions = {}): ReplyEncoder {
  const head = replyHead(options)
  const output: Json[] = []
  const calls = new Map<number, { output_index: number; call: ToolCall; item_id: string }>()
  let model = options.model ?? ''
  let sequence = 0
  let begun = false
  let open: OpenText | undefined
  let usage: Usage | undefined
  let length = 0
  let size = 0

  const write = (event: string, fields: Json, emit: Emit): void => {
    const type = `response.${event}`
    emit({ event: type, data: JSON.stringify({ type, sequence_number: sequence++, ...fields }) })
  }
  const writeReply = (event: string, fields: Json, emit: Emit): void => {
    const status = { status: 'in_progress', incomplete_details: null, output: [], usage: null }
    write(event, { response: { ...head, model, ...replyDefaults, ...status, ...fields } }, emit)
  }
  const begin = (emit: Emit): void => {
    if (begun) return
    begun = true
    writeReply('created', {}, emit)
    writeReply('in_progress', {}, emit)
  }
  const keep = (text: string): void => {
    size += text.length
    checkSize('the limit of what is written', size, defaultLimit)
  }

  const addItem = (item: Json, emit: Emit): number => {
    const output_index = output.push(item) - 1
    write('output_item.added', { output_index, item }, emit)
    return output_index
  }
  const endItem = (output_index: number, item: Json, emit: Emit): void => {
    output[output_index] = item
    write('output_item.done', { output_index, item }, emit)
  }

  const places = ({ type, output_index, item_id, parts }: OpenText): Json =>
    type === 'reasoning'
      ? { item_id, output_index, summary_index: 0 }
      : { item_id, output_index, content_index: parts.length }
  const partOf = ({ type, text, annotations }: OpenText): Json => {
    if (type === 'reasoning') return { type: 'summary_text', text }
    return type === 'refusal' ? { type, refusal: text } : encodeText(text, annotations)
  }
  const messageOf = ({ item_id: id, parts: content }: OpenText, status: string): Json => ({
    type: 'message',
    id,
    role: 'assistant',
    status,
    content,
  })

  const startPart = (text: OpenText, emit: Emit): void => {
    const group = text.type === 'reasoning' ? 'reasoning_summary_part' : 'content_part'
    write(`${group}.added`, { ...places(text), part: partOf({ ...text, annotations: [] }) }, emit)
  }
  const endPart = (text: OpenText, emit: Emit): void => {
    const place = places(text)
    const part = partOf(text)
    if (text.type === 'reasoning') {
      write('reasoning_summary_text.done', { ...place, text: text.text }, emit)
      write('reasoning_summary_part.done', { ...place, part }, emit)
      return
    }
    if (text.type === 'refusal') write('refusal.done', { ...place, refusal: text.text }, emit)
    else write('output_text.done', { ...place, text: text.text, logprobs: [] }, emit)
    write('content_part.done', { ...place, part }, emit)
    text.parts.push(part)
  }
  const closeText = (emit: Emit): void => {
    if (!open) return
    const text = open
    open = undefined
    endPart(text, emit)
    const { type, output_index, item_id } = text
    const item =
      type === 'reasoning' ? encodeReasoning(item_id, text.text) : messageOf(text, 'completed')
    endItem(output_index, item, emit)
  }
  const openText = (type: OpenText['type'], emit: Emit): OpenText => {
    if (open?.type === type) return open
    if (open && open.type !== 'reasoning' && type !== 'reasoning') {
      endPart(open, emit)
      open = { ...open, type, text: '', annotations: [], base: length }
    } else {
      closeText(emit)
      const item_id = `${type === 'reasoning' ? 'rs' : 'msg'}_${randomLetters(24)}`
      const made: OpenText = {
        type,
        output_index: 0,
        item_id,
        parts: [],
        text: '',
        annotations: [],
        base: length,
      }
      const item =
        type === 'reasoning' ? encodeReasoning(item_id, '') : messageOf(made, 'in_progress')
      open = { ...made, output_index: addItem({ ...item }, emit) }
    }
    startPart(open, emit)
    return open
  }

  const deltas = {
    content: 'output_text.delta',
    refusal: 'refusal.delta',
    reasoning: 'reasoning_summary_text.delta',
  }
  const addText = (type: OpenText['type'], delta: string, emit: Emit): void => {
    keep(delta)
    const text = openText(type, emit)
    text.text += delta
    if (type === 'content') length += delta.length
    write(
      deltas[type],
      { ...places(text), delta, ...(type === 'content' && { logprobs: [] }) },
      emit,
    )
  }

  const startCall = (index: number, call: ToolCall, emit: Emit): void => {
    closeText(emit)
    const { status: _, ...item } = encodeCall(call)
    const empty = call.kind === 'custom' ? { input: '' } : { arguments: '', status: 'in_progress' }
    const output_index = addItem({ ...item, ...empty }, emit)
    calls.set(index, { output_index, call, item_id: textOf(item['id']) })
  }
  const writeArguments = (index: number, delta: string, emit: Emit): void => {
    const { output_index, call, item_id } = calls.get(index) ?? {}
    if (!call) return
    keep(delta)
    call.arguments += delta
    const kind = call.kind === 'custom' ? 'custom_tool_call_input' : 'function_call_arguments'
    write(`${kind}.delta`, { item_id, output_index, delta }, emit)
  }
  const endCall = (index: number, emit: Emit): void => {
    const { output_index = 0, call, item_id } = calls.get(index) ?? {}
    calls.delete(index)
    if (!call) return
    const item: Json = { ...encodeCall(call), id: item_id }
    if (call.kind === 'custom') {
      write('custom_tool_call_input.done', { item_id, output_index, input: call.arguments }, emit)
    } else {
      const { arguments: text } = item
      write(
        'function_call_arguments.done',
        { item_id, output_index, name: call.name, arguments: text },
        emit,
      )
    }
    endItem(output_index, item, emit)
  }

  const finish = (event: Extract<ChatEvent, { type: 'done' }>, emit: Emit): void => {
    closeText(emit)
    for (const { output_index } of calls.values()) {
      endItem(output_index, { ...output[output_index], status: 'incomplete' }, emit)
    }
    model ||= event.model ?? ''
    const end = encodeEnd(event.finishReason, event.rawFinishReason)
    writeReply(textOf(end['status']), { ...end, output, ...encodeUsage(usage) }, emit)
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    switch (event.type) {
      case 'content':
      case 'refusal':
      case 'reasoning':
        return addText(event.type, event.text, emit)
      case 'tool_call_start': {
        const { index, id, name, kind } = event
        return startCall(index, { id, name, arguments: '', ...(kind && { kind }) }, emit)
      }
      case 'tool_call_delta':
        return writeArguments(event.index, event.arguments, emit)
      case 'tool_call_end':
        return endCall(event.index, emit)
      case 'citation': {
        const text = openText('content', emit)
        const annotation = encodeCitation(event.citation, text.base)
        if (!annotation) return undefined
        const annotation_index = text.annotations.push(annotation) - 1
        const place = places(text)
        return write(
          'output_text.annotation.added',
          { ...place, annotation_index, annotation },
          emit,
        )
      }
      case 'image': {
        const item = encodeImage(event.image)
        if (!item) return undefined
        keep(event.image.data ?? '')
        closeText(emit)
        const { result: _, ...added } = item
        return endItem(addItem({ ...added, status: 'in_progress' }, emit), item, emit)
      }
      case 'usage':
        ;({ usage } = event)
        return undefined
      case 'done':
        return finish(event, emit)
      case 'provider':
        return undefined
    }
  }

  return replyEncoder(
    (event, emit) => {
      if (event.type !== 'provider') begin(emit)
      writeEvent(event, emit)
    },
    (error, emit) => {
      begin(emit)
      const { body } = encodeError(error)
      writeReply('failed', { status: 'failed', ...failureOf(body), output: [] }, emit)
    },
  )
}

/** What `response.failed` says: a code, which it must have, and words. */
function failureOf(body: Json): Json {
  const { code, type, message } = fieldsOf(body['error'])
  return { error: { code: code ?? type, message } }
}
