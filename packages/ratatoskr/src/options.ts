import type { Message } from './message.ts'

/** A tool that the model may call. */
export interface ToolDefinition {
  /** Letters, digits, `_` and `-`; unique within the request. */
  name: string
  description?: string
  /** JSON Schema of the arguments; without it the tool takes none. */
  parameters?: JsonSchema
  /** Ask the provider to hold the model to the schema. */
  strict?: boolean
}

/** A JSON Schema. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** Which tools the model may or must use. */
export type ToolChoice = 'auto' | 'none' | 'required' | { name: string }

/** The shape that the answer must have. */
export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json' }
  | { type: 'json_schema'; name?: string; schema: JsonSchema; strict?: boolean }

/** How much the model may think before it answers, and whether the thoughts are sent. */
export interface ReasoningOptions {
  effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh'
  /** Tokens that may be spent on reasoning. */
  maxTokens?: number
  /** Think, but do not send the thoughts. */
  exclude?: boolean
}

/**
 * What a request asks for. A parameter that the provider cannot honour is an error with code
 * `unsupported` that names it; none is dropped in silence.
 */
export interface ChatOptions {
  /**
   * The model's name as its provider spells it, with the provider's name before a colon where it
   * is not clear (`groq:llama-3.3-70b-versatile`). With a list, the next is tried when a request
   * fails before its first event.
   */
  model: string | readonly string[]
  tools?: readonly ToolDefinition[]
  toolChoice?: ToolChoice
  temperature?: number
  topP?: number
  topK?: number
  /** The most tokens that the reply may have. */
  maxTokens?: number
  /** Texts at which the model stops. */
  stop?: string | readonly string[]
  seed?: number
  frequencyPenalty?: number
  presencePenalty?: number
  parallelToolCalls?: boolean
  responseFormat?: ResponseFormat
  reasoning?: ReasoningOptions
  /** Let the provider keep the prompt's beginning for later requests. */
  cachePrompt?: boolean
  /**
   * Fields merged into the request's body as they are (shallowly, over what the library writes).
   * `stream`, `model` and the messages are refused.
   */
  providerOptions?: { readonly [field: string]: unknown }
  /** Ends the request and the reply, at once, with the signal's reason. */
  signal?: AbortSignal
  /** Pass on what has no unified form, as `provider` events. Default: false. */
  includeProviderEvents?: boolean
  /**
   * Keep the reply for `response()` and `partial`. Default: true. With `false` nothing is kept
   * (but the arguments of calls still open, which must be checked), so memory stays flat.
   */
  collect?: boolean
  /** The largest reply that is collected, in bytes of UTF-16. Default: 64 MiB. */
  maxResponseBytes?: number
}

/** One request to one model, as a provider gets it: `model` is the one that was chosen. */
export interface ChatRequest {
  model: string
  messages: readonly Message[]
  options: ChatOptions
}
