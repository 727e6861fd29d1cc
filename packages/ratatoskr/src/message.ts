import type { Continuation, GeneratedImage } from './event.ts'

/** One turn of a conversation. Messages are plain JSON. */
export type Message = SystemMessage | UserMessage | AssistantMessage | ToolResultMessage

/** Instructions that stand above the conversation. */
export interface SystemMessage {
  role: 'system'
  content: string
}

/** What the user says, shows or hands over. */
export interface UserMessage {
  role: 'user'
  content: string | readonly UserPart[]
}

/** What the model answered. `ChatResponse.message` is one: append it to the history as it is. */
export interface AssistantMessage {
  role: 'assistant'
  content: string
  toolCalls?: readonly ToolCall[]
  /** Shown to people, never sent back: what must be sent back is in `continuation`. */
  reasoning?: string
  refusal?: string
  images?: readonly GeneratedImage[]
  continuation?: Continuation
}

/** What a tool returned, as the answer to one call. */
export interface ToolResultMessage {
  role: 'tool'
  toolCallId: string
  content: string | readonly (TextPart | ImagePart)[]
  /** The tool failed, and `content` says how. */
  isError?: boolean
}

/** One part of a user's message. */
export type UserPart = TextPart | ImagePart | FilePart

/** Text. */
export interface TextPart {
  type: 'text'
  text: string
}

/**
 * An image: base64 `data` with its `mediaType`, or a `url` that the provider can read. `detail` is a
 * hint; providers that know none ignore it.
 */
export type ImagePart = { type: 'image'; detail?: 'auto' | 'low' | 'high' } & BinarySource

/** A document or recording: base64 `data` with its `mediaType`, or a `url`. */
export type FilePart = {
  type: 'file'
  filename?: string
  /** Ask for citations of this document; of the dialects so far, `anthropic` has them. */
  citations?: boolean
} & BinarySource

/** Where the bytes of an image or file are. */
export type BinarySource =
  | { url: string; data?: never; mediaType?: string }
  | { /** base64 */ data: string; url?: never; mediaType: string }

/** A complete call of a tool. */
export interface ToolCall {
  id: string
  name: string
  /** JSON text, `{}` for none; free text when `kind` is `custom`. */
  arguments: string
  kind?: 'function' | 'custom'
}

/**
 * A system message.
 *
 * @example
 * ```ts
 * import { system } from 'ratatoskr'
 *
 * const message = system('Answer in one sentence.')
 * ```
 */
export function system(text: string): SystemMessage {
  return { role: 'system', content: text }
}

/** A part of a user's message as {@link user} takes it: bytes may be given as they are. */
export type UserPartInput =
  | string
  | UserPart
  | { type: 'image'; data: Uint8Array; mediaType: string; detail?: 'auto' | 'low' | 'high' }
  | {
      type: 'file'
      data: Uint8Array
      mediaType: string
      filename?: string
      citations?: boolean
    }

/**
 * A user's message: text, or parts of text, images and files. Bytes become base64, so that the
 * message is plain JSON.
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 *
 * const plain = user('Hello')
 * const withPicture = user(['What is this?', { type: 'image', url: 'https://example.com/a.png' }])
 * ```
 */
export function user(content: string | readonly UserPartInput[]): UserMessage {
  if (typeof content === 'string') return { role: 'user', content }
  return { role: 'user', content: content.map(toUserPart) }
}

/**
 * An assistant's message, for a history that was not made by this library. For one that was, use
 * `response.message`.
 *
 * @example
 * ```ts
 * import { assistant } from 'ratatoskr'
 *
 * const message = assistant('', [{ id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' }])
 * ```
 */
export function assistant(text: string, toolCalls?: readonly ToolCall[]): AssistantMessage {
  if (toolCalls === undefined || toolCalls.length === 0) return { role: 'assistant', content: text }
  return { role: 'assistant', content: text, toolCalls }
}

/**
 * The result of a tool call. A string goes as it is, parts (text, images) too; anything else as
 * its JSON text, `undefined` as `null`.
 *
 * @example
 * ```ts
 * import { toolResult } from 'ratatoskr'
 *
 * const ok = toolResult('call_1', { celsius: 4 })
 * const failed = toolResult('call_2', 'no such city', { isError: true })
 * ```
 */
export function toolResult(
  toolCallId: string,
  result: unknown,
  options?: { isError?: boolean },
): ToolResultMessage {
  const content =
    typeof result === 'string'
      ? result
      : isResultParts(result)
        ? result.map(toResultPart)
        : (JSON.stringify(result) ?? 'null')
  const message: ToolResultMessage = { role: 'tool', toolCallId, content }
  if (options?.isError === true) message.isError = true
  return message
}

type ResultPartInput = Extract<Exclude<UserPartInput, string>, { type: 'text' | 'image' }>

function isResultParts(result: unknown): result is readonly ResultPartInput[] {
  return (
    Array.isArray(result) &&
    result.length > 0 &&
    result.every((part: unknown) => {
      if (typeof part !== 'object' || part === null || !('type' in part)) return false
      if (part.type === 'text') return 'text' in part && typeof part.text === 'string'
      return part.type === 'image' && ('url' in part || 'data' in part)
    })
  )
}

function toResultPart(part: ResultPartInput): TextPart | ImagePart {
  return hasBytes(part) ? { ...part, data: base64(part.data) } : part
}

function toUserPart(part: UserPartInput): UserPart {
  if (typeof part === 'string') return { type: 'text', text: part }
  return hasBytes(part) ? { ...part, data: base64(part.data) } : part
}

function hasBytes(
  part: Exclude<UserPartInput, string>,
): part is Extract<UserPartInput, { data: Uint8Array }> {
  return 'data' in part && part.data instanceof Uint8Array
}

function base64(bytes: Uint8Array): string {
  let binary = ''
  // A call takes only so many arguments (JavaScriptCore: 65,536), hence the slices.
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  }
  return btoa(binary)
}
