import {
  array,
  check,
  exactOptional,
  is,
  looseObject,
  number,
  picklist,
  pipe,
  regex,
  strictObject,
  string,
  union,
  unknown,
  type CheckAction,
  type GenericSchema,
} from 'valibot'

// What the continuations of each dialect hold, as its `decodeReply` makes them. Only the kinds of blocks that a reply
// has: none by which a request names files, images or addresses.

const text = string()
/** A text by its length, a call by its id. */
const place = union([looseObject({ length: number() }), looseObject({ call: text })])

/** Fields that lead a provider to something outside of the request. */
const pointers = ['source', 'fileData', 'file_data', 'file_id', 'fileUri', 'image_url', 'file_url']
const withoutPointers = <Block extends object>(): CheckAction<Block, undefined> =>
  check((block) => !pointers.some((field) => field in block))

const anthropicBlock = pipe(
  looseObject({
    type: pipe(
      text,
      regex(
        /^(text|thinking|redacted_thinking|tool_use|server_tool_use|mcp_tool_use|compaction|\w+_tool_result)$/,
      ),
    ),
  }),
  withoutPointers(),
)
const responsesItem = pipe(
  looseObject({
    type: pipe(text, regex(/^(message|reasoning|compaction|mcp_\w+|\w+_call(_output)?)$/)),
  }),
  withoutPointers(),
)
const geminiPart = pipe(looseObject({}), withoutPointers())
const bedrockBlock = union([
  place,
  strictObject({
    reasoningContent: union([
      strictObject({ redactedContent: text }),
      strictObject({ reasoningText: strictObject({ text, signature: text }) }),
    ]),
  }),
])
const reasoningDetail = looseObject({
  type: picklist(['reasoning.text', 'reasoning.summary', 'reasoning.encrypted']),
})

const schemas: ReadonlyMap<string, GenericSchema> = new Map<string, GenericSchema>([
  [
    'anthropic',
    strictObject({ blocks: array(anthropicBlock), container: exactOptional(unknown()) }),
  ],
  ['openai-responses', strictObject({ items: array(responsesItem) })],
  ['openai-chat', strictObject({ reasoning_details: array(reasoningDetail) })],
  ['gemini', strictObject({ parts: array(geminiPart) })],
  ['bedrock', strictObject({ blocks: array(bedrockBlock) })],
  ['ollama', strictObject({ thinking: text })],
  ['cohere', strictObject({ tool_plan: text })],
])

/**
 * Whether a continuation's data is what its dialect makes. Of a dialect that is not the library's nothing is known:
 * its signature alone has to do.
 */
export function fitsDialect(dialect: string, data: unknown): boolean {
  const schema = schemas.get(dialect)
  return schema === undefined || is(schema, data)
}
