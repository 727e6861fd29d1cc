import type { AssistantMessage, Message, ToolCall, UserPart } from '../../message.ts'
import { refuse } from '../request-body.ts'
import type { SentMessage } from './request-schema.ts'

/**
 * Decodes the `messages` of a client's body, whose shape has been checked. Calls without an id get
 * one, and each result that of the first call of its name which has none yet.
 */
export function decodeMessages(messages: readonly SentMessage[]): Message[] {
  const open: ToolCall[] = []
  let made = 0
  return messages.map((message, i): Message => {
    const place = `messages.${i}`
    switch (message.role) {
      case 'system':
        return { role: message.role, content: message.content }
      case 'user': {
        const { role, content, images } = message
        if (!images?.[0]) return { role, content }
        const parts = images.map((data, at) => toImage(data, `${place}.images.${at}`))
        return {
          role,
          content: [...(content ? [{ type: 'text' as const, text: content }] : []), ...parts],
        }
      }
      case 'assistant': {
        const calls = (message.tool_calls ?? []).map(({ id, function: called }): ToolCall => {
          made += 1
          const input = JSON.stringify(called.arguments ?? {})
          return { id: id || `call_${made - 1}`, name: called.name, arguments: input }
        })
        open.splice(0, open.length, ...calls)
        return toAssistant(message, calls)
      }
      case 'tool': {
        const { role, content, tool_name: name, tool_call_id: id } = message
        const at = open.findIndex((call) => (id ? call.id === id : !name || call.name === name))
        const [answered] = at < 0 ? [] : open.splice(at, 1)
        if (!answered) refuse('invalid_request', place, 'must be the result of a call before it')
        return { role, toolCallId: answered.id, content }
      }
    }
  })
}

function toAssistant(
  { role, content, thinking }: Extract<SentMessage, { role: 'assistant' }>,
  toolCalls: readonly ToolCall[],
): AssistantMessage {
  return {
    role,
    content: content ?? '',
    ...(toolCalls[0] && { toolCalls }),
    ...(thinking && { reasoning: thinking }),
    ...(thinking && toolCalls[0] && { continuation: { dialect: 'ollama', data: { thinking } } }),
  }
}

/** On this wire an image does not say what it is; its first bytes do. */
function toImage(data: string, place: string): UserPart {
  const [, mediaType] = signatures.find(([start]) => data.startsWith(start)) ?? []
  if (!mediaType) refuse('invalid_request', place, 'must be a PNG, JPEG, GIF or WebP in base64')
  return { type: 'image', data, mediaType }
}

const signatures: readonly (readonly [start: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
]
