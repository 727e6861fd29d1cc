import type { ChatOptions, ReasoningOptions, ToolChoice, ToolDefinition } from '../../options.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import type { DecodedRequest } from '../decoded-request.ts'
import { readBody, refuse } from '../request-body.ts'
import { decodeMessages } from './decode-messages.ts'
import type { OpenAIResponsesEncoderOptions } from './reply-fields.ts'
import { functionTool, jsonSchemaFormat, request } from './request-schema.ts'

type Sent = { readonly [field: string]: unknown }

/** What was decoded of some fields, and the fields themselves where that is not all they say. */
interface DecodedOptions {
  options: Omit<Partial<ChatOptions>, 'model'>
  extra: { [field: string]: unknown }
}

/**
 * Decodes a client's request to OpenAI's Responses, its JSON already parsed, into what
 * `gateway.chatStream` takes. What the model made in a row (reasoning, calls, text) becomes one
 * message; items that say more than it can are its continuation.
 *
 * A field that has no unified form, or one that does not say all, stands in `extra` as it was sent:
 * give it as `providerOptions` where the request goes to a provider of this dialect, and nothing is
 * lost.
 *
 * Throws a `RatatoskrError` that names the place: `invalid_request` for what the format does not
 * allow, `unsupported` for what has no counterpart (stored prompts, files and items).
 *
 * Format: https://platform.openai.com/docs/api-reference/responses/create
 *
 * @example
 * ```ts
 * import { openaiResponses } from 'ratatoskr/dialects'
 *
 * const { messages, options, extra } = openaiResponses.decodeRequest({
 *   model: 'gpt-5-mini',
 *   input: 'Hello',
 *   metadata: { user: 'somebody' },
 * })
 * console.log(messages.length, options.model, Object.keys(extra))
 * ```
 */
export function decodeRequest(body: unknown): DecodedRequest<OpenAIResponsesEncoderOptions> {
  const { model, input, instructions, stream, ...rest } = readBody(request, body)
  const { temperature, top_p, max_output_tokens, parallel_tool_calls, ...formed } = rest
  const { text, reasoning, tools, tool_choice, stream_options: _, ...others } = formed
  if (others['prompt'] != null) {
    refuse('unsupported', 'prompt', 'is not supported: prompts are not stored here')
  }
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input
  const called = decodeTools(tools, tool_choice)
  const format = decodeText(text)
  const thought = decodeReasoning(reasoning)
  return {
    messages: [
      ...(instructions ? [{ role: 'system' as const, content: instructions }] : []),
      ...decodeMessages(items),
    ],
    options: {
      model,
      ...called.options,
      ...(temperature != null && { temperature }),
      ...(top_p != null && { topP: top_p }),
      ...(max_output_tokens != null && { maxTokens: max_output_tokens }),
      ...(parallel_tool_calls != null && { parallelToolCalls: parallel_tool_calls }),
      ...format.options,
      ...thought.options,
    },
    stream: stream ?? false,
    extra: { ...others, ...called.extra, ...format.extra, ...thought.extra },
    reply: { model },
  }
}

function isEmpty(fields: Sent): boolean {
  return Object.values(fields).every((value) => value == null)
}

function decodeText(text: Sent | null | undefined): DecodedOptions {
  if (text == null) return { options: {}, extra: {} }
  const { format, ...others } = text
  const raw = { options: {}, extra: { text } }
  const extra = isEmpty(others) ? {} : { text: others }
  switch (fieldsOf(format)['type']) {
    case undefined:
      return { options: {}, extra }
    case 'text':
      return { options: { responseFormat: { type: 'text' } }, extra }
    case 'json_object':
      return {
        options: { responseFormat: { type: 'json' } },
        extra: isEmpty(others) ? {} : raw.extra,
      }
    case 'json_schema': {
      const {
        type: __,
        name,
        schema,
        strict,
        ...more
      } = readBody(jsonSchemaFormat, format, 'text.format')
      return {
        options: {
          responseFormat: {
            type: 'json_schema',
            ...(name != null && { name }),
            schema,
            // OpenAI's default; ours is to hold the model to the schema.
            strict: strict ?? false,
          },
        },
        extra: isEmpty(others) && isEmpty(more) ? {} : raw.extra,
      }
    }
    default:
      return raw
  }
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

function decodeReasoning(sent: Sent | null | undefined): DecodedOptions {
  if (sent == null || isEmpty(sent)) return { options: {}, extra: {} }
  const { effort: word, summary, ...others } = sent
  const effort = efforts.find((known) => known === word)
  const reasoning: ReasoningOptions = {
    ...(effort && { effort }),
    // The summary is sent only where it is asked for.
    ...(summary == null && { exclude: true }),
  }
  const isAll = isEmpty(others) && (word == null || effort) && (summary ?? 'auto') === 'auto'
  return { options: { reasoning }, extra: isAll ? {} : { reasoning: sent } }
}

function decodeTools(sent: readonly Sent[] | null | undefined, choice: unknown): DecodedOptions {
  const tools: ToolDefinition[] = []
  let isAll = true
  for (const [i, tool] of (sent ?? []).entries()) {
    if (tool['type'] !== 'function') {
      isAll = false
      continue
    }
    const {
      type: _,
      name,
      description,
      parameters,
      strict,
      ...others
    } = readBody(functionTool, tool, `tools.${i}`)
    const place = `tools.${i}.name`
    if (!/^[\w-]+$/.test(name)) {
      refuse('invalid_request', place, 'must be of letters, digits, _ and -')
    }
    if (tools.some((other) => other.name === name)) {
      refuse('invalid_request', place, 'must be another than those before')
    }
    tools.push({
      name,
      ...(description != null && { description }),
      ...(parameters != null && { parameters }),
      // The format's default is to be strict where the schema allows it: a wish, not a demand.
      ...(strict != null && { strict }),
    })
    isAll &&= isEmpty(others)
  }
  const toolChoice = readChoice(choice, tools)
  return {
    options: { ...(tools[0] && { tools }), ...(tools[0] && toolChoice && { toolChoice }) },
    extra: {
      ...(!isAll && { tools: sent }),
      ...(choice != null &&
        !(tools[0] && toolChoice) &&
        !(isAll && !tools[0]) && { tool_choice: choice }),
    },
  }
}

/** Undefined where there is none, or one that has no unified form. */
function readChoice(choice: unknown, tools: readonly ToolDefinition[]): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  const { type, name } = fieldsOf(choice)
  if (choice != null && !textOf(type)) {
    refuse('invalid_request', 'tool_choice', 'must be auto, none, required or a tool')
  }
  const fits = type === 'function' && tools.some((tool) => tool.name === name)
  return fits ? { name: textOf(name) } : undefined
}
