import { isRecord } from '../../json/shape.ts'
import type { ReasoningOptions } from '../../options.ts'
import type { DecodedRequest } from '../decoded-request.ts'
import { readBody, refuse } from '../request-body.ts'
import { decodeMessages } from './decode-messages.ts'
import { decodeTools, isEmpty, type DecodedOptions } from './decode-tools.ts'
import type { OpenAIChatEncoderOptions } from './encode-reply.ts'
import { jsonSchemaFormat, request, type SentMessage } from './request-schema.ts'

/**
 * Decodes a client's request to OpenAI's Chat Completions, its JSON already parsed, into what
 * `gateway.chatStream` takes.
 *
 * A field that has no unified form, or one that does not say all, stands in `extra` as it was sent:
 * give it as `providerOptions` where the request goes to a provider of this dialect, and nothing is
 * lost. `stream_options` shapes the reply only, so it goes into `reply`.
 *
 * Throws a `RatatoskrError` that names the place: `invalid_request` for what the format does not
 * allow, `unsupported` for what has no counterpart (`n` above 1, `functions`, `name`, `file_id`).
 *
 * Format: https://platform.openai.com/docs/api-reference/chat/create
 *
 * @example
 * ```ts
 * import { openaiChat } from 'ratatoskr/dialects'
 *
 * const { messages, options, extra } = openaiChat.decodeRequest({
 *   model: 'gpt-5-mini',
 *   messages: [{ role: 'user', content: 'Hello' }],
 *   user: 'somebody',
 * })
 * console.log(messages.length, options.model, Object.keys(extra))
 * ```
 */
export function decodeRequest(body: unknown): DecodedRequest<OpenAIChatEncoderOptions> {
  const { model, messages, stream, n, functions, function_call, ...rest } = readBody(request, body)
  if (n != null && n !== 1) refuse('unsupported', 'n', 'must be 1: a reply is one answer')
  for (const [field, value] of Object.entries({ functions, function_call })) {
    if (value != null) refuse('unsupported', field, 'is not supported: use tools and tool_choice')
  }

  const { max_tokens: most, max_completion_tokens: mostCompletion, ...sampling } = rest
  if (most != null && mostCompletion != null && most !== mostCompletion) {
    refuse('invalid_request', 'max_tokens', 'must not differ from max_completion_tokens')
  }
  const { temperature, top_p, top_k, stop, seed, ...controls } = sampling
  const { frequency_penalty, presence_penalty, parallel_tool_calls, ...formed } = controls
  const { response_format, reasoning_effort, reasoning, tools, tool_choice, ...sent } = formed
  const { stream_options, ...others } = sent

  const called = decodeTools(tools, tool_choice)
  const format = decodeResponseFormat(response_format)
  const thought = decodeReasoning(reasoning, reasoning_effort)
  const maxTokens = mostCompletion ?? most
  return {
    messages: decodeMessages(messages),
    options: {
      model,
      ...called.options,
      ...(temperature != null && { temperature }),
      ...(top_p != null && { topP: top_p }),
      ...(top_k != null && { topK: top_k }),
      ...(maxTokens != null && { maxTokens }),
      ...(stop != null && { stop }),
      ...(seed != null && { seed }),
      // 0 is what a host does without them; those that have none need not refuse it.
      ...(frequency_penalty && { frequencyPenalty: frequency_penalty }),
      ...(presence_penalty && { presencePenalty: presence_penalty }),
      ...(parallel_tool_calls != null && { parallelToolCalls: parallel_tool_calls }),
      ...format.options,
      ...thought.options,
      ...(marksCache(messages) && { cachePrompt: true }),
    },
    stream: stream ?? false,
    extra: { ...others, ...called.extra, ...format.extra, ...thought.extra },
    reply: { model, includeUsage: stream_options?.include_usage ?? false },
  }
}

type Sent = { readonly [field: string]: unknown }

function decodeResponseFormat(sent: Sent | null | undefined): DecodedOptions {
  const raw = { options: {}, extra: { response_format: sent } }
  if (sent == null) return { options: {}, extra: {} }
  if (sent['type'] === 'text') return { options: { responseFormat: { type: 'text' } }, extra: {} }
  if (sent['type'] === 'json_object') {
    return { options: { responseFormat: { type: 'json' } }, extra: {} }
  }
  if (sent['type'] !== 'json_schema') return raw
  const { json_schema: described } = readBody(jsonSchemaFormat, sent, 'response_format')
  const { name, schema, strict, ...others } = described
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
    extra: isEmpty(others) ? {} : raw.extra,
  }
}

interface SentReasoning {
  effort?: string | null | undefined
  max_tokens?: number | null | undefined
  exclude?: boolean | null | undefined
}

/** OpenAI's `reasoning_effort` and OpenRouter's `reasoning`. */
function decodeReasoning(
  sent: (SentReasoning & Sent) | null | undefined,
  word: string | null | undefined,
): DecodedOptions {
  const { effort: own, max_tokens: maxTokens, exclude, ...others } = sent ?? {}
  const effort = efforts.find((known) => known === (own ?? word))
  const reasoning: ReasoningOptions = {
    ...(effort && { effort }),
    ...(maxTokens != null && { maxTokens }),
    ...(exclude != null && { exclude }),
  }
  const said = Object.keys(reasoning).length > 0
  const isAll = said && [own, word].every((given) => given == null || given === effort)
  return {
    options: said ? { reasoning } : {},
    extra: {
      ...(sent && !(isAll && isEmpty(others)) && { reasoning: sent }),
      ...(word != null && word !== effort && { reasoning_effort: word }),
    },
  }
}

const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

/** Whether a part is marked up to which OpenRouter is to cache the prompt. */
function marksCache(messages: readonly SentMessage[]): boolean {
  return messages.some(
    ({ content }) =>
      Array.isArray(content) &&
      content.some((part: unknown) => isRecord(part) && part['cache_control'] != null),
  )
}
