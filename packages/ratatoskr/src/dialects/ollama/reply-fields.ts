import type { FinishReason, Usage } from '../../event.ts'
import type { ReplyEncoderOptions } from '../reply-encoder.ts'

/** Options of {@link encodeReply} and {@link encodeResponse}. Ollama's replies have no id. */
export interface OllamaEncoderOptions extends Omit<ReplyEncoderOptions, 'id'> {
  /** RFC 3339, such as `2026-01-31T12:00:00Z`. Default: now. */
  createdAt?: string | undefined
}

/** What each line begins with. */
export function replyHead(
  { createdAt }: OllamaEncoderOptions,
  model: string,
): { model: string; created_at: string } {
  return { model, created_at: createdAt ?? new Date().toISOString() }
}

/** The fields of the last line. Its durations are not known. */
export function replyEnd(
  reason: FinishReason,
  raw?: string,
  usage?: Usage,
): { [field: string]: unknown } {
  const isOwn = raw && !/^(stop|length)$/.test(raw)
  const word = words.get(reason) ?? (isOwn ? raw : reason)
  return {
    done_reason: word,
    done: true,
    ...(usage && {
      prompt_eval_count: usage.promptTokens,
      eval_count: usage.completionTokens,
    }),
  }
}

const words = new Map<FinishReason, string>([
  ['stop', 'stop'],
  ['tool_calls', 'stop'],
  ['length', 'length'],
])

/** A call; its arguments are an object on this wire. */
export function encodeCall(
  index: number,
  id: string,
  name: string,
  text: string,
): { [field: string]: unknown } {
  const input: unknown = text.trim() ? JSON.parse(text) : {}
  return { id, function: { index, name, arguments: input } }
}
