import type { FrameFormat } from '../../json/json-decoder.ts'

/**
 * One event of a reply, as far as it is read: one of the fields is there. What a model writes in a
 * format of its own (`InvokeModelWithResponseStream`) is read as far as it is text.
 */
export interface Chunk {
  messageStart?: unknown
  contentBlockStart?:
    | { contentBlockIndex?: number | null | undefined; start?: unknown }
    | null
    | undefined
  contentBlockDelta?:
    | { contentBlockIndex?: number | null | undefined; delta?: unknown }
    | null
    | undefined
  contentBlockStop?: { contentBlockIndex?: number | null | undefined } | null | undefined
  messageStop?: { stopReason?: string | null | undefined } | null | undefined
  metadata?: unknown
}

const block = { contentBlockIndex: 'number' } as const

/**
 * The events of Amazon Bedrock's ConverseStream.
 *
 * Format: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export const frame: FrameFormat<Chunk> = {
  shape: {
    contentBlockStart: block,
    contentBlockDelta: block,
    contentBlockStop: block,
    messageStop: { stopReason: 'string' },
  },
}
