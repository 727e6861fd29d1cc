import { array, boolean, nullish, object, string, unknown, type GenericSchema } from 'valibot'
import type { PlainSchema } from '../../json/shape-of.ts'
import type { Chunk } from './chunk.ts'

const anything = nullish(unknown())
const text = nullish(string())

/**
 * The source of truth for a line. `frame.shape` is what `shapeOf` makes of it (a test holds the
 * two together), so that a page which only reads replies bundles no schema.
 */
export const schema: GenericSchema<Chunk> & PlainSchema = object({
  model: anything,
  message: nullish(
    object({
      content: text,
      thinking: text,
      tool_calls: nullish(
        array(
          object({ id: anything, function: nullish(object({ name: text, arguments: anything })) }),
        ),
      ),
    }),
  ),
  done: nullish(boolean()),
  done_reason: text,
  prompt_eval_count: anything,
  eval_count: anything,
  error: anything,
})
