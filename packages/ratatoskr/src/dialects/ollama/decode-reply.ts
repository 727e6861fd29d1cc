import { checkSize, cutOff, defaultLimit, need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent, FinishReason, Usage } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { textOf } from '../../json/shape.ts'
import { apiError, stringify } from '../api-error.ts'
import { count } from '../count.ts'
import type { ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from '../reply-decoder.ts'
import type { Chunk, ReplyCall } from './chunk.ts'

type Emit = (event: ChatEvent) => void

const dialect = 'ollama'
const finishReasons = new Map<string, FinishReason>([
  ['stop', 'stop'],
  ['length', 'length'],
])

/**
 * Decodes a reply of Ollama's own format: the lines of a stream, or one whole reply.
 *
 * The reply is complete at `done: true`. Throws a `RatatoskrError`: `truncated` where the input
 * ends before, the provider's own error where a line holds one. A call comes whole and without an
 * id, so it gets one of `callId`. The `continuation` of `done` holds the thinking before calls,
 * which models that think are to see again with the results. Durations and other figures of the
 * last line are a provider event.
 *
 * Format: https://docs.ollama.com/api/chat
 *
 * @example
 * ```ts
 * import { ollama } from 'ratatoskr/dialects'
 *
 * const decoder = ollama.decodeReply()
 * decoder.push({ message: { content: 'Hi' } }, console.log)
 * decoder.push({ done: true, done_reason: 'stop' }, console.log)
 * ```
 */
export function decodeReply(options: ReplyDecoderOptions = {}): ReplyDecoder<Chunk> {
  const { provider, callId = (i: number): string => `call_${i}`, includeProviderEvents } = options
  let phase: ReplyPhase = 'open'
  let model = ''
  let thinking = ''
  let calls = 0

  const takeCall = ({ id, function: called }: ReplyCall, emit: Emit): void => {
    const name = textOf(called?.name)
    need(name, 'protocol', 'A tool call must have a name')
    const sent = called?.arguments ?? {}
    const text = textOf(sent) || stringify(sent)
    need(isJsonObject(text), 'protocol', 'The arguments of a tool call must be a JSON object')
    const index = calls
    calls += 1
    emit({ type: 'tool_call_start', index, id: textOf(id) || callId(index), name })
    if (text !== '{}') emit({ type: 'tool_call_delta', index, arguments: text })
    emit({ type: 'tool_call_end', index })
  }

  const finish = (chunk: Chunk, emit: Emit): void => {
    phase = 'done'
    const rawFinishReason = chunk.done_reason ?? ''
    const usage = readUsage(chunk)
    const reason = finishReasons.get(rawFinishReason) ?? 'other'
    const called = calls > 0 && (reason === 'stop' || !rawFinishReason)
    if (usage) emit({ type: 'usage', usage })
    emit({
      type: 'done',
      finishReason: called ? 'tool_calls' : reason,
      ...(rawFinishReason && { rawFinishReason }),
      ...(model && { model }),
      ...(calls > 0 && thinking && { continuation: { dialect, data: { thinking } } }),
    })
  }

  return {
    get phase() {
      return phase
    },
    push(chunk, emit) {
      if (phase === 'done') return
      if (chunk.error) throw apiError({ provider, body: chunk })
      const { message, done } = chunk
      model ||= textOf(chunk.model)
      if (message?.thinking) {
        thinking += message.thinking
        checkSize('the limit of reasoning', thinking.length, defaultLimit)
        emit({ type: 'reasoning', text: message.thinking })
      }
      if (message?.content) emit({ type: 'content', text: message.content })
      for (const call of message?.tool_calls ?? []) takeCall(call, emit)
      if (!done) return
      if (includeProviderEvents) {
        const { message: _, ...data } = chunk
        emit({ type: 'provider', dialect, data })
      }
      finish(chunk, emit)
    },
    end() {
      if (phase !== 'done')
        throw new RatatoskrError('truncated', cutOff, { provider, retryable: true })
    },
  }
}

function readUsage({ prompt_eval_count, eval_count }: Chunk): Usage | undefined {
  const [prompt, completion] = [count(prompt_eval_count), count(eval_count)]
  if (prompt === undefined && completion === undefined) return undefined
  // The count of a prompt that was in the cache as a whole is left out.
  const [promptTokens, completionTokens] = [prompt ?? 0, completion ?? 0]
  return { promptTokens, completionTokens, totalTokens: promptTokens + completionTokens }
}
