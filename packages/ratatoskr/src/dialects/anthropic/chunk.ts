import type { FrameFormat } from '../../json/json-decoder.ts'

/** One event of a stream, or a whole message, as far as it is read. */
export interface Chunk extends Message {
  type?: string | null | undefined
  /** The place of a content block, counted over blocks of all types. */
  index?: unknown
  message?: Message | null | undefined
  content_block?: Block | null | undefined
  delta?: Delta | null | undefined
  error?: unknown
  [field: string]: unknown
}

/** A message: at the start of a stream without content. */
export interface Message {
  id?: unknown
  model?: unknown
  content?: Block[] | null | undefined
  stop_reason?: string | null | undefined
  stop_details?: unknown
  container?: unknown
  usage?: unknown
  [field: string]: unknown
}

/** A content block; of the types that are not known, every field is kept. */
export interface Block {
  type?: string | null | undefined
  text?: string | null | undefined
  thinking?: string | null | undefined
  id?: unknown
  name?: string | null | undefined
  input?: unknown
  citations?: unknown[] | null | undefined
  [field: string]: unknown
}

/** What an event adds to a block or to the message. */
export interface Delta {
  type?: string | null | undefined
  text?: string | null | undefined
  thinking?: string | null | undefined
  partial_json?: string | null | undefined
  stop_reason?: string | null | undefined
  stop_details?: unknown
  container?: unknown
  [field: string]: unknown
}

const text = 'string'
const block = { type: text, text, thinking: text, name: text, citations: [] } as const
const message = { content: [block], stop_reason: text } as const

/**
 * The frames of Anthropic's Messages. `[DONE]` is not part of the format; hosts that copy it are
 * seen to send it.
 *
 * Format: https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export const frame: FrameFormat<Chunk, '[DONE]'> = {
  shape: {
    ...message,
    type: text,
    message,
    content_block: block,
    delta: { type: text, text, thinking: text, partial_json: text, stop_reason: text },
  },
  sentinel: '[DONE]',
}
