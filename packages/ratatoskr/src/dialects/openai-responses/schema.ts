import { array, nullish, number, object, string, unknown, type GenericSchema } from 'valibot'
import type { PlainSchema } from '../../json/shape-of.ts'
import type { Chunk } from './chunk.ts'

const anything = nullish(unknown())
const index = nullish(number())
const type = nullish(string())
const part = object({ type, text: anything, refusal: anything, annotations: anything })
const item = object({
  type,
  id: anything,
  status: anything,
  call_id: anything,
  name: anything,
  arguments: anything,
  input: anything,
  content: nullish(array(part)),
  summary: nullish(array(part)),
  result: anything,
  output_format: anything,
  outputs: anything,
  encrypted_content: anything,
})

const reply = {
  id: anything,
  model: anything,
  store: anything,
  status: anything,
  error: anything,
  incomplete_details: anything,
  usage: anything,
  output: nullish(array(item)),
}

/**
 * The source of truth for an event. `frame.shape` is what `shapeOf` makes of it (a test holds the
 * two together), so that a page which only reads replies bundles no schema.
 */
export const schema: GenericSchema<Chunk> & PlainSchema = object({
  type,
  output_index: index,
  item_id: anything,
  content_index: index,
  summary_index: index,
  delta: anything,
  text: anything,
  refusal: anything,
  arguments: anything,
  input: anything,
  annotation: anything,
  logprobs: anything,
  part: nullish(part),
  item: nullish(item),
  response: nullish(object(reply)),
  ...reply,
})
