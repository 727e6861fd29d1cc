import { need } from '../../errors.ts'
import { fieldsOf } from '../../json/shape.ts'
import type { BinarySource, Message, UserPart } from '../../message.ts'

type Json = { [field: string]: unknown }

/** What a host takes in messages beyond OpenAI's description. */
export interface MessageExtras {
  /** A prompt is cached where `cache_control` marks its parts. Default: it is cached by itself. */
  readonly cacheControl?: boolean | undefined
  /** The field of the continuation that the host wants back. Default: none. */
  readonly returns?: 'reasoning_details' | undefined
  /** The field in which the host wants the shown reasoning back, with calls. Default: none. */
  readonly reasoningField?: 'reasoning_content' | undefined
}

/**
 * Encodes a conversation as the `messages` of OpenAI's Chat Completions.
 *
 * @param cache Mark up to where the prompt is to be cached.
 */
export function encodeMessages(
  messages: readonly Message[],
  { cacheControl, returns, reasoningField }: MessageExtras,
  cache = false,
): Json[] {
  // The end of the instructions, and the end of the prompt, which later requests share.
  const roles = messages.map(({ role }) => role)
  const prompt = Math.max(roles.lastIndexOf('user'), roles.lastIndexOf('tool'))
  return messages.map((message, i): Json => {
    const { role } = message
    if (role === 'assistant') {
      const { content, toolCalls = [], refusal, reasoning, continuation } = message
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
          ...(reasoningField && { [reasoningField]: reasoning }),
        }),
        ...(returns &&
          continuation?.dialect === 'openai-chat' && {
            [returns]: fieldsOf(continuation.data)[returns],
          }),
      }
    }
    let content: string | Json[]
    if (typeof message.content === 'string') content = message.content
    else {
      content = message.content.map((part) => {
        const fits = role !== 'tool' || part.type === 'text'
        need(
          fits,
          'unsupported',
          'A tool result must not hold an image; put it into a user message',
        )
        return encodePart(part)
      })
    }
    if (cache && cacheControl && content && (i === prompt || i === roles.lastIndexOf('system'))) {
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
