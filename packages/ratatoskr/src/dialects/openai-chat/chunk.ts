import type { FrameFormat } from '../../json/json-decoder.ts'

/** One `chat.completion.chunk`, or a whole `chat.completion`, as far as it is read. */
export interface Chunk {
  id?: unknown
  model?: unknown
  choices?: Choice[] | null | undefined
  usage?: unknown
  x_groq?: unknown
  error?: unknown
  citations?: unknown
  search_results?: unknown
}

/** One of the answers to a request; only the first is followed. */
export interface Choice {
  index?: unknown
  delta?: Delta | null | undefined
  message?: Delta | null | undefined
  finish_reason?: string | null | undefined
}

/** What a chunk adds to the message. */
export interface Delta {
  /** A text; Mistral also sends a list of parts. */
  content?: unknown
  reasoning_content?: unknown
  reasoning?: unknown
  reasoning_details?: unknown[] | null | undefined
  refusal?: string | null | undefined
  tool_calls?: ToolCallDelta[] | null | undefined
  function_call?: FunctionDelta | null | undefined
  annotations?: unknown[] | null | undefined
  /** Images that the model made, as OpenRouter sends them. */
  images?: unknown[] | null | undefined
}

/** What a delta adds to one tool call. */
export interface ToolCallDelta {
  index?: unknown
  id?: unknown
  function?: FunctionDelta | null | undefined
  /** A call whose arguments are free text. */
  custom?: unknown
}

/** What a delta adds to the function of a call. */
export interface FunctionDelta {
  name?: string | null | undefined
  arguments?: unknown
}

const text = 'string'
const delta = {
  reasoning_details: [],
  refusal: text,
  tool_calls: [{ function: { name: text } }],
  function_call: { name: text },
  annotations: [],
  images: [],
} as const

/**
 * The frames of OpenAI's Chat Completions: JSON chunks, and `[DONE]`.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const frame: FrameFormat<Chunk, '[DONE]'> = {
  shape: { choices: [{ delta, message: delta, finish_reason: text }] },
  sentinel: '[DONE]',
}
