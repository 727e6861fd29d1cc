import type { Citation, Continuation, FinishReason, GeneratedImage, Usage } from '../../event.ts'
import { fieldsOf, isRecord, textOf } from '../../json/shape.ts'
import { randomLetters } from '../random-letters.ts'

type Json = { [field: string]: unknown }

/** What the streamed and the whole reply have in common. */
export function replyHead(
  { id, created }: { id?: string | undefined; created?: number | undefined },
  object: string,
): { id: string; object: string; created: number } {
  return {
    id: id ?? `chatcmpl-${randomLetters(29)}`,
    object,
    created: created ?? Math.floor(Date.now() / 1000),
  }
}

/**
 * The word for the end. `other` is written as the provider said it, unless readers would take that
 * for something else; OpenRouter's `error` says that the reply failed.
 */
export function finishWord(reason: FinishReason, raw?: string): string {
  const isOwn =
    raw && !/^(error|stop|eos|end_turn|max_tokens|tool|function|content_f)|length$/.test(raw)
  return reason === 'other' && isOwn ? raw : reason
}

/** A `usage` object. Details that are not known are left out. */
export function encodeUsage(usage: Usage): Json {
  const { reasoningTokens, cachedTokens, cacheWriteTokens, cost } = usage
  const prompt = {
    ...(cachedTokens !== undefined && { cached_tokens: cachedTokens }),
    ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
  }
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    ...(Object.keys(prompt).length > 0 && { prompt_tokens_details: prompt }),
    ...(reasoningTokens !== undefined && {
      completion_tokens_details: { reasoning_tokens: reasoningTokens },
    }),
    ...(cost !== undefined && { cost }),
  }
}

/** An annotation; undefined for a source without an address, for which there is no form. */
export function encodeCitation({ url, title, text, start, end }: Citation): Json | undefined {
  if (!url) return undefined
  const hasPlace = start !== undefined && end !== undefined
  return {
    type: 'url_citation',
    url_citation: {
      url,
      title: title ?? '',
      ...(text && { content: text }),
      // Both must be there: as OpenRouter does it, 0 to 0 says that the place is not known.
      start_index: hasPlace ? start : 0,
      end_index: hasPlace ? end : 0,
    },
  }
}

/** An image as OpenRouter writes it. */
export function encodeImage({ mediaType, data, url }: GeneratedImage): Json {
  return {
    type: 'image_url',
    image_url: { url: url ?? `data:${mediaType};base64,${data ?? ''}` },
  }
}

/** The `reasoning_details` of a continuation of this dialect. */
export function detailsOf(continuation: Continuation | undefined): unknown[] | undefined {
  if (continuation?.dialect !== 'openai-chat') return undefined
  const details = fieldsOf(continuation.data)['reasoning_details']
  return Array.isArray(details) && details.length > 0 ? details : undefined
}

/** Whether readers show some text of these details. */
export function isShown(details: readonly unknown[]): boolean {
  return details.some(
    (detail) => isRecord(detail) && (textOf(detail['text']) || textOf(detail['summary'])),
  )
}
