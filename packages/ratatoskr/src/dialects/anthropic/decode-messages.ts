import type { Continuation } from '../../event.ts'
import { textOf } from '../../json/shape.ts'
import type {
  AssistantMessage,
  BinarySource,
  Message,
  TextPart,
  ImagePart,
  ToolCall,
  UserPart,
} from '../../message.ts'
import { readBody, refuse } from '../request-body.ts'
import { continuationOf, type KeptBlock } from './continuation.ts'
import { callBlock, textOnly, type SentMessage, type SentUserBlock } from './request-schema.ts'

/** Decodes the `messages` of a client's body, whose shape has been checked. */
export function decodeMessages(messages: readonly SentMessage[]): Message[] {
  return messages.flatMap((message, i): Message[] => {
    const place = `messages.${i}`
    switch (message.role) {
      case 'system':
        return decodeSystem(message.content)
      case 'assistant':
        return [decodeAssistant(message.content, `${place}.content`)]
      case 'user':
        return decodeUser(message.content, `${place}.content`)
    }
  })
}

/** Decodes instructions: each block is one message. */
export function decodeSystem(sent: string | readonly { text: string }[]): Message[] {
  const blocks = typeof sent === 'string' ? [{ text: sent }] : sent
  return blocks.map(({ text }) => ({ role: 'system', content: text }))
}

/** The results of tools are messages of their own; what stands between them is the user's. */
function decodeUser(sent: string | readonly SentUserBlock[], place: string): Message[] {
  if (typeof sent === 'string') return [{ role: 'user', content: sent }]
  const messages: Message[] = []
  let parts: UserPart[] = []
  for (const [at, block] of sent.entries()) {
    if (block.type === 'tool_result') {
      if (parts[0]) messages.push({ role: 'user', content: parts })
      parts = []
      const { tool_use_id: toolCallId, content, is_error } = block
      messages.push({
        role: 'tool',
        toolCallId,
        content:
          typeof content === 'string'
            ? content
            : (content ?? []).map((part, n) => toResultPart(part, `${place}.${at}.content.${n}`)),
        ...(is_error && { isError: true }),
      })
    } else {
      parts.push(toPart(block, `${place}.${at}`))
    }
  }
  if (parts[0] || !messages[0]) messages.push({ role: 'user', content: parts })
  return messages
}

type Sent<Type> = Extract<SentUserBlock, { type: Type }>
type SentPart = Exclude<SentUserBlock, Sent<'tool_result'>>

function toResultPart(block: SentPart, place: string): TextPart | ImagePart {
  if (block.type === 'text') return toText(block)
  if (block.type === 'image') return toImage(block, place)
  return refuse('unsupported', place, `must not be ${block.type}: give text or images`)
}

function toPart(block: SentPart, place: string): UserPart {
  if (block.type === 'text') return toText(block)
  if (block.type === 'image') return toImage(block, place)
  if (block.type !== 'document') {
    return refuse('unsupported', place, `must not be ${block.type}: give text, images or documents`)
  }
  const { source, title, citations, context } = block
  if (context != null) refuse('unsupported', `${place}.context`, 'is not supported: leave it out')
  return {
    type: 'file',
    ...(source.type === 'text'
      ? { data: base64(source.data), mediaType: 'text/plain' }
      : toSource(source, place)),
    ...(title && { filename: title }),
    ...(citations?.enabled && { citations: true }),
  }
}

function toText({ text }: { text: string }): TextPart {
  return { type: 'text', text }
}

function toImage({ source }: Sent<'image'>, place: string): ImagePart {
  return { type: 'image', ...toSource(source, place) }
}

function toSource(
  source: Exclude<Sent<'document'>['source'], { type: 'text' }>,
  place: string,
): BinarySource {
  if (source.type === 'url') return { url: source.url }
  if (source.type === 'base64') return { data: source.data, mediaType: source.media_type }
  return refuse('unsupported', `${place}.source`, `must not be ${source.type}: give base64 or url`)
}

type SentBlock = { readonly type: string; readonly [field: string]: unknown }

function decodeAssistant(sent: string | readonly SentBlock[], place: string): AssistantMessage {
  const blocks = typeof sent === 'string' ? [{ type: 'text', text: sent }] : sent
  let content = ''
  let reasoning = ''
  const toolCalls: ToolCall[] = []
  const kept: KeptBlock[] = []
  for (const [at, sentBlock] of blocks.entries()) {
    const { cache_control: _, type, ...block }: SentBlock = sentBlock
    let length = 0
    if (type === 'text') {
      const { text } = readBody(textOnly, block, `${place}.${at}`)
      content += text
      length = text.length
    } else if (type === 'thinking') {
      reasoning += textOf(block['thinking'])
    } else if (type === 'tool_use') {
      const { id, name, input } = readBody(callBlock, block, `${place}.${at}`)
      toolCalls.push({ id, name, arguments: stringify(input, `${place}.${at}.input`) })
    }
    const { text: __, ...rest } = block
    kept.push({ block: { type, ...(type === 'text' ? rest : block) }, length, ended: true })
  }
  const continuation: Continuation | undefined = continuationOf(kept, '')
  return {
    role: 'assistant',
    content,
    ...(toolCalls[0] && { toolCalls }),
    ...(reasoning && { reasoning }),
    ...(continuation && { continuation }),
  }
}

function stringify(input: unknown, place: string): string {
  try {
    return JSON.stringify(input)
  } catch {
    return refuse('invalid_request', place, 'must not be nested so deep')
  }
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
