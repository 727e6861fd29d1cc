import type { AssistantMessage, FilePart, Message, ToolCall, UserPart } from '../../message.ts'
import type { GeneratedImage } from '../../event.ts'
import { dataUrl } from '../data-url.ts'
import { readBody, refuse } from '../request-body.ts'
import { customCall, functionCall, type SentMessage, type SentUserPart } from './request-schema.ts'

/** Decodes the `messages` of a client's body, whose shape has been checked. */
export function decodeMessages(messages: readonly SentMessage[]): Message[] {
  return messages.map((message, i): Message => {
    const place = `messages.${i}`
    if (message.role === 'function') {
      refuse('unsupported', `${place}.role`, 'must not be function: use tools')
    }
    if (message.role === 'tool') {
      const { tool_call_id: toolCallId, content } = message
      return { role: 'tool', toolCallId, content: isText(content) ? content : content.map(toText) }
    }
    if (message.name != null) {
      refuse('unsupported', `${place}.name`, 'is not supported: leave it out')
    }
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: joinTexts(message.content) }
      case 'user': {
        const { role, content } = message
        if (isText(content)) return { role, content }
        return { role, content: content.map((part, at) => toPart(part, `${place}.content.${at}`)) }
      }
      case 'assistant':
        return toAssistant(message, place)
    }
  })
}

type Sent<Role> = Extract<SentMessage, { role: Role }>

function toAssistant(message: Sent<'assistant'>, place: string): AssistantMessage {
  const { content, reasoning_details: details, images } = message
  if (message.function_call != null) {
    refuse('unsupported', `${place}.function_call`, 'is not supported: use tool_calls')
  }
  if (message.audio != null) {
    refuse('unsupported', `${place}.audio`, 'is not supported: give its transcript as content')
  }
  const refusals = isText(content) ? [] : (content ?? []).map((part) => refusalOf(part))
  const refusal = (message.refusal ?? '') + refusals.join('')
  const reasoning = message.reasoning_content || message.reasoning
  const toolCalls = (message.tool_calls ?? []).map((call, at) =>
    toCall(call, `${place}.tool_calls.${at}`),
  )
  return {
    role: 'assistant',
    content: joinTexts(content ?? ''),
    ...(toolCalls[0] && { toolCalls }),
    ...(reasoning && { reasoning }),
    ...(refusal && { refusal }),
    ...(images?.[0] && { images: images.map(({ image_url: { url } }) => toImage(url)) }),
    ...(details?.[0] && {
      continuation: { dialect: 'openai-chat', data: { reasoning_details: details } },
    }),
  }
}

function toCall(call: { readonly [field: string]: unknown }, place: string): ToolCall {
  if (call['type'] === 'custom') {
    const { id, custom } = readBody(customCall, call, place)
    return { id, name: custom.name, arguments: custom.input, kind: 'custom' }
  }
  const { id, function: called } = readBody(functionCall, call, place)
  return { id, name: called.name, arguments: called.arguments.trim() ? called.arguments : '{}' }
}

function toPart(part: SentUserPart, place: string): UserPart {
  switch (part.type) {
    case 'text':
      return toText(part)
    case 'image_url': {
      const { url, detail } = part.image_url
      return { type: 'image', ...(dataUrl(url) ?? { url }), ...(detail && { detail }) }
    }
    case 'input_audio': {
      const { data, format } = part.input_audio
      return { type: 'file', data, mediaType: `audio/${format}` }
    }
    case 'file':
      return toFile(part.file, `${place}.file`)
  }
}

function toFile(file: Extract<SentUserPart, { type: 'file' }>['file'], place: string): FilePart {
  const { file_id: id, file_data: sent, filename } = file
  if (id != null) refuse('unsupported', `${place}.file_id`, 'is not supported: give file_data')
  const named = filename ? { filename } : {}
  if (sent && /^https?:/.test(sent)) return { type: 'file', url: sent, ...named }
  const isBase64 = sent && /^[\w+/=\s-]+$/.test(sent)
  // `JVBERi` is `%PDF`.
  const isPdf = isBase64 && (sent.startsWith('JVBERi') || /\.pdf$/i.test(filename ?? ''))
  const mediaType = isPdf ? 'application/pdf' : 'application/octet-stream'
  const source = isBase64 ? { data: sent, mediaType } : dataUrl(sent ?? '')
  if (!source)
    refuse('invalid_request', `${place}.file_data`, 'must be base64 or a data: URL of it')
  return { type: 'file', ...source, ...named }
}

/** Generated before, so its type is known only where it stands in the URL. */
function toImage(url: string): GeneratedImage {
  return dataUrl(url) ?? { mediaType: 'image/*', url }
}

function toText({ text }: { text: string }): { type: 'text'; text: string } {
  return { type: 'text', text }
}

type Texts = string | readonly { type: string; text?: unknown }[]

function joinTexts(content: Texts): string {
  if (isText(content)) return content
  return content.map(({ text }) => (isText(text) ? text : '')).join('')
}

function refusalOf(part: { type: string; refusal?: unknown }): string {
  return part.type === 'refusal' && isText(part.refusal) ? part.refusal : ''
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
