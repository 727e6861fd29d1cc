import { checkSize, cutOff, defaultLimit, need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent, FinishReason, Usage } from '../../event.ts'
import { apiError } from '../api-error.ts'
import type { ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from '../reply-decoder.ts'
import { readUrlCitation } from './url-citation.ts'
import type { Chunk, Delta } from './chunk.ts'
import { extraFields } from './extra-fields.ts'
import { addReasoningDetails, type Detail } from './reasoning-details.ts'
import { assembleToolCalls } from './tool-calls.ts'
import { readUsage } from './usage.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { dataUrl } from '../data-url.ts'

type Emit = (event: ChatEvent) => void

/** Options of {@link decodePlainReply}. */
export interface OpenAIChatReplyOptions extends ReplyDecoderOptions {
  /** Rewrites each chunk of a host with an accent into what OpenAI describes. */
  adapt?: ((chunk: Chunk) => Chunk) | undefined
}

/**
 * Decodes a reply as OpenAI describes it, with what OpenRouter adds: for hosts that are known to
 * have no other accent. `decodeReply` hears them all.
 */
export function decodePlainReply(
  options: OpenAIChatReplyOptions = {},
): ReplyDecoder<Chunk | '[DONE]'> {
  const {
    provider,
    callId = (i: number): string => `call_${i}`,
    adapt,
    includeProviderEvents,
  } = options
  const hasExtra = includeProviderEvents ? extraFields() : undefined
  const toolCalls = assembleToolCalls(callId)
  const { calls } = toolCalls
  const details: Detail[] = []
  let phase: ReplyPhase = 'open'
  let finishReason: FinishReason = 'other'
  let rawFinishReason = ''
  let usage: Usage | undefined
  let id = ''
  let model = ''
  let sawDelta = false
  let kept = 0

  const takeDelta = (delta: Delta, emit: Emit): void => {
    sawDelta = true
    const { content, reasoning, reasoning_content, reasoning_details: added, refusal } = delta
    const { tool_calls: called, annotations, images } = delta
    const detailed = added?.[0] ? addReasoningDetails(details, added) : ''
    const thought = textOf(reasoning_content) || textOf(reasoning) || detailed
    const text = textOf(content)
    if (thought) emit({ type: 'reasoning', text: thought })
    need(text || !content, 'protocol', 'content must be text')
    if (text) emit({ type: 'content', text })
    if (refusal) emit({ type: 'refusal', text: refusal })
    // Asked for first: a loop over nothing costs as much as the rest of a delta.
    if (called) for (const call of called) toolCalls.take(call, emit)
    if (annotations) for (const annotation of annotations) emitCitation(annotation, emit)
    if (images) for (const image of images) emitImage(image, emit)
    if (added?.[0]) {
      kept += detailed.length
      checkSize('the limit of reasoning', kept, defaultLimit)
    }
  }

  const finish = (emit: Emit): void => {
    const ended = calls.some((call) => call.ended)
    const called = ended && (finishReason === 'stop' || !rawFinishReason)
    phase = 'done'
    if (usage) emit({ type: 'usage', usage })
    emit({
      type: 'done',
      finishReason: called ? 'tool_calls' : finishReason,
      ...(rawFinishReason && { rawFinishReason }),
      ...(model && { model }),
      ...(id && { id }),
      ...(details[0] && { continuation: { dialect, data: { reasoning_details: details } } }),
    })
  }

  const truncated = (): RatatoskrError =>
    new RatatoskrError('truncated', cutOff, { provider, retryable: true })

  return {
    get phase() {
      return phase
    },
    push(sent, emit) {
      if (phase === 'done') return
      if (sent === '[DONE]') {
        // Without a finish reason the server ended on purpose: what is plainly whole counts.
        if (!rawFinishReason) toolCalls.close(true, emit)
        if (!rawFinishReason && calls.some((call) => !call.ended)) throw truncated()
        finish(emit)
        return
      }
      const chunk = adapt ? adapt(sent) : sent
      id ||= textOf(chunk.id)
      model ||= textOf(chunk.model)
      if (chunk.usage) usage = readUsage(chunk.usage) ?? usage

      let finished: string | undefined
      for (const choice of chunk.choices ?? []) {
        if (choice.index) continue
        // A host that ignored `stream` sends a message; others repeat it beside their deltas.
        const delta = choice.delta ?? (sawDelta ? undefined : choice.message)
        if (delta) takeDelta(delta, emit)
        if (choice.finish_reason) finished = choice.finish_reason
      }
      if (hasExtra?.(sent)) emit({ type: 'provider', dialect, data: sent })
      if (finished === 'error' || chunk.error || ('object' in chunk && chunk.object === 'error')) {
        throw apiError({ provider, body: sent })
      }
      if (!finished) return
      rawFinishReason = finished
      finishReason = readFinishReason(finished)
      // Cut before its first argument, a call is no call without arguments.
      toolCalls.close(finishReason === 'length', emit)
      const named = finishReason === 'length' || calls.every(({ name }) => name)
      need(named, 'protocol', 'A tool call must have a name')
      phase = 'complete'
    },
    end(emit) {
      if (phase === 'open') throw truncated()
      if (phase === 'complete') finish(emit)
    },
  }
}

const dialect = 'openai-chat'

function emitCitation(annotation: unknown, emit: Emit): void {
  const citation = readUrlCitation(annotation)
  if (citation) emit({ type: 'citation', citation })
}

function emitImage(image: unknown, emit: Emit): void {
  const url = textOf(fieldsOf(fieldsOf(image)['image_url'])['url'])
  if (url) emit({ type: 'image', image: dataUrl(url) ?? { mediaType: 'image/*', url } })
}

/** What the words for the end mean; any other is `other`. */
const finishReasons: readonly (readonly [FinishReason, RegExp])[] = [
  ['stop', /^(stop|eos|end_turn)/],
  ['length', /length$|^max_tokens/],
  ['tool_calls', /^(tool|function_call)/],
  ['content_filter', /^content_filter/],
]

function readFinishReason(raw: string): FinishReason {
  return finishReasons.find(([, words]) => words.test(raw))?.[0] ?? 'other'
}
