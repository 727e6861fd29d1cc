import { need } from '../../errors.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import type { AssistantMessage, Message, UserMessage } from '../../message.ts'
import { dataUrl } from '../data-url.ts'

type Json = { [field: string]: unknown }

/** Encodes a conversation as the `messages` of Ollama's own format. */
export function encodeMessages(messages: readonly Message[]): Json[] {
  /** The names of the calls, for results are given by name. */
  const names = new Map<string, string>()
  return messages.map((message): Json => {
    switch (message.role) {
      case 'system':
        return { role: message.role, content: message.content }
      case 'user':
        return encodeUser(message)
      case 'assistant':
        for (const { id, name } of message.toolCalls ?? []) names.set(id, name)
        return encodeAssistant(message)
      case 'tool': {
        const { role, content, toolCallId } = message
        const text =
          typeof content === 'string'
            ? content
            : content
                .map((part) => {
                  const fits = part.type === 'text'
                  need(
                    fits,
                    'unsupported',
                    'A tool result must be text, images go into user messages',
                  )
                  return part.type === 'text' ? part.text : ''
                })
                .join('\n')
        return { role, content: text, tool_name: names.get(toolCallId) }
      }
    }
  })
}

function encodeUser({ role, content }: UserMessage): Json {
  if (typeof content === 'string') return { role, content }
  const texts: string[] = []
  const images: string[] = []
  for (const part of content) {
    if (part.type === 'text') texts.push(part.text)
    else {
      need(part.type === 'image', 'unsupported', 'Ollama takes no files, give their text')
      const data = part.data ?? dataUrl(part.url)?.data
      need(data, 'unsupported', 'Ollama reads no addresses, give the data of an image')
      images.push(data ?? '')
    }
  }
  return { role, content: texts.join('\n'), ...(images[0] && { images }) }
}

function encodeAssistant(message: AssistantMessage): Json {
  const { role, content, refusal, toolCalls = [], continuation } = message
  const isOwn = continuation?.dialect === 'ollama'
  const thinking = isOwn ? textOf(fieldsOf(continuation.data)['thinking']) : ''
  return {
    role,
    content: content || (refusal ?? ''),
    ...(thinking && { thinking }),
    ...(toolCalls[0] && {
      tool_calls: toolCalls.map(({ name, arguments: text, kind }) => {
        need(kind !== 'custom', 'unsupported', 'Ollama has no custom tool calls')
        need(
          isJsonObject(text),
          'invalid_request',
          `The arguments of a call of ${name} must be a JSON object`,
        )
        const input: unknown = JSON.parse(text)
        return { function: { name, arguments: input } }
      }),
    }),
  }
}
