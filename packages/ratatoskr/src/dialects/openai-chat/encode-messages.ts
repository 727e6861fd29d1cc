import { need } from '../../errors.ts'
import { fieldsOf } from '../../json/shape.ts'
import type { BinarySource, Message, UserPart } from '../../message.ts'

type Json = { [field: string]: unknown }

/**
 * Encodes a conversation as the `messages` of OpenAI's Chat Completions.
 *
 * @param routed The host is OpenRouter, or takes what it does: it wants its reasoning details back,
 *   and caches a prompt up to where it is marked.
 * @param cache Mark up to where the prompt is to be cached.
 */
export function encodeMessages(
  messages: readonly Message[],
  routed: boolean,
  cache = false,
): Json[] {
  return messages.map((message, i): Json => {
    const { role } = message
    if (role === 'assistant') {
      const { content, toolCalls = [], refusal, continuation } = message
      return {
        role,
        content: content || (toolCalls[0] || refusal ? null : ''),
        refusal,
        ...(toolCalls[0] && {
          tool_calls: toolCalls.map(({ id, kind: type = 'function', name, arguments: input }) => ({
            id,
            type,
            [type]: type === 'custom' ? { name, input } : { name, arguments: input },
          })),
        }),
        ...(routed &&
          continuation?.dialect === 'openai-chat' && {
            reasoning_details: fieldsOf(continuation.data)['reasoning_details'],
          }),
      }
    }
    let content: string | Json[] =
      typeof message.content === 'string'
        ? message.content
        : message.content.map((part) => {
            const fits = role !== 'tool' || part.type === 'text'
            need(fits, 'unsupported', 'A tool result must be text, images go into user messages')
            return encodePart(part)
          })
    // The instructions, and the prompt up to its end, which later requests share.
    if (cache && routed && content && (!i || i === messages.length - 1)) {
      const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content
      const last = parts.map(({ type }) => type).lastIndexOf('text')
      content = parts.map((part, at) =>
        at === last ? { ...part, cache_control: { type: 'ephemeral' } } : part,
      )
    }
    return { role, content, ...(role === 'tool' && { tool_call_id: message.toolCallId }) }
  })
}

function encodePart(part: UserPart): Json {
  const { type } = part
  if (type === 'text') return { type, text: part.text }
  if (type === 'image') {
    return { type: 'image_url', image_url: { url: toUrl(part), detail: part.detail } }
  }
  const { data, mediaType = '', filename = 'file' } = part
  const [, audio] = /^audio\/.*(wav|mp3|mpeg)/.exec(mediaType) ?? []
  if (audio && data) {
    return { type: 'input_audio', input_audio: { data, format: audio === 'wav' ? audio : 'mp3' } }
  }
  return { type, file: { filename, file_data: toUrl(part) } }
}

function toUrl({ url, data, mediaType }: BinarySource): string {
  return url ?? `data:${mediaType};base64,${data}`
}
