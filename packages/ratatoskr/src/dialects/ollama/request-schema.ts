import {
  array,
  literal,
  nonEmpty,
  nullish,
  picklist,
  pipe,
  string,
  variant,
  type InferOutput,
} from 'valibot'
import {
  amount,
  anything,
  fields,
  flag,
  kinds,
  name,
  object,
  optionalText,
  record,
  text,
  textOr,
} from '../request-body.ts'

// A client's body, as far as it is read.

const call = fields({
  id: optionalText,
  function: fields({ name, arguments: nullish(object) }),
})

const message = variant(
  'role',
  [
    fields({ role: literal('system'), content: text }),
    fields({
      role: literal('user'),
      content: text,
      images: nullish(array(string('base64'), 'a list of images')),
    }),
    fields({
      role: literal('assistant'),
      content: optionalText,
      thinking: optionalText,
      tool_calls: nullish(array(call, 'a list of calls')),
    }),
    fields({
      role: literal('tool'),
      content: text,
      tool_name: optionalText,
      tool_call_id: optionalText,
    }),
  ],
  kinds('a message', 'system, user, assistant or tool'),
)

/** One message of a client's body. */
export type SentMessage = InferOutput<typeof message>

const tool = fields({
  type: nullish(literal('function', 'function')),
  function: fields({ name, description: optionalText, parameters: nullish(object) }),
})

/** The values of `think`. */
export const thinkLevel = picklist(['low', 'medium', 'high'], 'true, false, low, medium or high')

/** The whole body. */
export const request = record({
  model: name,
  messages: pipe(array(message, 'a list of messages'), nonEmpty('a list of messages')),
  stream: flag,
  think: anything,
  format: anything,
  tools: nullish(array(tool, 'a list of tools')),
  options: nullish(
    record({
      temperature: amount,
      top_p: amount,
      top_k: amount,
      num_predict: amount,
      stop: nullish(textOr(text, 'a text or a list of texts')),
      seed: amount,
      frequency_penalty: amount,
      presence_penalty: amount,
    }),
  ),
})
