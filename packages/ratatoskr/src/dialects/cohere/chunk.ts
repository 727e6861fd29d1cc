import type { FrameFormat } from '../../json/json-decoder.ts'

/** One event of a reply, or a whole one, as far as it is read. */
export interface Chunk {
  /** The event's; absent where the chunk is a whole reply. */
  type?: string | null | undefined
  id?: unknown
  index?: number | null | undefined
  delta?: Delta | null | undefined
  message?: unknown
  finish_reason?: unknown
  usage?: unknown
  error?: unknown
}

/** What an event adds. */
export interface Delta {
  message?:
    | { content?: unknown; tool_plan?: unknown; tool_calls?: unknown; citations?: unknown }
    | null
    | undefined
  finish_reason?: unknown
  usage?: unknown
  error?: unknown
}

/**
 * The events of Cohere's Chat, version 2. `[DONE]` behind them says nothing.
 *
 * Format: https://docs.cohere.com/v2/reference/chat-stream
 */
export const frame: FrameFormat<Chunk, '[DONE]'> = {
  shape: { type: 'string', index: 'number', delta: { message: {} } },
  sentinel: '[DONE]',
}
