import {
  RatatoskrError,
  type ChatEvent,
  type Citation,
  type DoneEvent,
  type Usage,
} from 'ratatoskr'
import { respondToError, type ReplyEncoder, type SseFrame } from 'ratatoskr/dialects'

type Emit = (frame: SseFrame) => void
type Json = { readonly [field: string]: unknown }

/** A call whose arguments come. */
interface OpenCall {
  toolCallId: string
  toolName: string
  isText: boolean
  arguments: string
}

/** The headers of a response whose body is such a stream, besides those of any event stream. */
export const uiMessageStreamHeaders: { readonly [name: string]: string } = {
  'x-vercel-ai-ui-message-stream': 'v1',
}

/**
 * Encodes a reply as a UI message stream of the AI SDK, version 1, which `useChat` reads: one step of the assistant's
 * message. A refusal is text; a generated image is a `file`; a citation is a source. What the provider wants back goes
 * into a part of the message, `data-continuation`, and comes back with it. The message's metadata gets `model` and
 * `usage`. Left out: provider events.
 *
 * No id of the message is sent: the client has one, and goes on with it after a tool's result.
 *
 * Format: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 *
 * @example
 * ```ts
 * import type { ChatStream } from 'ratatoskr'
 * import { ChatEventEncoderStream, SseEncoderStream } from 'ratatoskr/streams'
 * import { uiMessageStream, uiMessageStreamHeaders } from '@ratatoskr/relay'
 *
 * function respond(stream: ChatStream): Response {
 *   const body = stream
 *     .pipeThrough(new ChatEventEncoderStream(uiMessageStream()))
 *     .pipeThrough(new SseEncoderStream())
 *   const headers = { 'content-type': 'text/event-stream', ...uiMessageStreamHeaders }
 *   return new Response(body, { headers })
 * }
 * ```
 */
export function uiMessageStream(): ReplyEncoder {
  let begun = false
  let over = false
  let open: { type: 'text' | 'reasoning'; id: string } | undefined
  const counts = { text: 0, reasoning: 0, source: 0 }
  const calls = new Map<number, OpenCall>()
  let usage: Usage | undefined

  const write = (part: Json, emit: Emit): void => emit({ data: JSON.stringify(part) })
  const begin = (emit: Emit): void => {
    if (begun) return
    begun = true
    write({ type: 'start' }, emit)
    write({ type: 'start-step' }, emit)
  }
  const close = (emit: Emit): void => {
    if (open) write({ type: `${open.type}-end`, id: open.id }, emit)
    open = undefined
  }
  const addText = (type: 'text' | 'reasoning', delta: string, emit: Emit): void => {
    if (open?.type !== type) {
      close(emit)
      open = { type, id: `${type}-${counts[type]++}` }
      write({ type: `${type}-start`, id: open.id }, emit)
    }
    write({ type: `${type}-delta`, id: open.id, delta }, emit)
  }
  const addSource = ({ url, title, documentId }: Citation, emit: Emit): void => {
    const sourceId = `source-${counts.source++}`
    if (url) write({ type: 'source-url', sourceId, url, ...(title && { title }) }, emit)
    else if (title ?? documentId) {
      const about = { mediaType: 'text/plain', title: title ?? documentId }
      write({ type: 'source-document', sourceId, ...about }, emit)
    }
  }
  const endCall = (index: number, emit: Emit): void => {
    const call = calls.get(index)
    calls.delete(index)
    if (!call) return
    const { isText, arguments: text, ...named } = call
    const input: unknown = isText ? text : JSON.parse(text.trim() || '{}')
    write({ type: 'tool-input-available', ...named, input }, emit)
  }
  const finish = ({ finishReason, model, continuation }: DoneEvent, emit: Emit): void => {
    close(emit)
    if (continuation) write({ type: 'data-continuation', data: continuation }, emit)
    write({ type: 'finish-step' }, emit)
    const messageMetadata = { ...(model !== undefined && { model }), ...(usage && { usage }) }
    const said = Object.keys(messageMetadata).length > 0 && { messageMetadata }
    write({ type: 'finish', finishReason: finishReason.replace('_', '-'), ...said }, emit)
    emit({ data: '[DONE]' })
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    switch (event.type) {
      case 'content':
      case 'refusal':
        addText('text', event.text, emit)
        break
      case 'reasoning':
        addText('reasoning', event.text, emit)
        break
      case 'tool_call_start': {
        close(emit)
        const { index, id: toolCallId, name: toolName, kind } = event
        const isText = kind === 'custom'
        calls.set(index, { toolCallId, toolName, isText, arguments: '' })
        const encoding = isText && { inputEncoding: 'text' }
        write({ type: 'tool-input-start', toolCallId, toolName, ...encoding }, emit)
        break
      }
      case 'tool_call_delta': {
        const call = calls.get(event.index)
        if (!call) break
        call.arguments += event.arguments
        const { toolCallId } = call
        write({ type: 'tool-input-delta', toolCallId, inputTextDelta: event.arguments }, emit)
        break
      }
      case 'tool_call_end':
        endCall(event.index, emit)
        break
      case 'citation':
        addSource(event.citation, emit)
        break
      case 'image': {
        close(emit)
        const { mediaType, data, url = `data:${mediaType};base64,${data}` } = event.image
        write({ type: 'file', url, mediaType }, emit)
        break
      }
      case 'usage':
        ;({ usage } = event)
        break
      case 'done':
        finish(event, emit)
        break
      case 'provider':
    }
  }

  return {
    push(event, emit) {
      if (over) return
      over = event.type === 'done'
      if (event.type !== 'provider') begin(emit)
      writeEvent(event, emit)
    },
    end() {
      if (!over) throw new RatatoskrError('truncated', 'The reply was cut off before its end.')
    },
    fail(error, emit) {
      if (over) return
      over = true
      // Without the ends of what is open, and without [DONE]: nobody is to take it for whole.
      write({ type: 'error', errorText: respondToError(error).message }, emit)
    },
  }
}
