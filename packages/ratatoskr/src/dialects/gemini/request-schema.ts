import { array, nullish, type InferOutput } from 'valibot'
import {
  amount,
  anything,
  fields,
  name,
  object,
  optionalText,
  record,
  text,
  textOr,
} from '../request-body.ts'

// A client's body, as far as it is read. Google's own clients write names with capitals inside.

/** A part of a client's or the model's turn, one of whose fields says what it is. */
export const part = fields({
  text: optionalText,
  thought: anything,
  thoughtSignature: optionalText,
  inlineData: nullish(fields({ mimeType: text, data: text })),
  fileData: nullish(fields({ mimeType: optionalText, fileUri: text })),
  functionCall: nullish(fields({ id: optionalText, name, args: nullish(object) })),
  functionResponse: nullish(
    fields({
      id: optionalText,
      name,
      response: nullish(object),
      parts: nullish(
        array(
          fields({ inlineData: fields({ mimeType: text, data: text }) }),
          'a list of parts with inlineData',
        ),
      ),
    }),
  ),
})
export type SentPart = InferOutput<typeof part>

const content = fields({ role: optionalText, parts: nullish(array(part, 'a list of parts')) })
export type SentContent = InferOutput<typeof content>

export const functionDeclaration = fields({
  name,
  description: optionalText,
  parameters: nullish(object),
  parametersJsonSchema: nullish(object),
})

const config = record({
  temperature: amount,
  topP: amount,
  topK: amount,
  maxOutputTokens: amount,
  stopSequences: nullish(textOr(text, 'a list of texts')),
  seed: amount,
  frequencyPenalty: amount,
  presencePenalty: amount,
  responseMimeType: optionalText,
  responseJsonSchema: nullish(object),
  responseSchema: nullish(object),
  thinkingConfig: nullish(
    record({ includeThoughts: anything, thinkingBudget: amount, thinkingLevel: optionalText }),
  ),
})
export type SentConfig = Partial<InferOutput<typeof config>>

const calling = record({
  mode: optionalText,
  allowedFunctionNames: nullish(array(text, 'a list of names')),
})

/** The whole body. */
export const request = record({
  contents: array(content, 'a list of contents'),
  systemInstruction: nullish(fields({ parts: array(part, 'a list of parts') })),
  tools: nullish(array(object, 'a list of tools')),
  toolConfig: nullish(record({ functionCallingConfig: nullish(calling) })),
  generationConfig: nullish(config),
})
