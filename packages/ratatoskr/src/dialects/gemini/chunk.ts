import type { FrameFormat } from '../../json/json-decoder.ts'

/** One piece of a reply, or a whole one, as far as it is read. */
export interface Chunk {
  candidates?: Candidate[] | null | undefined
  promptFeedback?: { blockReason?: unknown; blockReasonMessage?: unknown } | null | undefined
  usageMetadata?: unknown
  modelVersion?: unknown
  responseId?: unknown
  error?: unknown
}

/** One of the answers; all but the first are left alone. */
export interface Candidate {
  index?: number | null | undefined
  content?: { parts?: Part[] | null | undefined } | null | undefined
  /** A word, or its number. */
  finishReason?: unknown
  groundingMetadata?: unknown
  citationMetadata?: unknown
}

/** A part of an answer: text, a call, an image, or what Google's own tools did. */
export interface Part {
  text?: string | null | undefined
  /** The text is reasoning. */
  thought?: boolean | null | undefined
  /** To be given back on the same part. */
  thoughtSignature?: string | null | undefined
  functionCall?: FunctionCall | null | undefined
  inlineData?: { mimeType?: unknown; data?: unknown } | null | undefined
  fileData?: { mimeType?: unknown; fileUri?: unknown } | null | undefined
}

/** A call, whole, or a piece of one. */
export interface FunctionCall {
  id?: unknown
  name?: string | null | undefined
  args?: unknown
  partialArgs?: PartialArg[] | null | undefined
  /** More of it follows. */
  willContinue?: boolean | null | undefined
}

/** A value within the arguments, or a piece of its text. */
export interface PartialArg {
  jsonPath?: string | null | undefined
  stringValue?: unknown
  numberValue?: unknown
  boolValue?: unknown
  nullValue?: unknown
}

const text = 'string'

/**
 * The chunks of Gemini's `streamGenerateContent`.
 *
 * Format: https://ai.google.dev/api/generate-content
 */
export const frame: FrameFormat<Chunk> = {
  shape: {
    candidates: [
      {
        index: 'number',
        content: {
          parts: [
            {
              text,
              thought: 'boolean',
              thoughtSignature: text,
              functionCall: {
                name: text,
                partialArgs: [{ jsonPath: text }],
                willContinue: 'boolean',
              },
              inlineData: {},
              fileData: {},
            },
          ],
        },
      },
    ],
    promptFeedback: {},
  },
}
