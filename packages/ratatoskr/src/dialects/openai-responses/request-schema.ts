import { array, literal, nullish, picklist, string, variant, type InferOutput } from 'valibot'
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

// A client's body, as far as it is read. Items and tools are checked one by one by what reads them.

const parts = 'a text or a list of parts'

/** A part of what a user says, or a tool answers. */
export const inputPart = variant(
  'type',
  [
    fields({ type: literal('input_text'), text }),
    // What an assistant said, given back by a client that does not tell the two apart.
    fields({ type: literal('output_text'), text }),
    fields({
      type: literal('input_image'),
      image_url: optionalText,
      file_id: anything,
      detail: nullish(picklist(['auto', 'low', 'high'], 'auto, low or high')),
    }),
    fields({
      type: literal('input_file'),
      file_data: optionalText,
      file_url: optionalText,
      file_id: anything,
      filename: optionalText,
    }),
  ],
  kinds('a part', 'input_text, input_image or input_file'),
)
export type InputPart = InferOutput<typeof inputPart>

const outputPart = variant(
  'type',
  [
    fields({ type: literal('output_text'), text }),
    fields({ type: literal('input_text'), text }),
    fields({ type: literal('refusal'), refusal: text }),
  ],
  kinds('a part', 'output_text or refusal'),
)

/** A message of the client's, or of the model's. */
export const messageItem = variant(
  'role',
  [
    fields({ role: literal('system'), content: textOr(inputPart, parts) }),
    fields({ role: literal('developer'), content: textOr(inputPart, parts) }),
    fields({ role: literal('user'), content: textOr(inputPart, parts) }),
    fields({ role: literal('assistant'), content: textOr(outputPart, parts) }),
  ],
  kinds('a message', 'system, developer, user or assistant'),
)

export const functionCall = fields({ call_id: name, name, arguments: text })
export const customCall = fields({ call_id: name, name, input: text })
export const callOutput = fields({ call_id: name, output: textOr(inputPart, parts) })
export const functionTool = fields({
  name,
  description: optionalText,
  parameters: nullish(object),
  strict: flag,
})
export const jsonSchemaFormat = fields({ name: optionalText, schema: object, strict: flag })

/** The whole body. */
export const request = record({
  model: name,
  input: textOr(object, 'a text or a list of items'),
  instructions: optionalText,
  stream: flag,
  temperature: amount,
  top_p: amount,
  max_output_tokens: amount,
  parallel_tool_calls: flag,
  text: nullish(record({ format: nullish(record({ type: string('a type') })) })),
  reasoning: nullish(record({ effort: optionalText, summary: optionalText })),
  tools: nullish(array(object, 'a list of tools')),
  tool_choice: anything,
})
