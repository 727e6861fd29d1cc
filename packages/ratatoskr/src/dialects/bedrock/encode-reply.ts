import type { ErrorCode } from '../../errors.ts'
import type { ChatEvent, Citation, FinishReason, Usage } from '../../event.ts'
import type { SseFrame } from '../../frames/sse-encoder.ts'
import { respondToError } from '../error-response.ts'
import { replyEncoder, type EncodedError, type ReplyEncoder } from '../reply-encoder.ts'

type Json = { [field: string]: unknown }
type Emit = (frame: SseFrame) => void

/**
 * Encodes a reply as the events of Amazon Bedrock's ConverseStream, for `AwsEventStreamEncoder`.
 *
 * A refusal is content, for it has no field. Left out: custom tool calls, images without data, the
 * reply's id and model, counts of reasoning and cost, provider events, and continuations.
 *
 * Format: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 *
 * @example
 * ```ts
 * import { bedrock } from 'ratatoskr/dialects'
 *
 * const encoder = bedrock.encodeReply()
 * const write = (frame: { data: string }) => console.log(frame.data)
 * encoder.push({ type: 'content', text: 'Hi' }, write)
 * encoder.push({ type: 'done', finishReason: 'stop' }, write)
 * encoder.end(write)
 * ```
 */
export function encodeReply(): ReplyEncoder {
  const calls = new Map<number, number>()
  let begun = false
  let next = 0
  /** The block of text or reasoning that is open. */
  let open: { type: 'text' | 'reasoning'; index: number } | undefined
  let usage: Usage | undefined

  const write = (type: string, payload: Json, emit: Emit): void => {
    emit({ data: JSON.stringify({ [type]: payload }) })
  }
  const close = (emit: Emit): void => {
    if (open) write('contentBlockStop', { contentBlockIndex: open.index }, emit)
    open = undefined
  }
  const writeDelta = (contentBlockIndex: number, delta: Json, emit: Emit): void => {
    write('contentBlockDelta', { contentBlockIndex, delta }, emit)
  }
  const blockOf = (type: 'text' | 'reasoning', emit: Emit): number => {
    if (open?.type !== type) {
      close(emit)
      open = { type, index: next++ }
    }
    return open.index
  }
  const writeBlock = (start: Json, delta: Json, emit: Emit): void => {
    close(emit)
    const contentBlockIndex = next++
    write('contentBlockStart', { contentBlockIndex, start }, emit)
    writeDelta(contentBlockIndex, delta, emit)
    write('contentBlockStop', { contentBlockIndex }, emit)
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    switch (event.type) {
      case 'content':
      case 'refusal':
        return writeDelta(blockOf('text', emit), { text: event.text }, emit)
      case 'reasoning': {
        const delta = { reasoningContent: { text: event.text } }
        return writeDelta(blockOf('reasoning', emit), delta, emit)
      }
      case 'citation': {
        const delta = { citation: encodeCitation(event.citation) }
        return writeDelta(blockOf('text', emit), delta, emit)
      }
      case 'image': {
        const { mediaType, data: bytes } = event.image
        const format = mediaType.replace(/^image\//, '')
        return bytes === undefined
          ? undefined
          : writeBlock({ image: { format } }, { image: { source: { bytes } } }, emit)
      }
      case 'tool_call_start': {
        if (event.kind === 'custom') return undefined
        close(emit)
        const contentBlockIndex = next++
        calls.set(event.index, contentBlockIndex)
        const start = { toolUse: { toolUseId: event.id, name: event.name } }
        return write('contentBlockStart', { contentBlockIndex, start }, emit)
      }
      case 'tool_call_delta': {
        const at = calls.get(event.index)
        if (at === undefined) return undefined
        return writeDelta(at, { toolUse: { input: event.arguments } }, emit)
      }
      case 'tool_call_end': {
        const contentBlockIndex = calls.get(event.index)
        if (contentBlockIndex === undefined) return undefined
        return write('contentBlockStop', { contentBlockIndex }, emit)
      }
      case 'usage':
        ;({ usage } = event)
        return undefined
      case 'done':
        close(emit)
        write(
          'messageStop',
          { stopReason: stopReason(event.finishReason, event.rawFinishReason) },
          emit,
        )
        return write('metadata', { ...encodeUsage(usage), metrics: { latencyMs: 0 } }, emit)
      case 'provider':
        return undefined
    }
  }

  return replyEncoder(
    (event, emit) => {
      if (!begun) write('messageStart', { role: 'assistant' }, emit)
      begun = true
      writeEvent(event, emit)
    },
    (error, emit) => {
      const { code, message } = respondToError(error)
      write(`${(code && exceptions[code]) ?? 'internalServer'}Exception`, { message }, emit)
    },
  )
}

/**
 * Encodes an error as Bedrock answers one: `{ message }`, its HTTP status, and its name in a header.
 * A client gets the provider's own words where its request is at fault, and else the library's
 * sentence.
 *
 * Format: https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 *
 * @example
 * ```ts
 * import { bedrock } from 'ratatoskr/dialects'
 *
 * function answer(error: unknown): Response {
 *   const { status, headers, body } = bedrock.encodeError(error)
 *   return new Response(JSON.stringify(body), { status, headers })
 * }
 * ```
 */
export function encodeError(error: unknown): EncodedError {
  const { code, status, headers, message } = respondToError(error)
  const name = (code && exceptions[code]) ?? 'internalServer'
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Exception`
  return { status, headers: { ...headers, 'x-amzn-errortype': type }, body: { message } }
}

const exceptions: { readonly [code in ErrorCode]?: string } = {
  timeout: 'modelTimeout',
  authentication: 'unrecognizedClient',
  permission: 'accessDenied',
  rate_limited: 'throttling',
  overloaded: 'serviceUnavailable',
  model_not_found: 'resourceNotFound',
  no_provider: 'resourceNotFound',
  invalid_request: 'validation',
  context_length: 'validation',
  content_filtered: 'validation',
  unsupported: 'validation',
}

/** `other` is written as the provider said it, unless readers would take that for something else. */
function stopReason(reason: FinishReason, raw = ''): string {
  const words = {
    stop: 'end_turn',
    length: 'max_tokens',
    tool_calls: 'tool_use',
    content_filter: 'content_filtered',
    other:
      /^[a-z_]+$/.test(raw) &&
      !/^(end_turn|stop|max_tokens|length|tool_use|finish|complete)/.test(raw)
        ? raw
        : 'other',
  }
  return words[reason]
}

function encodeUsage(usage: Usage | undefined): Json {
  if (!usage) return {}
  const { promptTokens, completionTokens, totalTokens, cachedTokens, cacheWriteTokens } = usage
  return {
    usage: {
      inputTokens: promptTokens - (cachedTokens ?? 0) - (cacheWriteTokens ?? 0),
      outputTokens: completionTokens,
      totalTokens,
      ...(cachedTokens !== undefined && { cacheReadInputTokens: cachedTokens }),
      ...(cacheWriteTokens !== undefined && { cacheWriteInputTokens: cacheWriteTokens }),
    },
  }
}

function encodeCitation({ url, title, text }: Citation): Json {
  return {
    ...(url && { location: { web: { url } } }),
    ...(title && { title }),
    ...(text && { sourceContent: [{ text }] }),
  }
}
