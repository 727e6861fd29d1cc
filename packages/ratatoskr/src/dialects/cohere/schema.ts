import { nullish, number, object, string, unknown, type GenericSchema } from 'valibot'
import type { PlainSchema } from '../../json/shape-of.ts'
import type { Chunk } from './chunk.ts'

const anything = nullish(unknown())

/**
 * The source of truth for an event. `frame.shape` is what `shapeOf` makes of it (a test holds the
 * two together), so that a page which only reads replies bundles no schema.
 */
export const schema: GenericSchema<Chunk> & PlainSchema = object({
  type: nullish(string()),
  id: anything,
  index: nullish(number()),
  delta: nullish(
    object({
      message: nullish(
        object({
          content: anything,
          tool_plan: anything,
          tool_calls: anything,
          citations: anything,
        }),
      ),
      finish_reason: anything,
      usage: anything,
      error: anything,
    }),
  ),
  message: anything,
  finish_reason: anything,
  usage: anything,
  error: anything,
})
