import type {
  AssistantMessage,
  Message,
  TextPart,
  ImagePart,
  ToolCall,
  UserPart,
} from '../../message.ts'
import { textOf } from '../../json/shape.ts'
import { dataUrl } from '../data-url.ts'
import { readBody, refuse } from '../request-body.ts'
import {
  callOutput,
  customCall,
  functionCall,
  messageItem,
  type InputPart,
} from './request-schema.ts'

type Item = { readonly [field: string]: unknown }

/** The items of one turn of the model's, as they are put together. */
interface Turn {
  content: string
  refusal: string
  toolCalls: ToolCall[]
  /** In order; texts as lengths, calls by their ids. */
  kept: Item[]
  /** Some item is more than the message can say. */
  hasMore: boolean
}

/** Decodes the `input` of a client's body: what the model made in a row becomes one message. */
export function decodeMessages(items: readonly Item[]): Message[] {
  const messages: Message[] = []
  let turn: Turn | undefined
  const close = (): void => {
    if (turn) messages.push(toAssistant(turn))
    turn = undefined
  }
  for (const [i, item] of items.entries()) {
    const place = `input.${i}`
    const type = item['type'] ?? 'message'
    if (type === 'message' && item['role'] !== 'assistant') {
      close()
      messages.push(toMessage(item, place))
    } else if (type === 'function_call_output' || type === 'custom_tool_call_output') {
      close()
      const { call_id: toolCallId, output } = readBody(callOutput, item, place)
      const content =
        typeof output === 'string'
          ? output
          : output.map((part, at) => toResultPart(part, `${place}.output.${at}`))
      messages.push({ role: 'tool', toolCallId, content })
    } else if (type === 'item_reference') {
      refuse('unsupported', place, 'must not be a reference: give the item itself')
    } else {
      turn ??= { content: '', refusal: '', toolCalls: [], kept: [], hasMore: false }
      addItem(turn, item, textOf(type), place)
    }
  }
  close()
  return messages
}

function addItem(turn: Turn, item: Item, type: string, place: string): void {
  if (type === 'message') {
    const read = readBody(messageItem, item, place)
    if (read.role !== 'assistant') return
    const { content, ...own } = read
    const parts =
      typeof content === 'string' ? [{ type: 'output_text' as const, text: content }] : content
    const text = parts.map((part) => (part.type === 'refusal' ? '' : part.text)).join('')
    turn.refusal += parts.map((part) => (part.type === 'refusal' ? part.refusal : '')).join('')
    turn.content += text
    if (text) turn.kept.push({ ...own, length: text.length })
    if ('phase' in own) turn.hasMore = true
  } else if (type === 'function_call') {
    const { call_id: id, name, arguments: text, ...own } = readBody(functionCall, item, place)
    turn.toolCalls.push({ id, name, arguments: text.trim() ? text : '{}' })
    turn.kept.push({ ...own, call: id })
  } else if (type === 'custom_tool_call') {
    const { call_id: id, name, input, ...own } = readBody(customCall, item, place)
    turn.toolCalls.push({ id, name, arguments: input, kind: 'custom' })
    turn.kept.push({ ...own, call: id })
  } else {
    turn.hasMore = true
    turn.kept.push(item)
  }
}

function toAssistant({ content, refusal, toolCalls, kept, hasMore }: Turn): AssistantMessage {
  return {
    role: 'assistant',
    content,
    ...(toolCalls[0] && { toolCalls }),
    ...(refusal && { refusal }),
    ...(hasMore && { continuation: { dialect: 'openai-responses', data: { items: kept } } }),
  }
}

function toMessage(item: Item, place: string): Message {
  const { role, content } = readBody(messageItem, item, place)
  if (role === 'user') {
    if (typeof content === 'string') return { role, content }
    return { role, content: content.map((part, at) => toPart(part, `${place}.content.${at}`)) }
  }
  const parts = typeof content === 'string' ? [{ text: content }] : content
  return {
    role: 'system',
    content: parts.map((part) => ('text' in part ? part.text : '')).join(''),
  }
}

function toResultPart(part: InputPart, place: string): TextPart | ImagePart {
  const read = toPart(part, place)
  if (read.type !== 'file') return read
  return refuse('unsupported', place, 'must be a text or an image')
}

function toPart(part: InputPart, place: string): UserPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', text: part.text }
    case 'input_image': {
      const { image_url: url, detail } = part
      if (!url) refuse('unsupported', place, 'must have an image_url: files are not stored here')
      return { type: 'image', ...(dataUrl(url) ?? { url }), ...(detail && { detail }) }
    }
    case 'input_file': {
      const { file_data: data, file_url: url, filename } = part
      const named = filename ? { filename } : {}
      if (url) return { type: 'file', url, ...named }
      const source = dataUrl(data ?? '')
      if (!source) refuse('unsupported', place, 'must have a file_url, or file_data as a data: URL')
      return { type: 'file', ...source, ...named }
    }
  }
}
