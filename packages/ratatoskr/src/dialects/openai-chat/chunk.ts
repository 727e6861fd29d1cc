import { array, nullish, number, object, optional, string, union, unknown } from 'valibot'
import { frameFormat, type FrameFormat } from '../../json/json-decoder.ts'

// Only what the decoder reads. A field whose oddities do not spoil a reply is `unknown` and read
// with care: no host should lose its replies over a number where others write a string.

const anything = /*#__PURE__*/ optional(/*#__PURE__*/ unknown())
const text = /*#__PURE__*/ nullish(/*#__PURE__*/ string())

const functionDelta = /*#__PURE__*/ object({ name: text, arguments: anything })

const toolCallDelta = /*#__PURE__*/ object({
  index: /*#__PURE__*/ nullish(/*#__PURE__*/ number()),
  id: anything,
  function: /*#__PURE__*/ nullish(functionDelta),
  custom: /*#__PURE__*/ nullish(/*#__PURE__*/ object({ name: text, input: text })),
})

const contentPart = /*#__PURE__*/ object({ type: text, text, thinking: anything })

const delta = /*#__PURE__*/ object({
  content: /*#__PURE__*/ nullish(
    /*#__PURE__*/ union([/*#__PURE__*/ string(), /*#__PURE__*/ array(contentPart)]),
  ),
  reasoning_content: anything,
  reasoning: anything,
  reasoning_details: /*#__PURE__*/ nullish(/*#__PURE__*/ array(/*#__PURE__*/ unknown())),
  refusal: text,
  tool_calls: /*#__PURE__*/ nullish(/*#__PURE__*/ array(toolCallDelta)),
  function_call: /*#__PURE__*/ nullish(functionDelta),
  annotations: /*#__PURE__*/ nullish(/*#__PURE__*/ array(/*#__PURE__*/ unknown())),
  images: /*#__PURE__*/ nullish(/*#__PURE__*/ array(/*#__PURE__*/ unknown())),
})

const choice = /*#__PURE__*/ object({
  index: anything,
  delta: /*#__PURE__*/ nullish(delta),
  message: /*#__PURE__*/ nullish(delta),
  finish_reason: text,
})

const chunk = /*#__PURE__*/ object({
  id: anything,
  model: anything,
  choices: /*#__PURE__*/ nullish(/*#__PURE__*/ array(choice)),
  usage: anything,
  x_groq: anything,
  error: anything,
  citations: anything,
  search_results: anything,
})

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
  content?: string | ContentPart[] | null | undefined
  reasoning_content?: unknown
  reasoning?: unknown
  reasoning_details?: unknown[] | null | undefined
  refusal?: string | null | undefined
  tool_calls?: ToolCallDelta[] | null | undefined
  function_call?: FunctionDelta | null | undefined
  annotations?: unknown[] | null | undefined
  images?: unknown[] | null | undefined
}

/** Mistral's form of content. */
export interface ContentPart {
  type?: string | null | undefined
  text?: string | null | undefined
  thinking?: unknown
}

/** What a delta adds to one tool call. */
export interface ToolCallDelta {
  index?: number | null | undefined
  id?: unknown
  function?: FunctionDelta | null | undefined
  custom?:
    | { name?: string | null | undefined; input?: string | null | undefined }
    | null
    | undefined
}

/** What a delta adds to the function of a call. */
export interface FunctionDelta {
  name?: string | null | undefined
  arguments?: unknown
}

/**
 * The frames of OpenAI's Chat Completions: JSON chunks, and `[DONE]`.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const frame: FrameFormat<Chunk, '[DONE]'> = /*#__PURE__*/ frameFormat(chunk, '[DONE]')
