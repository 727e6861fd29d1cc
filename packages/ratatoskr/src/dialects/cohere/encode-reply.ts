import type { ChatEvent, Citation, FinishReason, Usage } from '../../event.ts'
import type { SseFrame } from '../../frames/sse-encoder.ts'
import type { ChatResponse } from '../../response.ts'
import { respondToError } from '../error-response.ts'
import { randomLetters } from '../random-letters.ts'
import {
  replyEncoder,
  type EncodedError,
  type ReplyEncoder,
  type ReplyEncoderOptions,
} from '../reply-encoder.ts'
import { trackPlaces, type Places } from './places.ts'

type Json = { [field: string]: unknown }
type Emit = (frame: SseFrame) => void

/**
 * Encodes a reply as the stream of Cohere's Chat, version 2.
 *
 * A refusal is content, for it has no field. Left out: images, custom tool calls, the model's name,
 * cost, provider events, and continuations.
 *
 * Format: https://docs.cohere.com/v2/reference/chat-stream
 *
 * @example
 * ```ts
 * import { cohere } from 'ratatoskr/dialects'
 *
 * const encoder = cohere.encodeReply()
 * const write = (frame: { data: string }) => console.log(frame.data)
 * encoder.push({ type: 'content', text: 'Hi' }, write)
 * encoder.push({ type: 'done', finishReason: 'stop' }, write)
 * encoder.end(write)
 * ```
 */
export function encodeReply({ id = randomLetters(24) }: ReplyEncoderOptions = {}): ReplyEncoder {
  const custom = new Set<number>()
  const places = trackPlaces()
  let begun = false
  let open: 'text' | 'thinking' | undefined
  let at = -1
  let citations = 0
  let usage: Usage | undefined

  const write = (type: string, fields: Json, emit: Emit): void => {
    emit({ event: type, data: JSON.stringify({ type, ...fields }) })
  }
  const begin = (emit: Emit): void => {
    if (begun) return
    begun = true
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    write('message-start', { id, delta: { message } }, emit)
  }
  const close = (emit: Emit): void => {
    if (open) write('content-end', { index: at }, emit)
    open = undefined
  }
  const say = (type: 'text' | 'thinking', text: string, emit: Emit): void => {
    if (open !== type) {
      close(emit)
      open = type
      at += 1
      const content = { type, [type]: '' }
      write('content-start', { index: at, delta: { message: { content } } }, emit)
    }
    write('content-delta', { index: at, delta: { message: { content: { [type]: text } } } }, emit)
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    switch (event.type) {
      case 'content':
      case 'refusal':
        places.add(event.text)
        return say('text', event.text, emit)
      case 'reasoning':
        return say('thinking', event.text, emit)
      case 'tool_call_start': {
        const { index, name, kind } = event
        if (kind === 'custom') {
          custom.add(index)
          return undefined
        }
        close(emit)
        const tool_calls = { id: event.id, type: 'function', function: { name, arguments: '' } }
        return write('tool-call-start', { index, delta: { message: { tool_calls } } }, emit)
      }
      case 'tool_call_delta': {
        const { index } = event
        if (custom.has(index)) return undefined
        const tool_calls = { function: { arguments: event.arguments } }
        return write('tool-call-delta', { index, delta: { message: { tool_calls } } }, emit)
      }
      case 'tool_call_end':
        if (custom.has(event.index)) return undefined
        return write('tool-call-end', { index: event.index }, emit)
      case 'citation': {
        const index = citations++
        const delta = { message: { citations: encodeCitation(event.citation, places) } }
        write('citation-start', { index, delta }, emit)
        return write('citation-end', { index }, emit)
      }
      case 'usage':
        ;({ usage } = event)
        return undefined
      case 'done': {
        close(emit)
        const finish_reason = finishWord(event.finishReason, event.rawFinishReason)
        write('message-end', { id, delta: { finish_reason, ...encodeUsage(usage) } }, emit)
        return undefined
      }
      case 'image':
      case 'provider':
        return undefined
    }
  }

  return replyEncoder(
    (event, emit) => {
      begin(emit)
      writeEvent(event, emit)
    },
    (error, emit) => {
      const { code, message } = respondToError(error)
      write(
        'message-end',
        { id, delta: { finish_reason: 'ERROR', error: `${code ?? 'error'}: ${message}` } },
        emit,
      )
    },
  )
}

/**
 * Encodes a whole reply as Cohere answers a request without `stream`. Left out: calls that were cut
 * off, and what {@link encodeReply} leaves out.
 *
 * Format: https://docs.cohere.com/v2/reference/chat
 *
 * @example
 * ```ts
 * import { collect } from 'ratatoskr'
 * import { cohere } from 'ratatoskr/dialects'
 *
 * const response = await collect([
 *   { type: 'content', text: 'Hi' },
 *   { type: 'done', finishReason: 'stop' },
 * ])
 * console.log(JSON.stringify(cohere.encodeResponse(response)))
 * ```
 */
export function encodeResponse(response: ChatResponse, { id }: ReplyEncoderOptions = {}): Json {
  const { content, refusal = '', reasoning, citations = [], usage } = response
  const calls = response.toolCalls.filter(({ kind }) => kind !== 'custom')
  const text = content + refusal
  const places = trackPlaces()
  places.add(text)
  return {
    id: id ?? response.id ?? randomLetters(24),
    finish_reason: finishWord(response.finishReason, response.rawFinishReason),
    message: {
      role: 'assistant',
      content: [
        ...(reasoning ? [{ type: 'thinking', thinking: reasoning }] : []),
        ...(text ? [{ type: 'text', text }] : []),
      ],
      ...(calls[0] && {
        tool_calls: calls.map(({ id: callId, name, arguments: input }) => ({
          id: callId,
          type: 'function',
          function: { name, arguments: input },
        })),
      }),
      ...(citations[0] && {
        citations: citations.map((citation) => encodeCitation(citation, places)),
      }),
    },
    ...encodeUsage(usage),
  }
}

/**
 * Encodes an error as Cohere answers one: `{ message }`, and its HTTP status. A client gets the
 * provider's own words where its request is at fault, and else the library's sentence.
 *
 * Format: https://docs.cohere.com/reference/errors
 *
 * @example
 * ```ts
 * import { cohere } from 'ratatoskr/dialects'
 *
 * function answer(error: unknown): Response {
 *   const { status, headers, body } = cohere.encodeError(error)
 *   return new Response(JSON.stringify(body), { status, headers })
 * }
 * ```
 */
export function encodeError(error: unknown): EncodedError {
  const { status, headers, message } = respondToError(error)
  return { status, headers, body: { message } }
}

const words: { readonly [reason in FinishReason]: string } = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  tool_calls: 'TOOL_CALL',
  content_filter: 'CONTENT_FILTER',
  other: 'OTHER',
}

/** `other` is written as the provider said it, unless readers would take that for something else. */
function finishWord(reason: FinishReason, raw = ''): string {
  const isOwn =
    /^[A-Z_]+$/.test(raw) && !/^(ERROR|TIMEOUT|COMPLETE|STOP_|MAX_|TOOL_CALL$)/.test(raw)
  return reason === 'other' && isOwn ? raw : words[reason]
}

function encodeUsage(usage: Usage | undefined): Json {
  if (!usage) return {}
  const { promptTokens, completionTokens, reasoningTokens, cachedTokens } = usage
  const tokens = {
    input_tokens: promptTokens,
    output_tokens: completionTokens,
    ...(reasoningTokens !== undefined && { reasoning_tokens: reasoningTokens }),
  }
  return { usage: { tokens, ...(cachedTokens !== undefined && { cached_tokens: cachedTokens }) } }
}

function encodeCitation(
  { url, title, text = '', documentId, start = 0, end = 0 }: Citation,
  places: Places,
): Json {
  const [from, to] = [start, end].map((unit) => places.pointAt(unit) ?? 0)
  const document = { ...(url && { url }), ...(title && { title }) }
  const source = {
    type: 'document',
    ...(documentId && { id: documentId }),
    ...((url || title) && { document }),
  }
  return { start: from, end: to, text, sources: [source], type: 'TEXT_CONTENT' }
}
