import type { Citation, FinishReason, GeneratedImage, Usage } from '../../event.ts'
import type { ToolCall } from '../../message.ts'
import { randomLetters } from '../random-letters.ts'
import type { ReplyEncoderOptions } from '../reply-encoder.ts'

type Json = { [field: string]: unknown }

/** Options of `encodeReply` and `encodeResponse`. */
export interface OpenAIResponsesEncoderOptions extends ReplyEncoderOptions {
  /** Seconds since 1970. Default: now. */
  created?: number | undefined
}

/** What stands in a reply before and after it was written. */
export interface ReplyHead {
  id: string
  object: 'response'
  created_at: number
}

/** Makes the head of a reply. */
export function replyHead({ id, created }: OpenAIResponsesEncoderOptions): ReplyHead {
  return {
    id: id ?? `resp_${randomLetters(32)}`,
    object: 'response',
    created_at: created ?? Math.floor(Date.now() / 1000),
  }
}

/** The fields that clients expect in every reply, though nothing is known of them. */
export const replyDefaults: Json = {
  error: null,
  instructions: null,
  metadata: {},
  parallel_tool_calls: true,
  // Its items are known by what they hold, not by their ids.
  store: false,
  temperature: null,
  tool_choice: 'auto',
  tools: [],
  top_p: null,
}

/**
 * How the reply ended. What is neither whole nor cut off is incomplete for the provider's own
 * reason, unless readers would take that for another.
 */
export function encodeEnd(finishReason: FinishReason, raw = ''): Json {
  const own = /max_.*tokens|content_filter|^$/.test(raw) ? 'other' : raw
  const reasons: { readonly [word in FinishReason]?: string } = {
    length: 'max_output_tokens',
    content_filter: 'content_filter',
    other: own,
  }
  const reason = reasons[finishReason]
  return reason
    ? { status: 'incomplete', incomplete_details: { reason } }
    : { status: 'completed', incomplete_details: null }
}

/** A `usage` object; null where nothing is known. */
export function encodeUsage(usage: Usage | undefined): Json {
  if (!usage) return { usage: null }
  const { promptTokens, completionTokens, totalTokens, cachedTokens = 0 } = usage
  const { reasoningTokens = 0, cacheWriteTokens, cost } = usage
  return {
    usage: {
      input_tokens: promptTokens,
      input_tokens_details: {
        cached_tokens: cachedTokens,
        ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
      },
      output_tokens: completionTokens,
      output_tokens_details: { reasoning_tokens: reasoningTokens },
      total_tokens: totalTokens,
      ...(cost !== undefined && { cost }),
    },
  }
}

/**
 * An annotation; undefined for a source with neither address nor document, for which there is no
 * form.
 *
 * @param base Where in the content the annotated part begins.
 */
export function encodeCitation(citation: Citation, base: number): Json | undefined {
  const { url, title = '', documentId, start = base, end = base } = citation
  if (url) {
    return {
      type: 'url_citation',
      url,
      title,
      // Both must be there: 0 to 0 says that the place is not known.
      start_index: Math.max(0, start - base),
      end_index: Math.max(0, end - base),
    }
  }
  return documentId
    ? { type: 'file_citation', file_id: documentId, filename: title, index: 0 }
    : undefined
}

/** A call as an item. */
export function encodeCall({ id: call_id, name, arguments: text, kind }: ToolCall): Json {
  const id = randomLetters(24)
  if (kind === 'custom') {
    return { type: 'custom_tool_call', id: `ctc_${id}`, call_id, name, input: text }
  }
  return {
    type: 'function_call',
    id: `fc_${id}`,
    call_id,
    name,
    arguments: text.trim() ? text : '{}',
    status: 'completed',
  }
}

/** An image as an item; undefined for one that is known by its address alone. */
export function encodeImage(image: GeneratedImage): Json | undefined {
  if (!image.data) return undefined
  return {
    type: 'image_generation_call',
    id: `ig_${randomLetters(24)}`,
    status: 'completed',
    output_format: image.mediaType.replace(/^image\//, ''),
    result: image.data,
  }
}

/** Reasoning as an item. */
export function encodeReasoning(id: string, text: string): Json {
  return { type: 'reasoning', id, summary: text ? [{ type: 'summary_text', text }] : [] }
}

/** A part of text. */
export function encodeText(text: string, annotations: readonly Json[]): Json {
  return { type: 'output_text', text, annotations, logprobs: [] }
}
