import type { SentOptions } from '../wire/chat-body.ts'
import { sentOptions } from '../wire/chat-body.ts'
import {
  array,
  literal,
  looseObject,
  nonEmpty,
  object,
  optional,
  pipe,
  string,
  unknown,
  variant,
  type GenericSchema,
} from 'valibot'

// Of what the AI SDK sends, what is read: it has more, and gets more with each version.

const text = string('a text')
const name = pipe(text, nonEmpty('a text'))

/** A part of a UI message, of any kind. */
export interface UiPart {
  type: string
  readonly [field: string]: unknown
}

/** A message as `useChat` has it. */
export interface UiMessage {
  role: 'system' | 'user' | 'assistant'
  parts: UiPart[]
}

/** What `DefaultChatTransport` posts. */
export interface UiBody {
  messages: UiMessage[]
  options: SentOptions
}

const parts = array(looseObject({ type: name }), 'a list of parts')

/** Of a {@link UiBody}. */
export const uiBody: GenericSchema<UiBody> = object({
  messages: pipe(
    array(
      variant('role', [
        object({ role: literal('system'), parts }),
        object({ role: literal('user'), parts }),
        object({ role: literal('assistant'), parts }),
      ]),
      'a list of messages',
    ),
    nonEmpty('a list of messages'),
  ),
  options: sentOptions,
})

/** Of a text, or of reasoning. */
export const uiText: GenericSchema<{ text: string }> = object({ text })

/** Of a file. */
export const uiFile: GenericSchema<{
  mediaType: string
  url: string
  filename?: string | undefined
}> = object({ mediaType: name, url: name, filename: optional(text) })

/** Of a call of a tool, and what became of it. */
export interface UiCall {
  toolCallId: string
  toolName?: string | undefined
  state: string
  input?: unknown
  output?: unknown
  errorText?: string | undefined
  approval?: { reason?: string | undefined } | undefined
  providerExecuted?: unknown
}

/** Of a {@link UiCall}. */
export const uiCall: GenericSchema<UiCall> = object({
  toolCallId: name,
  toolName: optional(name),
  state: name,
  input: optional(unknown()),
  output: optional(unknown()),
  errorText: optional(text),
  approval: optional(object({ reason: optional(text) })),
  providerExecuted: optional(unknown()),
})

/** Of what the relay's encoder put into the message. */
export const uiContinuation: GenericSchema<{ data: { dialect: string; data: unknown } }> = object({
  data: object({ dialect: text, data: unknown() }),
})
