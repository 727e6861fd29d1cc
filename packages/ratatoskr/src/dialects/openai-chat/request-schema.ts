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

// A client's body, as far as it is read. Fields with several forms are checked further by what
// reads them.

const parts = 'a text or a list of parts'
const textPart = fields({ type: literal('text', 'text'), text, cache_control: anything })
const userPart = variant(
  'type',
  [
    textPart,
    fields({
      type: literal('image_url'),
      image_url: fields({
        url: pipe(string('an address'), nonEmpty('an address')),
        detail: nullish(picklist(['auto', 'low', 'high'], 'auto, low or high')),
      }),
    }),
    fields({
      type: literal('input_audio'),
      input_audio: fields({
        data: pipe(string('base64'), nonEmpty('base64')),
        format: picklist(['wav', 'mp3'], 'wav or mp3'),
      }),
    }),
    fields({
      type: literal('file'),
      file: fields({ file_data: optionalText, file_id: anything, filename: optionalText }),
    }),
  ],
  kinds('a part', 'text, image_url, input_audio or file'),
)
const refusalPart = fields({ type: literal('refusal'), refusal: text })
const assistantPart = variant('type', [textPart, refusalPart], kinds('a part', 'text or refusal'))

const message = variant(
  'role',
  [
    fields({ role: literal('system'), content: textOr(textPart, parts), name: anything }),
    fields({ role: literal('developer'), content: textOr(textPart, parts), name: anything }),
    fields({ role: literal('user'), content: textOr(userPart, parts), name: anything }),
    fields({
      role: literal('assistant'),
      content: nullish(textOr(assistantPart, parts)),
      name: anything,
      refusal: optionalText,
      tool_calls: nullish(array(object, 'a list of calls')),
      function_call: anything,
      audio: anything,
      images: nullish(array(fields({ image_url: fields({ url: text }) }), 'a list of images')),
      reasoning_content: optionalText,
      reasoning: optionalText,
      reasoning_details: nullish(array(object, 'a list of details')),
    }),
    fields({ role: literal('tool'), tool_call_id: name, content: textOr(textPart, parts) }),
    fields({ role: literal('function') }),
  ],
  kinds('a message', 'system, developer, user, assistant or tool'),
)

/** One message of a client's body. */
export type SentMessage = InferOutput<typeof message>
export type SentUserPart = InferOutput<typeof userPart>

export const functionCall = fields({
  id: name,
  type: nullish(literal('function', 'function or custom')),
  function: fields({ name, arguments: text }),
})
export const customCall = fields({ id: name, custom: fields({ name, input: text }) })

export const functionTool = fields({
  function: fields({
    name,
    description: optionalText,
    parameters: nullish(object),
    strict: flag,
  }),
})

export const jsonSchemaFormat = fields({
  json_schema: fields({ name: optionalText, schema: object, strict: flag }),
})

const options = {
  temperature: amount,
  top_p: amount,
  top_k: amount,
  max_tokens: amount,
  max_completion_tokens: amount,
  stop: nullish(textOr(text, 'a text or a list of texts')),
  seed: amount,
  frequency_penalty: amount,
  presence_penalty: amount,
  parallel_tool_calls: flag,
}

/** The whole body. */
export const request = record({
  model: name,
  messages: pipe(array(message, 'a list of messages'), nonEmpty('a list of messages')),
  stream: flag,
  stream_options: nullish(record({ include_usage: flag })),
  n: amount,
  functions: anything,
  function_call: anything,
  ...options,
  response_format: nullish(
    record({ type: string('text, json_object, json_schema or what the provider takes') }),
  ),
  reasoning_effort: optionalText,
  reasoning: nullish(record({ effort: optionalText, max_tokens: amount, exclude: flag })),
  tools: nullish(array(object, 'a list of tools')),
  tool_choice: anything,
})
