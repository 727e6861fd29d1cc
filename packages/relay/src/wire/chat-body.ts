import type { ChatOptions, Message } from 'ratatoskr'
import {
  array,
  boolean,
  exactOptional,
  finite,
  literal,
  maxLength,
  nonEmpty,
  number,
  picklist,
  pipe,
  record,
  regex,
  strictObject,
  string,
  union,
  unknown,
  variant,
  type GenericSchema,
} from 'valibot'

/** The options that a client may send; the others are the business of either side alone. */
export type SentOptions = Omit<ChatOptions, 'signal' | 'collect' | 'maxResponseBytes'>

/** What a client posts to `/chat`. */
export interface ChatBody {
  /** Of the stream: see `isStreamId`. */
  id: string
  messages: Message[]
  options: SentOptions
}

// Everything is strict: what a client sends and the relay does not know must not get further.

const text = string('a text')
const name = pipe(text, nonEmpty('a text'))
const flag = boolean('true or false')
const amount = pipe(number('a number'), finite('a number'))
const base64 = pipe(text, regex(/^[\w+/-]*={0,2}$/, 'base64'))
const detail = picklist(['auto', 'low', 'high'])

const textPart = strictObject({ type: literal('text'), text })
const inBase64 = { data: base64, mediaType: name }
const atUrl = { url: name, mediaType: exactOptional(name) }
const image = { type: literal('image'), detail: exactOptional(detail) }
const file = {
  type: literal('file'),
  filename: exactOptional(text),
  citations: exactOptional(flag),
}
const imagePart = union([
  strictObject({ ...image, ...inBase64 }),
  strictObject({ ...image, ...atUrl }),
])
const filePart = union([
  strictObject({ ...file, ...inBase64 }),
  strictObject({ ...file, ...atUrl }),
])

const toolCall = strictObject({
  id: name,
  name,
  arguments: text,
  kind: exactOptional(picklist(['function', 'custom'])),
})
const generatedImage = strictObject({
  mediaType: name,
  data: exactOptional(base64),
  url: exactOptional(name),
})

const message = variant('role', [
  strictObject({ role: literal('system'), content: text }),
  strictObject({
    role: literal('user'),
    content: union([text, array(union([textPart, imagePart, filePart]))]),
  }),
  strictObject({
    role: literal('assistant'),
    content: text,
    toolCalls: exactOptional(array(toolCall)),
    reasoning: exactOptional(text),
    refusal: exactOptional(text),
    images: exactOptional(array(generatedImage)),
    continuation: exactOptional(strictObject({ dialect: name, data: unknown() })),
  }),
  strictObject({
    role: literal('tool'),
    toolCallId: name,
    content: union([text, array(union([textPart, imagePart]))]),
    isError: exactOptional(flag),
  }),
])

const anyObject = record(string(), unknown())
const tool = strictObject({
  name,
  description: exactOptional(text),
  parameters: exactOptional(anyObject),
  strict: exactOptional(flag),
})

/** Of the {@link SentOptions}. */
export const sentOptions: GenericSchema<SentOptions> = strictObject({
  model: union([name, pipe(array(name), nonEmpty('names'), maxLength(16, 'at most 16 names'))]),
  tools: exactOptional(array(tool)),
  toolChoice: exactOptional(
    union([picklist(['auto', 'none', 'required']), strictObject({ name })]),
  ),
  temperature: exactOptional(amount),
  topP: exactOptional(amount),
  topK: exactOptional(amount),
  maxTokens: exactOptional(amount),
  stop: exactOptional(union([text, array(text)])),
  seed: exactOptional(amount),
  frequencyPenalty: exactOptional(amount),
  presencePenalty: exactOptional(amount),
  parallelToolCalls: exactOptional(flag),
  responseFormat: exactOptional(
    variant('type', [
      strictObject({ type: literal('text') }),
      strictObject({ type: literal('json') }),
      strictObject({
        type: literal('json_schema'),
        name: exactOptional(text),
        schema: anyObject,
        strict: exactOptional(flag),
      }),
    ]),
  ),
  reasoning: exactOptional(
    strictObject({
      effort: exactOptional(picklist(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])),
      maxTokens: exactOptional(amount),
      exclude: exactOptional(flag),
    }),
  ),
  cachePrompt: exactOptional(flag),
  providerOptions: exactOptional(anyObject),
  includeProviderEvents: exactOptional(flag),
})

/** Of a {@link ChatBody}, whose continuations are not looked into. */
export const chatBody: GenericSchema<ChatBody> = strictObject({
  id: pipe(text, regex(/^(?:[0-9a-f]{32}|[\w-]{22})$/, 'the 128 random bits of a stream’s id')),
  messages: pipe(array(message), nonEmpty('a list such as [user(text)]')),
  options: sentOptions,
})
