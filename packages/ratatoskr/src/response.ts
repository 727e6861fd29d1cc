import type { Citation, FinishReason, GeneratedImage, Usage } from './event.ts'
import type { AssistantMessage, ToolCall } from './message.ts'

/** A whole reply, as `response()` and `chat()` give it. Plain JSON. */
export interface ChatResponse {
  content: string
  reasoning?: string
  refusal?: string
  /** The complete calls: each got its `tool_call_end`. */
  toolCalls: ToolCall[]
  /** Calls that were cut off. Never run them. */
  incompleteToolCalls?: ToolCall[]
  citations?: Citation[]
  images?: GeneratedImage[]
  usage?: Usage
  model?: string
  id?: string
  finishReason: FinishReason
  rawFinishReason?: string
  /** The reply as a turn of the conversation: append it to the history as it is. */
  message: AssistantMessage
}

/** What had been collected when a reply was stopped or failed. */
export type PartialChatResponse = Omit<ChatResponse, 'finishReason'> & {
  finishReason?: FinishReason
}
