import { isRecord } from '../../json/predicate.ts'
import type {
  AssistantMessage,
  BinarySource,
  FilePart,
  Message,
  ToolCall,
  ToolResultMessage,
  UserPart,
} from '../../message.ts'
import type { OpenAIChatProfile } from './profile.ts'
import { refuse } from './refuse.ts'

type Json = { [field: string]: unknown }

interface Host {
  provider: string
  profile: OpenAIChatProfile
  /** Set breakpoints up to which the prompt is cached. */
  cache: boolean
}

/** Encodes a conversation as the `messages` of OpenAI's Chat Completions. */
export function encodeMessages(messages: readonly Message[], host: Host): Json[] {
  const ids = new CallIds(messages, host.profile)
  const encoded = messages.map((message): Json => {
    switch (message.role) {
      case 'system':
        return { role: 'system', content: message.content }
      case 'user':
        return { role: 'user', content: encodeContent(message.content, host) }
      case 'assistant':
        return encodeAssistant(message, ids, host.profile)
      case 'tool':
        return {
          role: 'tool',
          tool_call_id: ids.of(message.toolCallId),
          content: encodeResult(message, host),
        }
    }
  })
  if (host.cache && host.profile.promptCaching === 'cache_control') setBreakpoints(encoded)
  return encoded
}

function encodeContent(content: string | readonly UserPart[], host: Host): unknown {
  return typeof content === 'string' ? content : content.map((part) => encodePart(part, host))
}

function encodePart(part: UserPart, host: Host): Json {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image': {
      const detail = part.detail === undefined ? {} : { detail: part.detail }
      return { type: 'image_url', image_url: { url: toUrl(part), ...detail } }
    }
    case 'file':
      return encodeFile(part, host)
  }
}

function encodeFile(part: FilePart, host: Host): Json {
  const audio = /^audio\/(?:x-)?(wav|mpeg|mp3)/.exec(part.mediaType ?? '')?.[1]
  if (audio !== undefined && part.data !== undefined) {
    const format = audio === 'wav' ? 'wav' : 'mp3'
    return { type: 'input_audio', input_audio: { data: part.data, format } }
  }
  if (part.url !== undefined && !part.url.startsWith('data:') && host.profile.fileUrls !== true) {
    refuse(host.provider, 'a file given by URL (give its data)')
  }
  return { type: 'file', file: { filename: part.filename ?? 'file', file_data: toUrl(part) } }
}

function toUrl(source: BinarySource): string {
  return source.url ?? `data:${source.mediaType};base64,${source.data}`
}

function encodeAssistant(
  message: AssistantMessage,
  ids: CallIds,
  profile: OpenAIChatProfile,
): Json {
  const calls = message.toolCalls ?? []
  const encoded: Json = { role: 'assistant', content: message.content }
  if (message.content === '' && (calls.length > 0 || message.refusal)) encoded['content'] = null
  if (message.refusal) encoded['refusal'] = message.refusal
  if (calls.length > 0) encoded['tool_calls'] = calls.map((call) => encodeCall(call, ids))
  const { continuation } = message
  const field = profile.returns
  if (
    field !== undefined &&
    continuation?.dialect === 'openai-chat' &&
    isRecord(continuation.data)
  ) {
    const value = continuation.data[field]
    if (value !== undefined) encoded[field] = value
  }
  return encoded
}

function encodeCall(call: ToolCall, ids: CallIds): Json {
  const id = ids.of(call.id)
  return call.kind === 'custom'
    ? { id, type: 'custom', custom: { name: call.name, input: call.arguments } }
    : { id, type: 'function', function: { name: call.name, arguments: call.arguments } }
}

function encodeResult(message: ToolResultMessage, host: Host): unknown {
  if (typeof message.content === 'string') return message.content
  return message.content.map((part) => {
    if (part.type === 'text') return { type: 'text', text: part.text }
    return refuse(host.provider, 'an image in a tool result (put it into a user message)')
  })
}

/** Marks the end of the instructions and the end of the prompt, which later requests share. */
function setBreakpoints(messages: Json[]): void {
  const lastSystem = messages.map((message) => message['role'] === 'system').lastIndexOf(true)
  const lastInput = messages.map((message) => message['role'] !== 'assistant').lastIndexOf(true)
  for (const index of new Set([lastSystem, lastInput])) {
    const message = messages[index]
    if (message === undefined) continue
    const { content } = message
    const parts: unknown[] = Array.isArray(content)
      ? content
      : content === ''
        ? []
        : [{ type: 'text', text: content }]
    const at = parts.map((part) => isRecord(part) && part['type'] === 'text').lastIndexOf(true)
    if (at === -1) continue
    message['content'] = parts.map((part, i) =>
      i === at && isRecord(part) ? { ...part, cache_control: { type: 'ephemeral' } } : part,
    )
  }
}

const anyId = { pattern: /^.{1,40}$/s, length: 9 }

/** Gives each call an id that the host accepts: its own where it can be, else one made for it. */
class CallIds {
  readonly #ids = new Map<string, string>()

  constructor(messages: readonly Message[], profile: OpenAIChatProfile) {
    const { pattern, length } = profile.toolCallId ?? anyId
    const given = new Set<string>()
    for (const message of messages) {
      if (message.role === 'tool') given.add(message.toolCallId)
      else if (message.role === 'assistant') {
        for (const call of message.toolCalls ?? []) given.add(call.id)
      }
    }
    let next = 0
    for (const id of given) {
      if (pattern.test(id)) continue
      let made: string
      do {
        made = `c${String(next).padStart(length - 1, '0')}`
        next += 1
      } while (given.has(made))
      this.#ids.set(id, made)
    }
  }

  of(id: string): string {
    return this.#ids.get(id) ?? id
  }
}
