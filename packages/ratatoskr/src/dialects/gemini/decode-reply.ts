import { cutOff, need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent, Usage } from '../../event.ts'
import { isRecord, textOf } from '../../json/shape.ts'
import { apiError, stringify } from '../api-error.ts'
import type { ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from '../reply-decoder.ts'
import type { Chunk, FunctionCall, Part } from './chunk.ts'
import { collectSources } from './citations.ts'
import { readFinishReason } from './finish-reason.ts'
import { keepParts } from './kept-parts.ts'
import { streamArgs, type StreamedArgs } from './partial-args.ts'
import { readUsage } from './usage.ts'

type Emit = (event: ChatEvent) => void

const dialect = 'gemini'

/**
 * Decodes a reply of Gemini's: the chunks of a stream, or one whole reply.
 *
 * The reply is complete when a finish reason (or that of a blocked prompt) has come, **and** the
 * input ends: text may follow a finish reason, and the last one counts. Throws a `RatatoskrError`:
 * `truncated` where the input ends before, the provider's own error where a chunk holds one. The
 * arguments of a streamed call come together with its end. Sources come before the end, with places
 * within the first Mi of characters. The `continuation` of `done` holds signatures and what Google's
 * own tools did.
 *
 * Format: https://ai.google.dev/api/generate-content
 *
 * @example
 * ```ts
 * import { gemini } from 'ratatoskr/dialects'
 *
 * const decoder = gemini.decodeReply()
 * const parts = [{ text: 'Hi' }]
 * decoder.push({ candidates: [{ content: { parts }, finishReason: 'STOP' }] }, console.log)
 * decoder.end(console.log)
 * ```
 */
export function decodeReply(options: ReplyDecoderOptions = {}): ReplyDecoder<Chunk> {
  const { provider, callId = (i: number): string => `call_${i}`, includeProviderEvents } = options
  const sources = collectSources()
  const kept = keepParts()
  let phase: ReplyPhase = 'open'
  let raw = ''
  let isBlocked = false
  let usage: Usage | undefined
  let id = ''
  let model = ''
  let calls = 0
  let ended = 0
  let images = 0
  let open: { index: number; id: string; name: unknown; args: StreamedArgs } | undefined

  const endCall = (index: number, args: string, emit: Emit): void => {
    need(args, 'protocol', 'The arguments of a tool call must be an object')
    if (args !== '{}') emit({ type: 'tool_call_delta', index, arguments: args })
    emit({ type: 'tool_call_end', index })
    ended += 1
  }

  const takeCall = (part: Part, call: FunctionCall, emit: Emit): void => {
    const { name, args = {}, partialArgs, willContinue } = call
    const own = textOf(call.id)
    // Some name it again with each piece.
    const isSame = open?.name === name && (own ? open?.id === own : !!partialArgs?.[0])
    if (!open || (name && !isSame)) {
      need(name, 'protocol', 'A tool call must have a name')
      const index = calls
      calls += 1
      const made = own || callId(index)
      kept.call(part, made)
      emit({ type: 'tool_call_start', index, id: made, name: name ?? '' })
      open = { index, id: own, name, args: streamArgs() }
      if (!willContinue && !partialArgs?.[0]) {
        open = undefined
        const isObject = args === null || (isRecord(args) && !Array.isArray(args))
        return endCall(index, isObject ? stringify(args ?? {}) : '', emit)
      }
    } else kept.sign(part)
    for (const piece of partialArgs ?? []) open.args.add(piece)
    if (willContinue) return undefined
    const { index, args: streamed } = open
    open = undefined
    return endCall(index, streamed.text(), emit)
  }

  const takeImage = (part: Part, emit: Emit): boolean => {
    const mediaType = textOf(part.inlineData?.mimeType ?? part.fileData?.mimeType)
    const [data, url] = [textOf(part.inlineData?.data), textOf(part.fileData?.fileUri)]
    // An image within the thoughts is a draft.
    if (part.thought || !mediaType.startsWith('image/') || !(data || url)) return false
    emit({ type: 'image', image: { mediaType, ...(data ? { data } : { url }) } })
    kept.image(part, images)
    images += 1
    return true
  }

  const takePart = (part: Part, emit: Emit): void => {
    const { text, thought, functionCall, thoughtSignature } = part
    if (functionCall) return takeCall(part, functionCall, emit)
    if (takeImage(part, emit)) return undefined
    const isPlain = Object.keys(part).every((field) => /^(text|thought(Signature)?)$/.test(field))
    if (!isPlain) {
      if (includeProviderEvents) emit({ type: 'provider', dialect, data: part })
      if (!text) return kept.other(part)
    }
    if (thought) {
      if (text) emit({ type: 'reasoning', text })
      return thoughtSignature || !isPlain ? kept.other(part) : undefined
    }
    kept.text(part, text?.length ?? 0)
    sources.addText(text ?? '')
    if (text) emit({ type: 'content', text })
    return undefined
  }

  const finish = (emit: Emit): void => {
    phase = 'done'
    for (const citation of sources.take()) emit({ type: 'citation', citation })
    if (usage) emit({ type: 'usage', usage })
    const reason = isBlocked ? 'content_filter' : readFinishReason(raw)
    const continuation = kept.continuation()
    emit({
      type: 'done',
      finishReason: reason === 'stop' && ended > 0 ? 'tool_calls' : reason,
      rawFinishReason: raw,
      ...(model && { model }),
      ...(id && { id }),
      ...(continuation && { continuation }),
    })
  }

  return {
    get phase() {
      return phase
    },
    push(chunk, emit) {
      if (phase === 'done') return
      if (chunk.error) throw apiError({ provider, body: chunk })
      id ||= textOf(chunk.responseId)
      model ||= textOf(chunk.modelVersion)
      usage = readUsage(chunk.usageMetadata) ?? usage
      const blocked = wordOf(chunk.promptFeedback?.blockReason)
      if (blocked) {
        isBlocked = true
        raw = blocked
        phase = 'complete'
      }
      for (const candidate of chunk.candidates ?? []) {
        if (candidate.index) continue
        for (const part of candidate.content?.parts ?? []) takePart(part, emit)
        sources.ground(candidate.groundingMetadata)
        sources.cite(candidate.citationMetadata)
        const reason = wordOf(candidate.finishReason)
        if (!reason) continue
        raw = reason
        phase = 'complete'
      }
      if (includeProviderEvents && hasMore(chunk)) emit({ type: 'provider', dialect, data: chunk })
    },
    end(emit) {
      if (phase === 'open')
        throw new RatatoskrError('truncated', cutOff, { provider, retryable: true })
      if (phase === 'complete') finish(emit)
    },
  }
}

/** A word of an enumeration, which some clients send as its number; the first of each says nothing. */
function wordOf(value: unknown): string {
  const word = typeof value === 'number' && value > 0 ? `${value}` : textOf(value)
  return word.endsWith('_UNSPECIFIED') ? '' : word
}

/** What events of the library's own carry of an answer. */
const carried = /^(index|content|finishReason|citationMetadata)$/

/** Whether a chunk is of another answer, or says more of this one's end, or of a blocked prompt. */
function hasMore({ candidates, promptFeedback }: Chunk): boolean {
  if (promptFeedback?.blockReasonMessage) return true
  return (candidates ?? []).some(
    (candidate) =>
      candidate.index ||
      (candidate.finishReason &&
        Object.entries(candidate).some(([field, value]) => value != null && !carried.test(field))),
  )
}
