import type { Citation, FinishReason, GeneratedImage, Usage } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { randomLetters } from '../random-letters.ts'
import type { ReplyEncoderOptions } from '../reply-encoder.ts'
import { readFinishReason } from './finish-reason.ts'

type Json = { [field: string]: unknown }

/** What stands in each chunk. */
export function replyHead({ id }: ReplyEncoderOptions): { responseId: string } {
  return { responseId: id ?? randomLetters(24) }
}

/** `usageMetadata`, where thoughts are counted apart; nothing where nothing is known. */
export function encodeUsage(usage: Usage | undefined): Json {
  if (!usage) return {}
  const { promptTokens, completionTokens, totalTokens, reasoningTokens, cachedTokens } = usage
  return {
    usageMetadata: {
      promptTokenCount: promptTokens,
      candidatesTokenCount: completionTokens - (reasoningTokens ?? 0),
      totalTokenCount: totalTokens,
      ...(reasoningTokens !== undefined && { thoughtsTokenCount: reasoningTokens }),
      ...(cachedTokens !== undefined && { cachedContentTokenCount: cachedTokens }),
    },
  }
}

/** The word for the end; the provider's own, where it means the same here. */
export function finishWord(reason: FinishReason, raw = ''): string {
  const meant = reason === 'tool_calls' ? 'stop' : reason
  const isWord = /^[A-Z_]+$/.test(raw)
  if (isWord && readFinishReason(raw) === meant) return raw
  return { stop: 'STOP', length: 'MAX_TOKENS', content_filter: 'SAFETY', other: 'OTHER' }[meant]
}

/** A call as a part. Its arguments are an object in this format. */
export function encodeCall(id: string, name: string, text: string): Json {
  const args: unknown = isJsonObject(text) ? JSON.parse(text) : {}
  return { functionCall: { id, name, args } }
}

/** An image as a part. */
export function encodeImage({ mediaType: mimeType, data, url }: GeneratedImage): Json {
  return data === undefined
    ? { fileData: { mimeType, fileUri: url } }
    : { inlineData: { mimeType, data } }
}

/**
 * Sources as `groundingMetadata`; nothing where there are none. Places are not told, for the format
 * counts them in bytes of a text that the encoder does not keep.
 */
export function encodeCitations(citations: readonly Citation[]): Json {
  const chunks = citations.flatMap(({ url, title, documentId, text }): Json[] => {
    if (url) return [{ web: { uri: url, ...(title && { title }) } }]
    if (!documentId) return []
    return [
      {
        retrievedContext: {
          documentName: documentId,
          ...(title && { title }),
          ...(text && { text }),
        },
      },
    ]
  })
  return chunks[0] ? { groundingMetadata: { groundingChunks: chunks } } : {}
}
