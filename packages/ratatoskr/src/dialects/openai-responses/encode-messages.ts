import { need } from '../../errors.ts'
import { fieldsOf } from '../../json/shape.ts'
import type { AssistantMessage, BinarySource, Message, ToolCall, UserPart } from '../../message.ts'
import { replay } from '../replay.ts'

type Json = { [field: string]: unknown }

/** Encodes a conversation as the `input` of OpenAI's Responses: a list of items. */
export function encodeMessages(messages: readonly Message[]): Json[] {
  /** The ids of the calls whose arguments are free text. */
  const custom = new Set<string>()
  return messages.flatMap((message): Json[] => {
    switch (message.role) {
      case 'system':
        return [{ role: message.role, content: message.content }]
      case 'user': {
        const { role, content } = message
        return [{ role, content: typeof content === 'string' ? content : content.map(encodePart) }]
      }
      case 'assistant':
        for (const { id, kind } of message.toolCalls ?? []) if (kind === 'custom') custom.add(id)
        return encodeAssistant(message)
      case 'tool': {
        const { toolCallId: call_id, content } = message
        const type = custom.has(call_id) ? 'custom_tool_call_output' : 'function_call_output'
        const output = typeof content === 'string' ? content : content.map(encodePart)
        return [{ type, call_id, output }]
      }
    }
  })
}

function encodePart(part: UserPart): Json {
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text }
    case 'image':
      return { type: 'input_image', image_url: toUrl(part), detail: part.detail }
    case 'file': {
      const { url, mediaType = '', filename = 'file' } = part
      const isSound = /^(audio|video)\//.test(mediaType)
      need(!isSound, 'unsupported', 'Responses take no sound or film, only documents and images')
      return {
        type: 'input_file',
        ...(url ? { file_url: url } : { filename, file_data: toUrl(part) }),
      }
    }
  }
}

function toUrl({ url, data, mediaType }: BinarySource): string {
  return url ?? `data:${mediaType};base64,${data}`
}

function encodeAssistant(message: AssistantMessage): Json[] {
  const { refusal, images = [], continuation } = message
  const isOwn = continuation?.dialect === 'openai-responses'
  const kept = isOwn ? fieldsOf(continuation.data)['items'] : []
  const items = replay<Json>(message, kept, {
    text: (text, own) => ({
      type: 'message',
      role: 'assistant',
      ...own,
      content: [{ type: 'output_text', text, annotations: [] }],
    }),
    call: encodeCall,
    other: ({ image, ...own }) =>
      image === undefined ? own : { ...own, result: images[Number(image)]?.data },
  })
  const refused = { role: 'assistant', content: [{ type: 'refusal', refusal }] }
  return refusal ? [...items, { type: 'message', ...refused }] : items
}

function encodeCall(call: ToolCall, own: { readonly [field: string]: unknown }): Json {
  const { id: call_id, name, arguments: text, kind } = call
  return kind === 'custom'
    ? { ...own, type: 'custom_tool_call', call_id, name, input: text }
    : { ...own, type: 'function_call', call_id, name, arguments: text }
}
