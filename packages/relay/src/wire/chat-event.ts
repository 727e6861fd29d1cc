import type { ChatEvent } from 'ratatoskr'
import {
  exactOptional,
  literal,
  looseObject,
  nonEmpty,
  number,
  picklist,
  pipe,
  string,
  unknown,
  variant,
  type GenericSchema,
} from 'valibot'

const text = string()
const said = pipe(text, nonEmpty())
const count = number()
const maybeText = exactOptional(text)
const maybeCount = exactOptional(count)

/**
 * Of a `ChatEvent` that came over the wire. Fields that are not known stay: a newer relay may have more to say.
 */
export const chatEvent: GenericSchema<ChatEvent> = variant('type', [
  looseObject({ type: literal('content'), text: said }),
  looseObject({ type: literal('reasoning'), text: said }),
  looseObject({ type: literal('refusal'), text: said }),
  looseObject({
    type: literal('tool_call_start'),
    index: count,
    id: text,
    name: text,
    kind: exactOptional(literal('custom')),
  }),
  looseObject({ type: literal('tool_call_delta'), index: count, arguments: said }),
  looseObject({ type: literal('tool_call_end'), index: count }),
  looseObject({
    type: literal('citation'),
    citation: looseObject({
      url: maybeText,
      title: maybeText,
      text: maybeText,
      documentId: maybeText,
      start: maybeCount,
      end: maybeCount,
    }),
  }),
  looseObject({
    type: literal('image'),
    image: looseObject({ mediaType: text, data: maybeText, url: maybeText }),
  }),
  looseObject({ type: literal('provider'), dialect: text, data: unknown() }),
  looseObject({
    type: literal('usage'),
    usage: looseObject({
      promptTokens: count,
      completionTokens: count,
      totalTokens: count,
      reasoningTokens: maybeCount,
      cachedTokens: maybeCount,
      cacheWriteTokens: maybeCount,
      cost: maybeCount,
    }),
  }),
  looseObject({
    type: literal('done'),
    finishReason: picklist(['stop', 'length', 'tool_calls', 'content_filter', 'other']),
    rawFinishReason: maybeText,
    model: maybeText,
    id: maybeText,
    continuation: exactOptional(looseObject({ dialect: text, data: unknown() })),
  }),
])
