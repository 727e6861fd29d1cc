import {
  array,
  finite,
  literal,
  nonEmpty,
  nullish,
  number,
  picklist,
  pipe,
  string,
  variant,
} from 'valibot'
import type { InferOutput } from 'valibot'
import {
  amount,
  anything,
  fields,
  flag,
  name,
  object,
  optionalText,
  record,
} from '../request-body.ts'
import { text, textOr } from '../request-body.ts'

// A client's body, as far as it is read. Fields with several forms are checked further by what
// reads them.

const blocks = 'a text or a list of blocks'
const base64 = pipe(string('base64'), nonEmpty('base64'))
const address = pipe(string('an address'), nonEmpty('an address'))

const textBlock = fields({ type: literal('text', 'text'), text, citations: anything })
const inBase64 = fields({ type: literal('base64'), media_type: name, data: base64 })
const atUrl = fields({ type: literal('url'), url: address })
const asText = fields({ type: literal('text'), media_type: nullish(name), data: text })
const stored = fields({ type: literal('file'), file_id: anything })
const blockList = fields({ type: literal('content'), content: anything })

const imageBlock = fields({
  type: literal('image'),
  source: variant('type', [inBase64, atUrl, stored], 'base64 or url'),
})
const documentBlock = fields({
  type: literal('document'),
  source: variant('type', [inBase64, atUrl, asText, stored, blockList], 'base64, url or text'),
  title: optionalText,
  context: anything,
  citations: nullish(record({ enabled: flag })),
})
/** Of the format, and without a counterpart in ours. */
const otherBlock = fields({
  type: picklist(['search_result', 'container_upload', 'tool_reference', 'browser_state']),
})
const resultPart = variant(
  'type',
  [textBlock, imageBlock, documentBlock, otherBlock],
  'text or image',
)
const resultBlock = fields({
  type: literal('tool_result'),
  tool_use_id: name,
  content: nullish(textOr(resultPart, blocks)),
  is_error: flag,
})
const userBlock = variant(
  'type',
  [textBlock, imageBlock, documentBlock, resultBlock, otherBlock],
  'text, image, document or tool_result',
)

/** Of the blocks that the model made, those that are not known are kept as they are. */
const madeBlock = record({ type: name })

const message = variant(
  'role',
  [
    fields({ role: literal('user'), content: textOr(userBlock, blocks) }),
    fields({ role: literal('assistant'), content: textOr(madeBlock, blocks) }),
    fields({ role: literal('system'), content: textOr(textBlock, blocks) }),
  ],
  'user or assistant',
)

/** One message of a client's body. */
export type SentMessage = InferOutput<typeof message>
export type SentUserBlock = InferOutput<typeof userBlock>
export type SentBlock = InferOutput<typeof madeBlock>

export const callBlock = fields({ id: name, name, input: object })
export const textOnly = fields({ text })

export const plainTool = fields({
  name,
  description: optionalText,
  input_schema: object,
  strict: flag,
})

/** The whole body. */
export const request = record({
  model: name,
  max_tokens: pipe(number('a number'), finite('a number')),
  messages: pipe(array(message, 'a list of messages'), nonEmpty('a list of messages')),
  system: nullish(textOr(textBlock, blocks)),
  stream: flag,
  temperature: amount,
  top_p: amount,
  top_k: amount,
  stop_sequences: nullish(array(text, 'a list of texts')),
  thinking: nullish(record({ type: name, budget_tokens: amount, display: optionalText })),
  output_config: nullish(
    record({
      effort: optionalText,
      format: nullish(record({ type: literal('json_schema', 'json_schema'), schema: object })),
    }),
  ),
  tools: nullish(array(record({}), 'a list of tools')),
  tool_choice: nullish(
    record({
      type: picklist(['auto', 'any', 'tool', 'none'], 'auto, any, tool or none'),
      name: optionalText,
      disable_parallel_tool_use: flag,
    }),
  ),
  cache_control: anything,
  thread: anything,
})
