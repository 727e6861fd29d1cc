import { fieldsOf, textOf } from '../../json/shape.ts'
import type { Chunk } from './chunk.ts'

/** What a chunk of a model's own format says: text, why it ended, and the counts. */
export interface InvokeChunk {
  text: string
  stopReason: string
  usage: unknown
}

/**
 * Reads a chunk of Titan, Llama or Cohere's Command as `InvokeModelWithResponseStream` passes it on;
 * undefined for an event of Converse. (Nova writes those itself, Claude those of Anthropic.)
 */
export function readInvokeChunk(chunk: Chunk): InvokeChunk | undefined {
  const sent: { readonly [field: string]: unknown } = { ...chunk }
  const { outputText, generation, is_finished, text, event_type } = sent
  const isOwn = [outputText, generation, is_finished].some((value) => value !== undefined)
  if (!isOwn || event_type !== undefined) return undefined
  const { inputTokenCount, outputTokenCount } = fieldsOf(sent['amazon-bedrock-invocationMetrics'])
  return {
    text: textOf(outputText ?? generation ?? (is_finished === true ? '' : text)),
    stopReason: textOf(sent['completionReason'] ?? sent['stop_reason'] ?? sent['finish_reason']),
    usage:
      inputTokenCount === undefined
        ? undefined
        : { inputTokens: inputTokenCount, outputTokens: outputTokenCount },
  }
}
