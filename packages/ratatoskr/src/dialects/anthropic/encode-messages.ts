import { need, RatatoskrError } from '../../errors.ts'
import { textOf } from '../../json/shape.ts'
import type {
  BinarySource,
  FilePart,
  ImagePart,
  Message,
  ToolCall,
  UserPart,
} from '../../message.ts'
import { blocksOf, type RequestBlock } from './continuation.ts'

/** A turn, as Anthropic takes it. */
export interface Turn {
  role: 'user' | 'assistant'
  content: RequestBlock[]
}

/**
 * Encodes a conversation: its instructions, wherever they stand, and the turns. Neighbours of one
 * role become one turn, as the results of parallel calls must.
 */
export function encodeMessages(messages: readonly Message[]): {
  system: RequestBlock[]
  turns: Turn[]
} {
  const system: RequestBlock[] = []
  const turns: Turn[] = []
  for (const message of messages) {
    const blocks =
      message.role === 'assistant'
        ? // A text of white space alone is refused, even if the model wrote it.
          blocksOf(
            { ...message, content: message.content || (message.refusal ?? '') },
            encodeCall,
          ).filter(({ type, text }) => type !== 'text' || textOf(text).trim())
        : encodeParts(message.content)
    if (message.role === 'system') {
      system.push(...blocks)
      continue
    }
    const role = message.role === 'assistant' ? message.role : 'user'
    const content =
      message.role === 'tool'
        ? [
            {
              type: 'tool_result',
              tool_use_id: encodeId(message.toolCallId),
              content: blocks,
              is_error: message.isError,
            },
          ]
        : blocks
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else if (content[0]) turns.push({ role, content })
  }
  return { system, turns }
}

/** Encodes a call as a block. Throws `invalid_request` where its arguments are no JSON. */
export function encodeCall({ id, name, arguments: text, kind }: ToolCall): RequestBlock {
  let input: unknown
  try {
    input = kind === 'custom' ? { input: text } : JSON.parse(text || '{}')
  } catch {
    throw new RatatoskrError('invalid_request', `Arguments of ${name} must be JSON.`)
  }
  return { type: 'tool_use', id: encodeId(id), name, input }
}

/** Letters, digits, _ and - are taken; the ids of other providers have more. */
function encodeId(id: string): string {
  return id.replace(/[^\w-]/g, (character) => `_${character.charCodeAt(0)}`)
}

/** An empty text is refused, so it is left out. */
function encodeParts(content: string | readonly UserPart[]): RequestBlock[] {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content
  return parts.filter((part) => part.type !== 'text' || part.text).map(encodePart)
}

function encodePart(part: UserPart): RequestBlock {
  const { type } = part
  if (type === 'text') return { type, text: part.text }
  const { url, data, mediaType } = whereOf(part)
  if (type === 'image' || mediaType?.startsWith('image/')) {
    return { type: 'image', source: url ? { type: 'url', url } : base64(data, mediaType) }
  }
  const isText = !url && mediaType?.startsWith('text/')
  const fits = url || isText || mediaType === 'application/pdf'
  refuse(!fits && `a file of ${mediaType}`)
  const { filename, citations } = part
  return {
    type: 'document',
    source: url
      ? { type: 'url', url }
      : isText
        ? { type: 'text', media_type: 'text/plain', data: textOfBase64(data ?? '') }
        : base64(data, mediaType),
    ...(filename !== undefined && { title: filename }),
    ...(citations && { citations: { enabled: true } }),
  }
}

/** Where the bytes are; those of a `data:` URL are in it. */
function whereOf(part: ImagePart | FilePart): BinarySource {
  const [, mediaType, data] = /^data:([^;,]+)[^,]*;base64,(.*)$/s.exec(part.url ?? '') ?? []
  return mediaType && data ? { mediaType, data } : part
}

function base64(data: string | undefined, mediaType: string | undefined): RequestBlock {
  return { type: 'base64', media_type: mediaType, data }
}

function textOfBase64(data: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(data), (byte) => byte.charCodeAt(0)))
  } catch {
    throw new RatatoskrError('invalid_request', 'Text must be base64.')
  }
}

/** Throws, where a parameter is named: Anthropic has nothing for it. */
export function refuse(parameter: string | false | undefined): void {
  need(!parameter, 'unsupported', `anthropic cannot honour ${parameter}; leave it out`)
}
