import { fieldsOf, textOf } from '../../json/shape.ts'
import type { Message } from '../../message.ts'
import type { ChatRequest } from '../../options.ts'
import { refuseOption } from '../check-request-options.ts'
import { renameCallIds } from '../call-ids.ts'
import type { RequestBody } from '../encoded-request.ts'
import { encodePlainRequest } from './encode-plain-request.ts'
import type { OpenAIChatProfile } from './profile.ts'

/** What {@link encodeRequest} must know of the host. */
export interface OpenAIChatRequestOptions {
  /** The provider's name, for errors. Default: `openai-chat`. */
  provider?: string
  profile?: OpenAIChatProfile
}

/**
 * Encodes a request as a body for OpenAI's Chat Completions, always streaming, as a host's profile
 * bends it. Fields that are undefined are not sent.
 *
 * Throws a `RatatoskrError`: `unsupported` for what the host cannot honour, `invalid_request` for
 * provider options that would take the request over.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat/create
 *
 * @example
 * ```ts
 * import { user } from 'ratatoskr'
 * import { openaiChat } from 'ratatoskr/dialects'
 *
 * const body = openaiChat.encodeRequest({
 *   model: 'gpt-5-mini',
 *   messages: [user('Hello')],
 *   options: { model: 'gpt-5-mini', maxTokens: 100 },
 * })
 * ```
 */
export function encodeRequest(
  request: ChatRequest,
  { provider = 'openai-chat', profile = {} }: OpenAIChatRequestOptions = {},
): RequestBody {
  const { messages, options } = request
  const { unsupported = [], maxTokensField = 'max_tokens', seedField = 'seed' } = profile
  const { streamOptions = { include_usage: true }, includeReasoningField } = profile
  const { reasoning, responseFormat, toolChoice, providerOptions } = options

  const asked: { [option: string]: unknown } = {
    ...options,
    cachePrompt: options.cachePrompt || undefined,
    [`responseFormat.${responseFormat?.type}`]: responseFormat,
    'reasoning.maxTokens': reasoning?.maxTokens,
    'reasoning.exclude': includeReasoningField ? undefined : reasoning?.exclude || undefined,
  }
  const lacking = [...unsupported, 'reasoning.maxTokens', 'reasoning.exclude']
  const option = lacking.find((name) => asked[name] !== undefined)
  refuseOption(provider, option)
  const parts = messages.flatMap(({ content }): readonly object[] =>
    typeof content === 'string' ? [] : content,
  )
  if (
    !profile.documentPart &&
    parts.some(
      (part) => fieldsOf(part)['type'] === 'file' && /^https?:/.test(textOf(fieldsOf(part)['url'])),
    )
  ) {
    refuseOption(provider, 'a file given by URL (give its data)')
  }

  const { callIdPattern, reasoningField } = profile
  const renamed = callIdPattern ? withCallIds(messages, callIdPattern) : messages
  const { max_tokens, seed, tool_choice, ...body } = encodePlainRequest({
    ...request,
    messages: renamed,
  })
  const encoded: RequestBody = {
    ...body,
    stream_options: streamOptions || undefined,
    [maxTokensField]: max_tokens,
    [seedField]: seed,
    tool_choice:
      toolChoice === 'required' ? (profile.requiredToolChoice ?? tool_choice) : tool_choice,
    reasoning_effort: reasoning?.effort,
    ...(includeReasoningField && reasoning?.exclude && { [includeReasoningField]: false }),
    ...providerOptions,
  }
  if (profile.documentPart) {
    encoded['messages'] = [encoded['messages']].flat().map((sent) => {
      const { content, ...message } = fieldsOf(sent)
      return { ...message, content: Array.isArray(content) ? content.map(toDocument) : content }
    })
  }
  if (reasoningField) {
    encoded['messages'] = [encoded['messages']].flat().map((sent, i) => {
      const message = messages[i]
      const called = message?.role === 'assistant' && message.toolCalls?.[0]
      return { ...fieldsOf(sent), ...(called && { [reasoningField]: message.reasoning }) }
    })
  }
  return encoded
}

/** A file as Mistral takes it: https://docs.mistral.ai/capabilities/document_ai/document_qna */
function toDocument(part: unknown): unknown {
  const { type, file } = fieldsOf(part)
  const { filename, file_data } = fieldsOf(file)
  if (type !== 'file') return part
  return { type: 'document_url', document_url: file_data, document_name: filename }
}

function withCallIds(messages: readonly Message[], pattern: RegExp): Message[] {
  const idOf = renameCallIds(messages, pattern)
  return messages.map((message) =>
    message.role === 'tool'
      ? { ...message, toolCallId: idOf(message.toolCallId) }
      : message.role === 'assistant' && message.toolCalls
        ? {
            ...message,
            toolCalls: message.toolCalls.map((call) => ({ ...call, id: idOf(call.id) })),
          }
        : message,
  )
}
