import {
  array,
  boolean,
  nullish,
  number,
  object,
  string,
  unknown,
  type GenericSchema,
} from 'valibot'
import type { PlainSchema } from '../../json/shape-of.ts'
import type { Chunk } from './chunk.ts'

const anything = nullish(unknown())
const text = nullish(string())
const flag = nullish(boolean())

const partialArg = object({
  jsonPath: text,
  stringValue: anything,
  numberValue: anything,
  boolValue: anything,
  nullValue: anything,
})
const part = object({
  text,
  thought: flag,
  thoughtSignature: text,
  functionCall: nullish(
    object({
      id: anything,
      name: text,
      args: anything,
      partialArgs: nullish(array(partialArg)),
      willContinue: flag,
    }),
  ),
  inlineData: nullish(object({ mimeType: anything, data: anything })),
  fileData: nullish(object({ mimeType: anything, fileUri: anything })),
})

/**
 * The source of truth for a chunk. `frame.shape` is what `shapeOf` makes of it (a test holds the
 * two together), so that a page which only reads replies bundles no schema.
 */
export const schema: GenericSchema<Chunk> & PlainSchema = object({
  candidates: nullish(
    array(
      object({
        index: nullish(number()),
        content: nullish(object({ parts: nullish(array(part)) })),
        finishReason: anything,
        groundingMetadata: anything,
        citationMetadata: anything,
      }),
    ),
  ),
  promptFeedback: nullish(object({ blockReason: anything, blockReasonMessage: anything })),
  usageMetadata: anything,
  modelVersion: anything,
  responseId: anything,
  error: anything,
})
