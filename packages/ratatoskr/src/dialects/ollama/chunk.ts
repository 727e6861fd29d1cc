import type { FrameFormat } from '../../json/json-decoder.ts'

/** One line of a reply, or a whole one, as far as it is read. */
export interface Chunk {
  model?: unknown
  message?: ReplyMessage | null | undefined
  done?: boolean | null | undefined
  done_reason?: string | null | undefined
  prompt_eval_count?: unknown
  eval_count?: unknown
  error?: unknown
}

/** What a line adds to the message. */
export interface ReplyMessage {
  content?: string | null | undefined
  thinking?: string | null | undefined
  tool_calls?: ReplyCall[] | null | undefined
}

/** A call comes whole, and without an id. */
export interface ReplyCall {
  id?: unknown
  function?: { name?: string | null | undefined; arguments?: unknown } | null | undefined
}

const text = 'string'

/**
 * The lines of Ollama's own format.
 *
 * Format: https://docs.ollama.com/api/chat
 */
export const frame: FrameFormat<Chunk> = {
  shape: {
    message: { content: text, thinking: text, tool_calls: [{ function: { name: text } }] },
    done: 'boolean',
    done_reason: text,
  },
}
