import { need } from '../../errors.ts'
import { fieldsOf, isRecord, textOf } from '../../json/shape.ts'
import type {
  AssistantMessage,
  FilePart,
  ImagePart,
  Message,
  ToolCall,
  ToolResultMessage,
  UserPart,
} from '../../message.ts'
import { dataUrl } from '../data-url.ts'
import { replay } from '../replay.ts'

type Json = { [field: string]: unknown }

/** A turn, as Gemini takes it. */
export interface Turn {
  role: 'user' | 'model'
  parts: Json[]
}

/** What a call was named, and the id that Gemini itself gave it. */
interface Called {
  name: string
  id?: string
}

/**
 * Encodes a conversation: its instructions, wherever they stand, and the turns. Neighbours of one
 * role become one turn, as the results of parallel calls must.
 *
 * @param signs The model takes no call without a signature, also where another model made it.
 */
export function encodeMessages(
  messages: readonly Message[],
  signs: boolean,
): { system: Json[]; turns: Turn[] } {
  const system: Json[] = []
  const turns: Turn[] = []
  const calls = new Map<string, Called>()
  for (const message of messages) {
    if (message.role === 'system') {
      system.push({ text: message.content })
      continue
    }
    const role = message.role === 'assistant' ? 'model' : 'user'
    const parts =
      message.role === 'assistant'
        ? encodeAssistant(message, calls, signs)
        : message.role === 'tool'
          ? [encodeResult(message, calls.get(message.toolCallId))]
          : encodeParts(message.content)
    const last = turns.at(-1)
    if (last?.role === role) last.parts.push(...parts)
    else if (parts[0]) turns.push({ role, parts })
  }
  return { system, turns }
}

function encodeParts(content: string | readonly UserPart[]): Json[] {
  if (typeof content === 'string') return [{ text: content }]
  return content.map((part) => (part.type === 'text' ? { text: part.text } : encodeData(part)))
}

/** Bytes stand in the request; an address is read by Google. */
function encodeData(part: ImagePart | FilePart): Json {
  const { url = '', data, mediaType } = { ...part, ...dataUrl(part.url ?? '') }
  return data === undefined
    ? { fileData: { mimeType: mediaType, fileUri: url } }
    : { inlineData: { mimeType: mediaType, data } }
}

function encodeResult(message: ToolResultMessage, called: Called | undefined): Json {
  const { content, isError } = message
  need(called, 'invalid_request', 'A tool result must answer a call of the conversation')
  const parts = typeof content === 'string' ? [] : content
  const text =
    typeof content === 'string'
      ? content
      : parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const images = parts.flatMap((part) => (part.type === 'image' ? [encodeData(part)] : []))
  return {
    functionResponse: {
      ...called,
      response: isError ? { error: text } : { result: parse(text) },
      ...(images[0] && { parts: images }),
    },
  }
}

/** A result is an object wherever it is one. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : text
  } catch {
    return text
  }
}

/** What Google tells to send where another model made the call. */
const anySignature = 'skip_thought_signature_validator'

function encodeAssistant(
  message: AssistantMessage,
  calls: Map<string, Called>,
  signs: boolean,
): Json[] {
  const { refusal, images = [], continuation } = message
  const isOwn = continuation?.dialect === 'gemini'
  const kept = isOwn ? fieldsOf(continuation.data)['parts'] : []
  const shown = new Set<number>()
  const encodeCall = ({ id: callId, name, arguments: text }: ToolCall, own: Json): Json => {
    const { id, ...rest } = own
    calls.set(callId, { name, ...(textOf(id) && { id: textOf(id) }) })
    return { functionCall: { ...calls.get(callId), args: readArgs(name, text) }, ...rest }
  }
  const parts = replay<Json>(message, kept, {
    text: (text, own) => ({ text, ...own }),
    call: encodeCall,
    other: ({ image, ...own }) => {
      const at = image === undefined ? -1 : Number(image)
      const found = images[at]
      shown.add(at)
      return found ? { ...encodeData({ type: 'image', ...sourceOf(found) }), ...own } : own
    },
  }).filter((part) => Object.keys(part).length > 0)
  for (const [i, image] of images.entries()) {
    if (!shown.has(i)) parts.push(encodeData({ type: 'image', ...sourceOf(image) }))
  }
  if (refusal) parts.push({ text: refusal })
  const first = parts.find((part) => 'functionCall' in part)
  if (signs && first && !parts.some((part) => 'thoughtSignature' in part)) {
    first['thoughtSignature'] = anySignature
  }
  return parts
}

type Source = { data: string; mediaType: string } | { url: string; mediaType: string }

function sourceOf({
  mediaType,
  data,
  url = '',
}: {
  mediaType: string
  data?: string
  url?: string
}): Source {
  return data === undefined ? { url, mediaType } : { data, mediaType }
}

function readArgs(name: string, text: string): unknown {
  const args = parse(text.trim() || '{}')
  const isObject = isRecord(args) && !Array.isArray(args)
  need(isObject, 'invalid_request', `The arguments of a call of ${name} must be a JSON object`)
  return args
}
