import type { ChatEvent, Usage } from '../../event.ts'
import type { SseFrame } from '../../frames/sse-encoder.ts'
import { replyEncoder, type ReplyEncoder, type ReplyEncoderOptions } from '../reply-encoder.ts'
import { encodeError } from './encode-error.ts'
import {
  detailsOf,
  encodeCitation,
  encodeImage,
  encodeUsage,
  finishWord,
  isShown,
  replyHead,
} from './reply-fields.ts'

/** Options of {@link encodeReply} and {@link encodeResponse}. */
export interface OpenAIChatEncoderOptions extends ReplyEncoderOptions {
  /** Seconds since 1970. Default: now. */
  created?: number | undefined
  /** Write usage into a stream, which OpenAI does only when asked. Default: false. */
  includeUsage?: boolean | undefined
  /** The field for reasoning, which OpenAI has none for. Default: `reasoning_content`. */
  reasoningField?: 'reasoning_content' | 'reasoning' | undefined
}

type Json = { [field: string]: unknown }
type Emit = (frame: SseFrame) => void

/**
 * Encodes a reply as the stream of OpenAI's Chat Completions: `chat.completion.chunk`s, then
 * `[DONE]`.
 *
 * Citations come together before the end, as OpenAI sends them; reasoning, images, encrypted
 * reasoning details and cost as the hosts do that have them. Left out: citations without `url`,
 * provider events, and continuations that repeat text.
 *
 * Format: https://platform.openai.com/docs/api-reference/chat-streaming
 *
 * @example
 * ```ts
 * import { openaiChat } from 'ratatoskr/dialects'
 *
 * const encoder = openaiChat.encodeReply({ model: 'my-model' })
 * const write = (frame: { data: string }) => console.log(frame.data)
 * encoder.push({ type: 'content', text: 'Hi' }, write)
 * encoder.push({ type: 'done', finishReason: 'stop' }, write)
 * encoder.end(write)
 * ```
 */
export function encodeReply(options: OpenAIChatEncoderOptions = {}): ReplyEncoder {
  const { includeUsage = false, reasoningField = 'reasoning_content' } = options
  const head = replyHead(options, 'chat.completion.chunk')
  let model = options.model ?? ''
  let begun = false
  let usage: Usage | undefined
  // Written at once before the end, as OpenAI does: its own client keeps those of the last chunk.
  const annotations: Json[] = []
  const calls: { custom: boolean; blank: boolean }[] = []

  const write = (fields: Json, emit: Emit): void => {
    emit({ data: JSON.stringify({ ...head, model, ...fields }) })
  }
  const writeDelta = (delta: Json, emit: Emit, finish_reason: string | null = null): void => {
    const first = begun ? undefined : { role: 'assistant' }
    begun = true
    write(
      {
        choices: [{ index: 0, delta: { ...first, ...delta }, finish_reason }],
        ...(includeUsage && { usage: null }),
      },
      emit,
    )
  }
  const writeCall = (call: Json, emit: Emit): void => writeDelta({ tool_calls: [call] }, emit)
  const writeArguments = (index: number, piece: string, emit: Emit): void => {
    const sent = calls[index]?.custom ? { custom: { input: piece } } : undefined
    writeCall({ index, ...(sent ?? { function: { arguments: piece } }) }, emit)
  }

  const writeEvent = (event: ChatEvent, emit: Emit): void => {
    switch (event.type) {
      case 'content':
      case 'refusal':
        writeDelta({ [event.type]: event.text }, emit)
        break
      case 'reasoning':
        writeDelta({ [reasoningField]: event.text }, emit)
        break
      case 'tool_call_start': {
        const { index, id, name, kind: type = 'function' } = event
        const custom = type === 'custom'
        calls[index] = { custom, blank: true }
        const call = custom ? { name, input: '' } : { name, arguments: '' }
        writeCall({ index, id, type, [type]: call }, emit)
        break
      }
      case 'tool_call_delta': {
        const call = calls[event.index]
        if (call && event.arguments.trim()) call.blank = false
        writeArguments(event.index, event.arguments, emit)
        break
      }
      case 'tool_call_end': {
        // Clients parse the arguments as JSON.
        const { custom, blank } = calls[event.index] ?? {}
        if (blank && !custom) writeArguments(event.index, '{}', emit)
        break
      }
      case 'citation': {
        const annotation = encodeCitation(event.citation)
        if (annotation) annotations.push(annotation)
        break
      }
      case 'image':
        writeDelta({ images: [encodeImage(event.image)] }, emit)
        break
      case 'usage':
        ;({ usage } = event)
        break
      case 'done': {
        model ||= event.model ?? ''
        if (annotations[0]) writeDelta({ annotations }, emit)
        if (!begun) writeDelta({ content: '' }, emit)
        const details = detailsOf(event.continuation)
        // What shows text has been streamed as reasoning; readers would show it twice.
        const delta = details && !isShown(details) ? { reasoning_details: details } : {}
        writeDelta(delta, emit, finishWord(event.finishReason, event.rawFinishReason))
        if (includeUsage && usage) write({ choices: [], usage: encodeUsage(usage) }, emit)
        emit({ data: '[DONE]' })
        break
      }
      case 'provider':
        break
    }
  }

  return replyEncoder(writeEvent, (error, emit) => {
    emit({ data: JSON.stringify(encodeError(error).body) })
  })
}
