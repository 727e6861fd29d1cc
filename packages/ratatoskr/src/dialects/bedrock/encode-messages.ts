import { need } from '../../errors.ts'
import { fieldsOf, isRecord } from '../../json/shape.ts'
import type {
  AssistantMessage,
  FilePart,
  ImagePart,
  Message,
  ToolCall,
  UserPart,
} from '../../message.ts'
import { renameCallIds } from '../call-ids.ts'
import { dataUrl } from '../data-url.ts'
import { replay } from '../replay.ts'

type Json = { [field: string]: unknown }

/** A turn, as Converse takes it. */
export interface Turn {
  role: 'user' | 'assistant'
  content: Json[]
}

/**
 * Encodes a conversation: its instructions, wherever they stand, and the turns. Neighbours of one
 * role become one turn, as the results of parallel calls must.
 */
export function encodeMessages(messages: readonly Message[]): { system: Json[]; turns: Turn[] } {
  const idOf = renameCallIds(messages, /^[\w-]{1,64}$/)
  const names = new Set<string>()
  const system: Json[] = []
  const turns: Turn[] = []
  for (const message of messages) {
    if (message.role === 'system') {
      if (message.content) system.push({ text: message.content })
      continue
    }
    const role = message.role === 'assistant' ? message.role : 'user'
    const content =
      message.role === 'assistant'
        ? encodeAssistant(message, idOf)
        : message.role === 'user'
          ? encodeParts(message.content, names)
          : [
              {
                toolResult: {
                  toolUseId: idOf(message.toolCallId),
                  content: encodeParts(message.content, names),
                  ...(message.isError && { status: 'error' }),
                },
              },
            ]
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else if (content[0]) turns.push({ role, content })
  }
  return { system, turns }
}

/** A blank text is refused, so it is left out. */
function encodeParts(content: string | readonly UserPart[], names: Set<string>): Json[] {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content
  return parts.flatMap((part) => {
    if (part.type === 'text') return part.text.trim() ? [{ text: part.text }] : []
    return [encodeData(part, names)]
  })
}

const documents: { readonly [mediaType: string]: string } = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/markdown': 'md',
  'text/plain': 'txt',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
}

function encodeData(part: ImagePart | FilePart, names: Set<string>): Json {
  const { data: bytes, mediaType = '' } = { ...part, ...dataUrl(part.url ?? '') }
  need(bytes !== undefined, 'unsupported', 'Bedrock reads no addresses, give the data')
  const [, image] = /^image\/(\w+)/.exec(mediaType) ?? []
  if (image) return { image: { format: image === 'jpg' ? 'jpeg' : image, source: { bytes } } }
  const format = documents[mediaType]
  need(format, 'unsupported', `Bedrock takes no file of ${mediaType}`)
  const filename = part.type === 'file' ? part.filename : undefined
  return { document: { format, name: documentName(filename, names), source: { bytes } } }
}

/**
 * A document's name: letters, digits, single blanks, hyphens and brackets are taken, up to 200, and
 * each name once in a request.
 */
function documentName(filename = 'document', names: Set<string>): string {
  const plain = filename
    .replace(/\.\w+$/, '')
    .replace(/[^A-Za-z0-9()[\]-]+/g, ' ')
    .trim()
    .slice(0, 190)
  const base = plain || 'document'
  let name = base
  for (let n = 2; names.has(name); n += 1) name = `${base} ${n}`
  names.add(name)
  return name
}

function encodeAssistant(message: AssistantMessage, idOf: (id: string) => string): Json[] {
  const { content, refusal = '', continuation } = message
  const isOwn = continuation?.dialect === 'bedrock'
  const kept = isOwn ? fieldsOf(continuation.data)['blocks'] : []
  return replay<Json>({ ...message, content: content || refusal }, kept, {
    text: (text) => ({ text }),
    call: (call) => encodeCall(call, idOf),
    other: (own) => own,
  }).filter(({ text }) => typeof text !== 'string' || text.trim())
}

function encodeCall(
  { id, name, arguments: text, kind }: ToolCall,
  idOf: (id: string) => string,
): Json {
  need(kind !== 'custom', 'unsupported', 'Bedrock has no custom tool calls')
  let input: unknown
  try {
    input = JSON.parse(text.trim() || '{}')
  } catch {}
  const isObject = isRecord(input) && !Array.isArray(input)
  need(isObject, 'invalid_request', `The arguments of a call of ${name} must be a JSON object`)
  return { toolUse: { toolUseId: idOf(id), name, input } }
}
