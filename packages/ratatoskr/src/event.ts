/**
 * What a model's reply is made of. Every provider's stream becomes a sequence of these; each is
 * plain JSON, so it can be stored, posted to a worker or sent over the wire as it is.
 *
 * A sequence ends with exactly one `done`, last, or the stream fails: a reply that was cut off
 * never looks like a finished one.
 *
 * @example
 * ```ts
 * import type { ChatEvent } from 'ratatoskr'
 *
 * function show(event: ChatEvent): string {
 *   return event.type === 'content' ? event.text : ''
 * }
 * ```
 */
export type ChatEvent =
  | ContentEvent
  | ReasoningEvent
  | RefusalEvent
  | ToolCallStartEvent
  | ToolCallDeltaEvent
  | ToolCallEndEvent
  | CitationEvent
  | ImageEvent
  | ProviderEvent
  | UsageEvent
  | DoneEvent

/** A piece of the answer's text. Never empty. */
export interface ContentEvent {
  type: 'content'
  text: string
}

/** A piece of the model's reasoning, as far as the provider shows it. Never empty. */
export interface ReasoningEvent {
  type: 'reasoning'
  text: string
}

/** A piece of the text in which the model declines to answer. Never empty. */
export interface RefusalEvent {
  type: 'refusal'
  text: string
}

/** A tool call begins. Its arguments follow in deltas. */
export interface ToolCallStartEvent {
  type: 'tool_call_start'
  /** 0, 1, 2… in order of appearance. */
  index: number
  /** The provider's id, or one made up for the reply where the provider sends none. */
  id: string
  name: string
  /** `custom` where the arguments are free text instead of JSON; absent for functions. */
  kind?: 'custom'
}

/** A piece of the arguments of a call: JSON text, or free text for a custom call. Never empty. */
export interface ToolCallDeltaEvent {
  type: 'tool_call_delta'
  index: number
  arguments: string
}

/**
 * The call is complete: the provider closed it, and its arguments are one valid JSON object (or
 * nothing at all, which means `{}`). Only now may the tool be run.
 */
export interface ToolCallEndEvent {
  type: 'tool_call_end'
  index: number
}

/** A source that the answer refers to. */
export interface CitationEvent {
  type: 'citation'
  citation: Citation
}

/** An image that the model made. */
export interface ImageEvent {
  type: 'image'
  image: GeneratedImage
}

/**
 * Something the provider sent that has no unified form. Only with `includeProviderEvents`; it
 * never counts as the first event.
 */
export interface ProviderEvent {
  type: 'provider'
  /** The wire format that `data` is written in, such as `openai-chat`. */
  dialect: string
  /** What was sent. It may share parts with the next one's, so it must not be written to: `structuredClone` it. */
  data: unknown
}

/** Final token counts. At most once, right before `done`. */
export interface UsageEvent {
  type: 'usage'
  usage: Usage
}

/** The reply is complete, and the provider said so. Always the last event. */
export interface DoneEvent {
  type: 'done'
  finishReason: FinishReason
  /** The provider's own word for it. */
  rawFinishReason?: string
  /** The model that answered; it may differ from the one asked for. */
  model?: string
  /** The provider's id of the reply. */
  id?: string
  continuation?: Continuation
}

/**
 * Why the reply ended. `tool_calls` wherever calls were completed and the provider's own reason
 * says plain stop; `other` for what fits none of them (see `rawFinishReason`).
 */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'other'

/** Token counts of one reply. */
export interface Usage {
  /** Tokens of the request, cached ones included. */
  promptTokens: number
  /** Tokens of the reply, reasoning included. */
  completionTokens: number
  /** As the provider counts it. */
  totalTokens: number
  reasoningTokens?: number
  /** Prompt tokens that were read from a cache. */
  cachedTokens?: number
  /** Prompt tokens that were written to a cache. */
  cacheWriteTokens?: number
  /** US dollars, where the provider tells it. */
  cost?: number
}

/** A source that the answer refers to. */
export interface Citation {
  url?: string
  title?: string
  /** The cited passage. */
  text?: string
  /** The document among those given in the request. */
  documentId?: string
  /** Where in the content the reference stands, in UTF-16 units: first. */
  start?: number
  /** Where in the content the reference stands, in UTF-16 units: past the last. */
  end?: number
}

/** An image: base64 in `data`, or a `url`. */
export interface GeneratedImage {
  mediaType: string
  /** base64 */
  data?: string
  url?: string
}

/**
 * What a dialect must be given back, unmodified, with the next turn: signed thinking, encrypted
 * reasoning and the like. Opaque, JSON-serialisable, and left out when the next request goes to
 * another dialect.
 */
export interface Continuation {
  dialect: string
  data: unknown
}
