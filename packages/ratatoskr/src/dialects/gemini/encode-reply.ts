import { checkSize, defaultLimit } from '../../errors.ts'
import type { ChatEvent, Citation, Usage } from '../../event.ts'
import type { SseFrame } from '../../frames/sse-encoder.ts'
import { replyEncoder, type ReplyEncoder, type ReplyEncoderOptions } from '../reply-encoder.ts'
import { encodeError } from './encode-error.ts'
import {
  encodeCall,
  encodeCitations,
  encodeImage,
  encodeUsage,
  finishWord,
  replyHead,
} from './reply-fields.ts'

type Json = { [field: string]: unknown }
type Emit = (frame: SseFrame) => void

/**
 * Encodes a reply as the stream of Gemini's `streamGenerateContent?alt=sse`.
 *
 * Calls are written whole, when they end. A refusal is content, for it has no field. Sources come
 * with the end, without their places. Left out: calls that were cut off, custom tool calls, provider
 * events, and continuations.
 *
 * Format: https://ai.google.dev/api/generate-content
 *
 * @example
 * ```ts
 * import { gemini } from 'ratatoskr/dialects'
 *
 * const encoder = gemini.encodeReply({ model: 'my-model' })
 * const write = (frame: { data: string }) => console.log(frame.data)
 * encoder.push({ type: 'content', text: 'Hi' }, write)
 * encoder.push({ type: 'done', finishReason: 'stop' }, write)
 * encoder.end(write)
 * ```
 */
export function encodeReply(options: ReplyEncoderOptions = {}): ReplyEncoder {
  const head = replyHead(options)
  const citations: Citation[] = []
  const calls = new Map<number, { id: string; name: string; text: string }>()
  let modelVersion = options.model ?? ''
  let usage: Usage | undefined
  let size = 0

  const write = (parts: Json[], more: Json, emit: Emit, beside: Json = {}): void => {
    const candidate = { content: { parts, role: 'model' }, index: 0, ...more }
    emit({ data: JSON.stringify({ candidates: [candidate], ...beside, modelVersion, ...head }) })
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    switch (event.type) {
      case 'content':
      case 'refusal':
        return write([{ text: event.text }], {}, emit)
      case 'reasoning':
        return write([{ text: event.text, thought: true }], {}, emit)
      case 'image':
        return write([encodeImage(event.image)], {}, emit)
      case 'tool_call_start': {
        const { index, id, name, kind } = event
        if (kind !== 'custom') calls.set(index, { id, name, text: '' })
        return undefined
      }
      case 'tool_call_delta': {
        const call = calls.get(event.index)
        if (!call) return undefined
        size += event.arguments.length
        checkSize('the limit of calls', size, defaultLimit)
        call.text += event.arguments
        return undefined
      }
      case 'tool_call_end': {
        const call = calls.get(event.index)
        calls.delete(event.index)
        return call && write([encodeCall(call.id, call.name, call.text)], {}, emit)
      }
      case 'citation':
        citations.push(event.citation)
        return undefined
      case 'usage':
        ;({ usage } = event)
        return undefined
      case 'done': {
        modelVersion ||= event.model ?? ''
        const finishReason = finishWord(event.finishReason, event.rawFinishReason)
        const end = { finishReason, ...encodeCitations(citations) }
        write([{ text: '' }], end, emit, encodeUsage(usage))
        return undefined
      }
      case 'provider':
        return undefined
    }
  }

  return replyEncoder(writeEvent, (error, emit) => {
    emit({ data: JSON.stringify(encodeError(error).body) })
  })
}
