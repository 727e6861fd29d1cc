import { checkOptions, refuseOption } from '../check-request-options.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import type { Message, UserPart } from '../../message.ts'
import type { ChatOptions, ChatRequest } from '../../options.ts'
import type { RequestBody } from '../encoded-request.ts'

/** What {@link encodeRequest} may be told. */
export interface CohereRequestOptions {
  /** The provider's name, for errors. Default: `cohere`. */
  provider?: string
}

/**
 * Encodes a request as a body for Cohere's Chat, version 2, always streaming. Documents go through
 * `providerOptions.documents`. Cohere keeps the prompt's beginning by itself, so `cachePrompt` needs
 * nothing. A strict tool makes all of them strict.
 *
 * Throws a `RatatoskrError`: `unsupported` for what Cohere cannot honour, `invalid_request` for
 * provider options that would take the request over.
 *
 * Format: https://docs.cohere.com/v2/reference/chat-stream
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 * import { cohere } from 'ratatoskr/dialects'
 *
 * const body = cohere.encodeRequest({
 *   model: 'command-a-03-2025',
 *   messages: [user('Hello')],
 *   options: { model: 'command-a-03-2025', maxTokens: 100 },
 * })
 * ```
 */
export function encodeRequest(
  { model, messages, options }: ChatRequest,
  { provider = 'cohere' }: CohereRequestOptions = {},
): RequestBody {
  refuseOption(provider, unsupportedIn(options))
  const {
    tools = [],
    toolChoice,
    responseFormat: format,
    reasoning,
    providerOptions: own = {},
  } = options
  checkOptions(own, ['stream', 'model', 'messages'], format)
  return {
    model,
    messages: messages.map((message) => encodeMessage(message, provider)),
    stream: true,
    temperature: options.temperature,
    p: options.topP,
    k: options.topK,
    max_tokens: options.maxTokens,
    stop_sequences: options.stop && [options.stop].flat(),
    seed: options.seed,
    frequency_penalty: options.frequencyPenalty,
    presence_penalty: options.presencePenalty,
    response_format:
      format?.type === 'json_schema'
        ? { type: 'json_object', json_schema: format.schema }
        : format?.type === 'json'
          ? { type: 'json_object' }
          : undefined,
    thinking: reasoning && {
      type: reasoning.effort === 'none' ? 'disabled' : 'enabled',
      token_budget: reasoning.maxTokens,
    },
    ...(tools[0] && {
      tools: tools.map(({ name, description, parameters }) => ({
        type: 'function',
        function: {
          name,
          description,
          parameters: parameters ?? { type: 'object', properties: {} },
        },
      })),
      strict_tools: tools.some(({ strict }) => strict) || undefined,
      tool_choice:
        toolChoice === 'auto' ? undefined : textOf(toolChoice).toUpperCase() || undefined,
    }),
    ...own,
  }
}

function encodeMessage(message: Message, provider: string): RequestBody {
  switch (message.role) {
    case 'system':
      return { role: message.role, content: message.content }
    case 'user': {
      const { role, content } = message
      return {
        role,
        content:
          typeof content === 'string' ? content : content.map((part) => encodePart(part, provider)),
      }
    }
    case 'assistant': {
      const { role, content, refusal, toolCalls = [], continuation } = message
      const isOwn = continuation?.dialect === 'cohere'
      const plan = isOwn ? textOf(fieldsOf(continuation.data)['tool_plan']) : ''
      const text = content || refusal
      return {
        role,
        ...((text || !toolCalls[0]) && { content: text ?? '' }),
        ...(plan && toolCalls[0] && { tool_plan: plan }),
        ...(toolCalls[0] && {
          tool_calls: toolCalls.map(({ id, name, arguments: input, kind }) => {
            if (kind === 'custom') refuseOption(provider, 'custom tool calls')
            return {
              id,
              type: 'function',
              function: { name, arguments: input.trim() ? input : '{}' },
            }
          }),
        }),
      }
    }
    case 'tool': {
      const { role, toolCallId: tool_call_id, content } = message
      const parts =
        typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content
      const texts = parts.map((part) => textOfPart(part, provider))
      return { role, tool_call_id, content: texts.join('\n') }
    }
  }
}

function encodePart(part: UserPart, provider: string): RequestBody {
  if (part.type === 'text') return { type: 'text', text: part.text }
  if (part.type === 'file') {
    refuseOption(provider, 'files (give documents in providerOptions)')
  }
  const { url, data, mediaType } = part
  const detail = 'detail' in part ? part.detail : undefined
  return {
    type: 'image_url',
    image_url: { url: url ?? `data:${mediaType};base64,${data}`, detail },
  }
}

/** The first option that there is no field for. */
function unsupportedIn({
  toolChoice,
  parallelToolCalls,
  reasoning,
}: ChatOptions): string | undefined {
  const effort = reasoning?.effort
  const asked: readonly (readonly [name: string, isAsked: unknown])[] = [
    ['toolChoice of one tool', typeof toolChoice === 'object'],
    ['parallelToolCalls', parallelToolCalls === false],
    ['reasoning.exclude', reasoning?.exclude],
    [`reasoning.effort ${effort}`, effort && effort !== 'none'],
  ]
  return asked.find(([, isAsked]) => isAsked)?.[0]
}

function textOfPart(part: UserPart, provider: string): string {
  if (part.type !== 'text') refuseOption(provider, 'images in tool results')
  return part.type === 'text' ? part.text : ''
}
