import type { GeneratedImage } from '../../event.ts'
import { fieldsOf } from '../../json/shape.ts'
import type { AssistantMessage, Message, ToolCall, UserPart } from '../../message.ts'
import { stringify } from '../api-error.ts'
import { refuse } from '../request-body.ts'
import { keepParts } from './kept-parts.ts'
import type { SentContent, SentPart } from './request-schema.ts'

/** Decodes the `contents` of a client's body, whose shape has been checked. */
export function decodeMessages(contents: readonly SentContent[]): Message[] {
  /** The calls that wait for a result, by name. */
  const open: { name: string; id: string }[] = []
  let made = 0
  return contents.flatMap(({ role, parts }, i): Message[] => {
    const place = `contents.${i}`
    if (role === 'model') {
      const message = toAssistant(parts ?? [], () => `call_${made++}`)
      for (const { id, name } of message.toolCalls ?? []) open.push({ id, name })
      return [message]
    }
    if (role != null && role !== 'user' && role !== 'function') {
      refuse('invalid_request', `${place}.role`, 'must be user or model')
    }
    return toMessages(parts ?? [], place, open)
  })
}

function toMessages(
  parts: readonly SentPart[],
  place: string,
  open: { name: string; id: string }[],
): Message[] {
  const messages: Message[] = []
  const said: UserPart[] = []
  for (const [i, part] of parts.entries()) {
    const { functionResponse: result } = part
    if (result) {
      const at = open.findIndex(({ id, name }) =>
        result.id ? id === result.id : name === result.name,
      )
      const [call] = at < 0 ? [] : open.splice(at, 1)
      const { error, result: given = result.response, ...others } = fieldsOf(result.response)
      const isError = error !== undefined && Object.keys(others).length === 0
      const value = isError ? error : Object.keys(others).length > 0 ? result.response : given
      const text = typeof value === 'string' ? value : stringify(value ?? {})
      const images = (result.parts ?? []).map(({ inlineData: { mimeType: mediaType, data } }) => ({
        type: 'image' as const,
        mediaType,
        data,
      }))
      messages.push({
        role: 'tool',
        toolCallId: call?.id ?? result.id ?? result.name,
        content: images[0] ? [{ type: 'text', text }, ...images] : text,
        ...(isError && { isError }),
      })
    } else said.push(toUserPart(part, `${place}.parts.${i}`))
  }
  const [only] = said
  if (said.length === 1 && only?.type === 'text') {
    messages.push({ role: 'user', content: only.text })
  } else if (only) messages.push({ role: 'user', content: said })
  return messages
}

function toUserPart(part: SentPart, place: string): UserPart {
  if (part.text != null) return { type: 'text', text: part.text }
  const mediaType = part.inlineData?.mimeType ?? part.fileData?.mimeType ?? ''
  const type = mediaType.startsWith('image/') ? 'image' : 'file'
  if (part.inlineData) return { type, mediaType, data: part.inlineData.data }
  if (part.fileData) return { type, url: part.fileData.fileUri, ...(mediaType && { mediaType }) }
  return refuse('unsupported', place, 'must be text, inlineData, fileData or functionResponse')
}

function toAssistant(parts: readonly SentPart[], callId: () => string): AssistantMessage {
  const kept = keepParts()
  const toolCalls: ToolCall[] = []
  const images: GeneratedImage[] = []
  let content = ''
  let reasoning = ''
  for (const part of parts) {
    const { text, thought, thoughtSignature, functionCall, inlineData } = part
    if (functionCall) {
      const { id, name, args } = functionCall
      const made = id || callId()
      kept.call({ thoughtSignature, functionCall: { id } }, made)
      toolCalls.push({ id: made, name, arguments: stringify(args ?? {}) })
    } else if (inlineData?.mimeType.startsWith('image/')) {
      kept.image({ thoughtSignature }, images.length)
      images.push({ mediaType: inlineData.mimeType, data: inlineData.data })
    } else if (text != null && thought) {
      reasoning += text
      if (thoughtSignature) kept.other({ text, thought: true, thoughtSignature })
    } else if (text != null) {
      kept.text({ thoughtSignature }, text.length)
      content += text
    } else if (Object.keys(part).length > 0)
      kept.other({ ...part, thought: undefined, functionCall: undefined })
  }
  const continuation = kept.continuation()
  return {
    role: 'assistant',
    content,
    ...(toolCalls[0] && { toolCalls }),
    ...(reasoning && { reasoning }),
    ...(images[0] && { images }),
    ...(continuation && { continuation }),
  }
}
