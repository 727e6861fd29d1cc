import { array, nullish, object, string, unknown, type GenericSchema } from 'valibot'
import type { PlainSchema } from '../../json/shape-of.ts'
import type { Chunk } from './chunk.ts'

// Only what the decoder reads. A field whose oddities do not spoil a reply is `unknown` and read
// with care: no host should lose its replies over a number where others write a string.

const anything = nullish(unknown())
const text = nullish(string())
const list = nullish(array(unknown()))

const functionDelta = nullish(object({ name: text, arguments: anything }))

const toolCallDelta = object({
  index: anything,
  id: anything,
  function: functionDelta,
  custom: anything,
})

const delta = nullish(
  object({
    content: anything,
    reasoning_content: anything,
    reasoning: anything,
    reasoning_details: list,
    refusal: text,
    tool_calls: nullish(array(toolCallDelta)),
    function_call: functionDelta,
    annotations: list,
    images: list,
  }),
)

const choice = object({
  index: anything,
  delta,
  message: delta,
  finish_reason: text,
})

/**
 * The source of truth for a chunk. `frame.shape` is what `shapeOf` makes of it (a test holds the
 * two together), so that a page which only reads replies bundles no schema.
 */
export const schema: GenericSchema<Chunk> & PlainSchema = object({
  id: anything,
  model: anything,
  choices: nullish(array(choice)),
  usage: anything,
  x_groq: anything,
  error: anything,
  citations: anything,
  search_results: anything,
})
