import type { FrameFormat } from '../../json/json-decoder.ts'

/** One event of a reply, or a whole reply, as far as it is read. */
export interface Chunk extends ReplyObject {
  /** The event's; absent where the chunk is a whole reply. */
  type?: string | null | undefined
  /** The place of the item among those of the reply. */
  output_index?: number | null | undefined
  item_id?: unknown
  content_index?: number | null | undefined
  summary_index?: number | null | undefined
  delta?: unknown
  text?: unknown
  refusal?: unknown
  arguments?: unknown
  input?: unknown
  annotation?: unknown
  logprobs?: unknown
  part?: ItemPart | null | undefined
  item?: OutputItem | null | undefined
  response?: ReplyObject | null | undefined
}

/** The reply as an object: with its beginning, and with its end. */
export interface ReplyObject {
  id?: unknown
  model?: unknown
  store?: unknown
  status?: unknown
  error?: unknown
  incomplete_details?: unknown
  usage?: unknown
  output?: OutputItem[] | null | undefined
}

/** One item of a reply: a message, a call, reasoning, or what a tool of the host's did. */
export interface OutputItem {
  type?: string | null | undefined
  id?: unknown
  status?: unknown
  call_id?: unknown
  name?: unknown
  arguments?: unknown
  input?: unknown
  content?: ItemPart[] | null | undefined
  summary?: ItemPart[] | null | undefined
  result?: unknown
  output_format?: unknown
  outputs?: unknown
  encrypted_content?: unknown
}

/** A part of a message or of reasoning. */
export interface ItemPart {
  type?: string | null | undefined
  text?: unknown
  refusal?: unknown
  annotations?: unknown
}

const text = 'string'
const part = { type: text } as const
const item = { type: text, content: [part], summary: [part] } as const

/**
 * The events of OpenAI's Responses. `[DONE]`, which some hosts add, says nothing.
 *
 * Format: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const frame: FrameFormat<Chunk, '[DONE]'> = {
  shape: {
    type: text,
    output_index: 'number',
    content_index: 'number',
    summary_index: 'number',
    part,
    item,
    response: { output: [item] },
    output: [item],
  },
  sentinel: '[DONE]',
}
