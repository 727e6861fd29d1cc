import { nullish, number, object, string, unknown, type GenericSchema } from 'valibot'
import type { PlainSchema } from '../../json/shape-of.ts'
import type { Chunk } from './chunk.ts'

const anything = nullish(unknown())
const contentBlockIndex = nullish(number())

/**
 * The source of truth for an event. `frame.shape` is what `shapeOf` makes of it (a test holds the
 * two together), so that a page which only reads replies bundles no schema.
 */
export const schema: GenericSchema<Chunk> & PlainSchema = object({
  messageStart: anything,
  contentBlockStart: nullish(object({ contentBlockIndex, start: anything })),
  contentBlockDelta: nullish(object({ contentBlockIndex, delta: anything })),
  contentBlockStop: nullish(object({ contentBlockIndex })),
  messageStop: nullish(object({ stopReason: nullish(string()) })),
  metadata: anything,
})
