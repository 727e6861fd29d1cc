import type { Citation, FinishReason, Usage } from '../../event.ts'
import { finishReasons } from './finish-reason.ts'
import { randomLetters } from '../random-letters.ts'

type Json = { [field: string]: unknown }

/** The fields with which each message begins. */
export function replyHead(id: string | undefined, model: string): Json {
  return {
    id: id ?? `msg_${randomLetters(24)}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
  }
}

/**
 * The word for the end: the provider's own where it is one of the format. Other formats end a
 * refusal as any text; a client of this one would see an empty answer.
 */
export function stopReason(reason: FinishReason, raw = '', refusal = ''): string {
  if (refusal && reason === 'stop') return 'refusal'
  const words: { readonly [reason in FinishReason]: string } = {
    stop: 'end_turn',
    length: 'max_tokens',
    tool_calls: 'tool_use',
    content_filter: 'refusal',
    other: !raw || finishReasons.has(raw) ? 'other' : raw,
  }
  return finishReasons.get(raw) === reason ? raw : (words[reason] ?? 'other')
}

/** A `usage` object: here the prompt does not count what is read from caches and written to them. */
export function encodeUsage(usage: Usage | undefined): Json {
  const { promptTokens = 0, completionTokens = 0, reasoningTokens } = usage ?? {}
  const { cachedTokens, cacheWriteTokens } = usage ?? {}
  return {
    input_tokens: Math.max(0, promptTokens - (cachedTokens ?? 0) - (cacheWriteTokens ?? 0)),
    ...(cacheWriteTokens !== undefined && { cache_creation_input_tokens: cacheWriteTokens }),
    ...(cachedTokens !== undefined && { cache_read_input_tokens: cachedTokens }),
    output_tokens: completionTokens,
    ...(reasoningTokens !== undefined && {
      output_tokens_details: { thinking_tokens: reasoningTokens },
    }),
  }
}

/** A citation: of an address as a search result's, of a document by its place among them. */
export function encodeCitation({ url, title, text, documentId }: Citation): Json {
  const cited_text = text ?? ''
  return url === undefined && /^(0|[1-9]\d{0,8})$/.test(documentId ?? '')
    ? {
        type: 'char_location',
        cited_text,
        document_index: Number(documentId),
        document_title: title ?? null,
        start_char_index: 0,
        end_char_index: 0,
      }
    : {
        type: 'web_search_result_location',
        cited_text,
        url: url ?? '',
        title: title ?? documentId ?? null,
        encrypted_index: '',
      }
}
