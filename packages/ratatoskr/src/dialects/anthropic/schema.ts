import { array, nullish, object, string, unknown, type GenericSchema } from 'valibot'
import type { PlainSchema } from '../../json/shape-of.ts'
import type { Chunk } from './chunk.ts'

// Only what the decoder reads. Blocks of types that are not known pass as they are.

const anything = nullish(unknown())
const text = nullish(string())

const block = object({
  type: text,
  text,
  thinking: text,
  id: anything,
  name: text,
  input: anything,
  citations: nullish(array(unknown())),
})

const message = {
  id: anything,
  model: anything,
  content: nullish(array(block)),
  stop_reason: text,
  stop_details: anything,
  container: anything,
  usage: anything,
}

/**
 * The source of truth for a chunk. `frame.shape` is what `shapeOf` makes of it (a test holds the
 * two together), so that a page which only reads replies bundles no schema.
 */
export const schema: GenericSchema<Chunk> & PlainSchema = object({
  ...message,
  type: text,
  index: anything,
  message: nullish(object(message)),
  content_block: nullish(block),
  delta: nullish(
    object({ type: text, text, thinking: text, partial_json: text, stop_reason: text }),
  ),
  error: anything,
})
