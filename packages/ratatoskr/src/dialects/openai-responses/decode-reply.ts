import { checkSize, cutOff, defaultLimit, need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent, FinishReason } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { apiError } from '../api-error.ts'
import { dataUrl } from '../data-url.ts'
import type { ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from '../reply-decoder.ts'
import type { Chunk, ItemPart, OutputItem, ReplyObject } from './chunk.ts'
import { readCitation } from './citation.ts'
import {
  continuationOf,
  findItem,
  imagesIn,
  isCall,
  isTold,
  openItem,
  type OpenItem,
} from './output-item.ts'
import { readUsage } from './usage.ts'

type Emit = (event: ChatEvent) => void
type TextType = 'content' | 'refusal' | 'reasoning'

const dialect = 'openai-responses'

/**
 * Decodes a reply of OpenAI's Responses: the events of a stream, or one whole reply.
 *
 * The reply is complete at `response.completed` and `response.incomplete`. Throws a
 * `RatatoskrError`: `truncated` where the input ends before, the provider's own error at
 * `response.failed` and `error`. What comes a second time, in `*.done`, is not said again; a host
 * that sends nothing else is understood. Items of the host's own tools are provider events. The
 * `continuation` of `done` holds the reasoning and those items.
 *
 * Format: https://platform.openai.com/docs/api-reference/responses-streaming
 *
 * @example
 * ```ts
 * import { openaiResponses } from 'ratatoskr/dialects'
 *
 * const decoder = openaiResponses.decodeReply()
 * decoder.push({ type: 'response.output_text.delta', output_index: 0, delta: 'Hi' }, console.log)
 * decoder.push({ type: 'response.completed', response: { status: 'completed' } }, console.log)
 * ```
 */
export function decodeReply(options: ReplyDecoderOptions = {}): ReplyDecoder<Chunk | '[DONE]'> {
  const { provider, callId = (i: number): string => `call_${i}`, includeProviderEvents } = options
  const items: OpenItem[] = []
  const byKey = new Map<unknown, OpenItem>()
  const head = { id: '', model: '', stored: true }
  let phase: ReplyPhase = 'open'
  /** Its beginning was seen: it was not taken up again in the middle. */
  let begun = false
  let length = 0
  let calls = 0
  let images = 0
  let size = 0

  /** By its place, since some hosts give an item another id in each event. */
  const itemOf = ({ output_index: index, item_id, item }: Chunk): OpenItem => {
    const key = index ?? (textOf(item_id) || textOf(item?.id))
    const known = byKey.get(key)
    if (known) return known
    return openAt(key)
  }

  const openAt = (key: unknown): OpenItem => {
    const made = openItem(key)
    items.push(made)
    byKey.set(key, made)
    return made
  }

  const say = (item: OpenItem, type: TextType, place: string, value: unknown, emit: Emit): void => {
    need(value == null || typeof value === 'string', 'protocol', `A piece of ${type} must be text`)
    const text = textOf(value)
    if (!text) return
    if (!item.said.has(place)) item.said.set(place, length)
    if (type === 'content') {
      length += text.length
      item.length += text.length
    }
    emit({ type, text })
  }

  /** What stands in a `done`, for those that send nothing else. */
  const sayOnce = (
    item: OpenItem,
    type: TextType,
    place: string,
    text: unknown,
    emit: Emit,
  ): void => {
    if (text != null && !item.said.has(place)) say(item, type, place, text, emit)
  }

  const cite = (
    item: OpenItem,
    i: number,
    annotation: unknown,
    emit: Emit,
    base: number = item.said.get(`content.${i}`) ?? length,
  ): void => {
    const citation = readCitation(annotation, base)
    if (!citation) return
    item.cited.add(i)
    emit({ type: 'citation', citation })
  }

  const takePart = (item: OpenItem, i: number, part: ItemPart, emit: Emit): void => {
    if (part.type === 'refusal') return sayOnce(item, 'refusal', `content.${i}`, part.refusal, emit)
    if (part.type === 'reasoning_text') {
      return sayOnce(item, 'reasoning', `content.${i}`, part.text, emit)
    }
    if (part.type !== 'output_text' && part.type !== 'text') return undefined
    sayOnce(item, 'content', `content.${i}`, part.text, emit)
    if (item.cited.has(i)) return undefined
    for (const annotation of [part.annotations ?? []].flat()) cite(item, i, annotation, emit)
    return undefined
  }

  /** Starts a call as soon as its name is known, and says what has come of its arguments. */
  const sayCall = (item: OpenItem, emit: Emit): void => {
    const { name, call_id, type } = item.sent
    if (!item.call && isCall(item.sent) && textOf(name)) {
      const index = calls
      calls += 1
      const id = textOf(call_id) || callId(index)
      const kind = type === 'custom_tool_call' ? { kind: 'custom' as const } : {}
      item.call = { index, id, ...kind }
      emit({ type: 'tool_call_start', index, id, name: textOf(name), ...kind })
    }
    const { call, untold } = item
    if (!call || !untold) return
    item.untold = ''
    emit({ type: 'tool_call_delta', index: call.index, arguments: untold })
  }

  const addArguments = (item: OpenItem, piece: unknown, emit: Emit): void => {
    need(
      piece == null || typeof piece === 'string',
      'protocol',
      'A piece of arguments must be text',
    )
    need(!item.complete || !textOf(piece), 'protocol', 'A tool call must end')
    size += textOf(piece).length
    checkSize('the limit of tool calls', size, defaultLimit)
    item.text += textOf(piece)
    item.untold += textOf(piece)
    sayCall(item, emit)
  }

  const endCall = (item: OpenItem, emit: Emit): void => {
    const { status, arguments: args, input } = item.sent
    const whole = args ?? input
    // What was not said yet may have begun in the middle, where a reply was taken up again.
    if (item.untold === item.text && whole) {
      item.text = item.untold = ''
      addArguments(item, whole, emit)
    }
    sayCall(item, emit)
    need(item.call, 'protocol', 'A tool call must have a name')
    const fits = item.call?.kind || !item.text.trim() || isJsonObject(item.text)
    if (!item.call || item.complete || !fits || status === 'incomplete') return
    item.complete = true
    emit({ type: 'tool_call_end', index: item.call.index })
  }

  const showImages = (item: OpenItem, emit: Emit): void => {
    const { type, result, output_format, outputs } = item.sent
    const data = textOf(result)
    if (type === 'image_generation_call' && data) {
      item.image = images++
      const mediaType = `image/${textOf(output_format) || 'png'}`
      emit({ type: 'image', image: { mediaType, data } })
    }
    for (const { url } of type === 'code_interpreter_call' ? imagesIn(outputs) : []) {
      images += 1
      emit({ type: 'image', image: dataUrl(url) ?? { mediaType: 'image/png', url } })
    }
  }

  const endItem = (item: OpenItem, sent: OutputItem, emit: Emit): void => {
    const isFirst = !item.ended
    item.sent = sent
    item.ended = true
    const { type, content, summary } = sent
    if (isCall(sent)) endCall(item, emit)
    else if (type === 'message') endMessage(item, content ?? [], emit)
    else if (type === 'reasoning') endReasoning(item, content, summary, emit)
    else if (isFirst) showImages(item, emit)
  }

  /** Parts stand in a list here, and hosts number them otherwise in their events. */
  const endMessage = (item: OpenItem, parts: readonly ItemPart[], emit: Emit): void => {
    const starts = [...item.said.values()]
    const isCited = item.cited.size > 0
    for (const [i, part] of parts.entries()) {
      if (starts.length === 0) takePart(item, i, part, emit)
      else if (!isCited) {
        for (const each of [part.annotations ?? []].flat()) cite(item, i, each, emit, starts[i])
      }
    }
  }

  const endReasoning = (
    item: OpenItem,
    content: OutputItem['content'],
    summary: OutputItem['summary'],
    emit: Emit,
  ): void => {
    const kind = [...item.said.keys()][0]?.split('.')[0] ?? (content?.[0] ? 'content' : 'summary')
    const parts = kind === 'content' ? content : summary
    for (const [i, { text }] of (parts ?? []).entries()) {
      sayOnce(item, 'reasoning', `${kind}.${i}`, text, emit)
    }
  }

  const takeReply = (reply: ReplyObject): void => {
    head.id ||= textOf(reply.id)
    head.model = textOf(reply.model) || head.model
    if (reply.store === false) head.stored = false
  }

  const finish = (reply: ReplyObject, emit: Emit): void => {
    const status = textOf(reply.status)
    const why = textOf(fieldsOf(reply.incomplete_details)['reason'])
    takeReply(reply)
    // Of what was told before, the end is a copy; some hosts tell calls or texts there only.
    const told = [...items]
    for (const [i, sent] of (reply.output ?? []).entries()) {
      const item = findItem(told, sent, i)
      if (item ? !item.ended : begun || !told[0]) endItem(item ?? openAt(i), sent, emit)
    }
    if (status === 'completed') for (const item of items) if (isCall(item.sent)) endCall(item, emit)
    const called = items.some(({ complete }) => complete)
    const usage = readUsage(reply.usage)
    const continuation = continuationOf(items, head.stored)
    phase = 'done'
    if (usage) emit({ type: 'usage', usage })
    emit({
      type: 'done',
      finishReason: finishReasonOf(status, why, called),
      ...((why || status) && { rawFinishReason: why || status }),
      ...(head.model && { model: head.model }),
      ...(head.id && { id: head.id }),
      ...(continuation && { continuation }),
    })
  }

  const takeEvent = (chunk: Chunk, type: string, emit: Emit): void => {
    const content = `content.${chunk.content_index ?? 0}`
    const summary = `summary.${chunk.summary_index ?? 0}`
    switch (type) {
      case 'output_text.delta':
        return say(itemOf(chunk), 'content', content, chunk.delta, emit)
      case 'output_text.done':
        return sayOnce(itemOf(chunk), 'content', content, chunk.text, emit)
      case 'refusal.delta':
        return say(itemOf(chunk), 'refusal', content, chunk.delta, emit)
      case 'refusal.done':
        return sayOnce(itemOf(chunk), 'refusal', content, chunk.refusal, emit)
      case 'reasoning_text.delta':
        return say(itemOf(chunk), 'reasoning', content, chunk.delta, emit)
      case 'reasoning_text.done':
        return sayOnce(itemOf(chunk), 'reasoning', content, chunk.text, emit)
      case 'reasoning_summary_text.delta':
        return say(itemOf(chunk), 'reasoning', summary, chunk.delta, emit)
      case 'reasoning_summary_text.done':
        return sayOnce(itemOf(chunk), 'reasoning', summary, chunk.text, emit)
      case 'content_part.done':
        return takePart(itemOf(chunk), chunk.content_index ?? 0, chunk.part ?? {}, emit)
      case 'output_text.annotation.added':
        return cite(itemOf(chunk), chunk.content_index ?? 0, chunk.annotation, emit)
      case 'function_call_arguments.delta':
      case 'custom_tool_call_input.delta':
        return addArguments(itemOf(chunk), chunk.delta, emit)
      case 'function_call_arguments.done':
      case 'custom_tool_call_input.done': {
        const item = itemOf(chunk)
        const whole = chunk.arguments ?? chunk.input
        if (item.text === '' && whole != null) addArguments(item, whole, emit)
        return undefined
      }
      case 'output_item.added': {
        const item = itemOf(chunk)
        item.sent = chunk.item ?? {}
        return sayCall(item, emit)
      }
      case 'output_item.done':
        return endItem(itemOf(chunk), chunk.item ?? {}, emit)
      default:
        return takeReply(chunk.response ?? {})
    }
  }

  return {
    get phase() {
      return phase
    },
    push(chunk, emit) {
      if (phase === 'done' || chunk === '[DONE]') return
      const type = chunk.type?.replace(/^response\./, '') ?? ''
      const reply = type ? (chunk.response ?? {}) : chunk
      if (type === 'error' || reply.error) {
        throw apiError({ provider, body: { error: reply.error ?? chunk.error ?? chunk } })
      }
      if (includeProviderEvents && isExtra(type, chunk)) {
        const { response, ...data } = chunk
        const { output: _, ...rest } = fieldsOf(response)
        emit({ type: 'provider', dialect, data: response ? { ...data, response: rest } : data })
      }
      if (/^(created|queued|in_progress)$/.test(type)) begun = true
      const isEnd = /^(completed|incomplete|failed|cancelled)$/.test(type || textOf(reply.status))
      if (!isEnd) return takeEvent(chunk, type, emit)
      if (/failed|cancelled/.test(`${type} ${textOf(reply.status)}`)) {
        throw apiError({ provider, body: { error: { type: 'server_error', ...reply } } })
      }
      finish({ status: type, ...reply }, emit)
      return undefined
    },
    end() {
      if (phase !== 'done')
        throw new RatatoskrError('truncated', cutOff, { provider, retryable: true })
    },
  }
}

function finishReasonOf(status: string, why: string, called: boolean): FinishReason {
  if (status === 'completed') return called ? 'tool_calls' : 'stop'
  if (/max_.*tokens/.test(why)) return 'length'
  return why === 'content_filter' ? why : 'other'
}

const carried =
  /^((output_text|refusal|reasoning_text|reasoning_summary_text|function_call_arguments|custom_tool_call_input)\.(delta|done)|(content|reasoning|reasoning_summary)_part\..*|in_progress|queued|output_text\.annotation\.added)$/

/** Whether an event says something that the library's own events do not. */
function isExtra(type: string, { item, logprobs, annotation }: Chunk): boolean {
  if (!type) return false
  if (item) return !isTold(item)
  if (annotation) return readCitation(annotation, 0) === undefined
  return !carried.test(type) || (Array.isArray(logprobs) && logprobs.length > 0)
}
