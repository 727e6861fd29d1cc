import { checkSize, defaultLimit } from '../../errors.ts'
import type { ChatEvent, Usage } from '../../event.ts'
import type { SseFrame } from '../../frames/sse-encoder.ts'
import { replyEncoder, type ReplyEncoder } from '../reply-encoder.ts'
import { encodeError } from './encode-error.ts'
import { encodeCall, replyEnd, replyHead, type OllamaEncoderOptions } from './reply-fields.ts'

type Emit = (frame: SseFrame) => void

/**
 * Encodes a reply as the lines of Ollama's own format, for an `NdjsonEncoder`.
 *
 * A call goes out when it is whole, as there is no form for a part of one. A refusal is content,
 * for it has no field. Left out: citations, images, custom tool calls, provider events, and
 * continuations.
 *
 * Format: https://docs.ollama.com/api/chat
 *
 * @example
 * ```ts
 * import { ollama } from 'ratatoskr/dialects'
 *
 * const encoder = ollama.encodeReply({ model: 'squirrel:8b' })
 * const write = (line: { data: string }) => console.log(line.data)
 * encoder.push({ type: 'content', text: 'Hi' }, write)
 * encoder.push({ type: 'done', finishReason: 'stop' }, write)
 * encoder.end(write)
 * ```
 */
export function encodeReply(options: OllamaEncoderOptions = {}): ReplyEncoder {
  let model = options.model ?? ''
  let usage: Usage | undefined
  let size = 0
  let written = 0
  const calls = new Map<number, { id: string; name: string; text: string }>()

  const write = (message: object, end: object, emit: Emit): void => {
    const line = {
      ...replyHead(options, model),
      message: { role: 'assistant', content: '', ...message },
      ...end,
    }
    emit({ data: JSON.stringify(line) })
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    const more = { done: false }
    switch (event.type) {
      case 'content':
      case 'refusal':
        write({ content: event.text }, more, emit)
        break
      case 'reasoning':
        write({ thinking: event.text }, more, emit)
        break
      case 'tool_call_start': {
        const { index, id, name, kind } = event
        if (kind !== 'custom') calls.set(index, { id, name, text: '' })
        break
      }
      case 'tool_call_delta': {
        const call = calls.get(event.index)
        if (!call) break
        size += event.arguments.length
        checkSize('the limit of calls', size, defaultLimit)
        call.text += event.arguments
        break
      }
      case 'tool_call_end': {
        const call = calls.get(event.index)
        calls.delete(event.index)
        if (!call) break
        write({ tool_calls: [encodeCall(written, call.id, call.name, call.text)] }, more, emit)
        written += 1
        break
      }
      case 'usage':
        ;({ usage } = event)
        break
      case 'done':
        model ||= event.model ?? ''
        write({}, replyEnd(event.finishReason, event.rawFinishReason, usage), emit)
        break
      case 'citation':
      case 'image':
      case 'provider':
        break
    }
  }

  return replyEncoder(writeEvent, (error, emit) => {
    emit({ data: JSON.stringify(encodeError(error).body) })
  })
}
