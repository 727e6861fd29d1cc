import { checkSize, cutOff, defaultLimit, need, RatatoskrError } from '../../errors.ts'
import type { ChatEvent, Citation, FinishReason, Usage } from '../../event.ts'
import { isJsonObject } from '../../json/is-json-object.ts'
import { fieldsOf, textOf } from '../../json/shape.ts'
import { apiError } from '../api-error.ts'
import { count } from '../count.ts'
import type { ReplyDecoder, ReplyDecoderOptions, ReplyPhase } from '../reply-decoder.ts'
import type { Chunk } from './chunk.ts'
import { trackPlaces, type Places } from './places.ts'

type Emit = (event: ChatEvent) => void

const dialect = 'cohere'
const finishReasons = new Map<string, FinishReason>([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool_calls'],
])

/**
 * Decodes a reply of Cohere's Chat, version 2: the events of a stream, or one whole reply.
 *
 * The reply is complete at `message-end`. Throws a `RatatoskrError`: `truncated` where the input ends
 * before, the provider's own error where the reply ends with one. What the model plans to do with
 * its tools is a provider event, and in the `continuation` of `done`, to be given back with the
 * calls. Each source of a cited passage is a citation.
 *
 * Format: https://docs.cohere.com/v2/reference/chat-stream
 *
 * @example
 * ```ts
 * import { cohere } from 'ratatoskr/dialects'
 *
 * const decoder = cohere.decodeReply()
 * const message = { content: { text: 'Hi' } }
 * decoder.push({ type: 'content-delta', index: 0, delta: { message } }, console.log)
 * decoder.push({ type: 'message-end', delta: { finish_reason: 'COMPLETE' } }, console.log)
 * ```
 */
export function decodeReply(options: ReplyDecoderOptions = {}): ReplyDecoder<Chunk | '[DONE]'> {
  const { provider, callId = (i: number): string => `call_${i}`, includeProviderEvents } = options
  const open = new Map<number, { index: number; text: string }>()
  const places = trackPlaces()
  let phase: ReplyPhase = 'open'
  let id = ''
  let plan = ''
  let calls = 0
  let ended = 0
  let size = 0

  const keep = (text: string): string => {
    size += text.length
    checkSize('the limit of tool calls', size, defaultLimit)
    return text
  }

  const takeContent = (at: number, content: unknown, emit: Emit): void => {
    const { text, thinking } = fieldsOf(content)
    if (textOf(thinking)) emit({ type: 'reasoning', text: textOf(thinking) })
    if (!textOf(text)) return
    places.add(textOf(text), at)
    emit({ type: 'content', text: textOf(text) })
  }

  const addArguments = (at: number, text: string, emit: Emit): void => {
    const call = open.get(at)
    need(call, 'protocol', 'A tool call must begin')
    if (!call || !text) return
    call.text += keep(text)
    emit({ type: 'tool_call_delta', index: call.index, arguments: text })
  }

  const startCall = (at: number, sent: unknown, emit: Emit): void => {
    const { id: given, function: called } = fieldsOf(sent)
    const name = textOf(fieldsOf(called)['name'])
    need(name, 'protocol', 'A tool call must have a name')
    const index = calls
    calls += 1
    open.set(at, { index, text: '' })
    emit({ type: 'tool_call_start', index, id: textOf(given) || callId(index), name })
    addArguments(at, textOf(fieldsOf(called)['arguments']), emit)
  }

  const endCall = (at: number, emit: Emit): void => {
    const call = open.get(at)
    open.delete(at)
    if (!call || (call.text.trim() && !isJsonObject(call.text))) return
    ended += 1
    emit({ type: 'tool_call_end', index: call.index })
  }

  const cite = (sent: unknown, emit: Emit): void => {
    for (const citation of readCitations(sent, places)) emit({ type: 'citation', citation })
  }

  const finish = (raw: string, counts: unknown, emit: Emit): void => {
    phase = 'done'
    const usage = readUsage(counts)
    const reason = finishReasons.get(raw) ?? 'other'
    if (usage) emit({ type: 'usage', usage })
    emit({
      type: 'done',
      finishReason: ended > 0 && (reason === 'stop' || !raw) ? 'tool_calls' : reason,
      ...(raw && { rawFinishReason: raw }),
      ...(id && { id }),
      ...(plan && ended > 0 && { continuation: { dialect, data: { tool_plan: plan } } }),
    })
  }

  /** A reply to a request without `stream`. */
  const takeWhole = (chunk: Chunk, emit: Emit): void => {
    const message = fieldsOf(chunk.message)
    plan = textOf(message['tool_plan'])
    for (const [i, part] of [message['content'] ?? []].flat().entries()) takeContent(i, part, emit)
    for (const [i, call] of [message['tool_calls'] ?? []].flat().entries()) {
      startCall(i, call, emit)
      endCall(i, emit)
    }
    for (const each of [message['citations'] ?? []].flat()) cite(each, emit)
    finish(textOf(chunk.finish_reason), chunk.usage, emit)
  }

  return {
    get phase() {
      return phase
    },
    push(chunk, emit) {
      if (phase === 'done' || chunk === '[DONE]') return
      const { type, delta, index = 0, finish_reason } = chunk
      const at = index ?? 0
      const { content, tool_plan, tool_calls, citations } = delta?.message ?? {}
      id ||= textOf(chunk.id)
      switch (type) {
        case 'content-start':
        case 'content-delta':
          return takeContent(at, content, emit)
        case 'tool-plan-delta':
          plan += keep(textOf(tool_plan))
          break
        case 'tool-call-start':
          return startCall(at, tool_calls, emit)
        case 'tool-call-delta':
          return addArguments(
            at,
            textOf(fieldsOf(fieldsOf(tool_calls)['function'])['arguments']),
            emit,
          )
        case 'tool-call-end':
          return endCall(at, emit)
        case 'citation-start':
          return cite(citations, emit)
        case 'message-end': {
          const raw = textOf(delta?.finish_reason)
          if (delta?.error || /^(ERROR|TIMEOUT)/.test(raw)) {
            throw apiError({
              provider,
              body: { error: { type: raw, message: textOf(delta?.error) } },
            })
          }
          return finish(raw, delta?.usage, emit)
        }
        case 'message-start':
        case 'content-end':
        case 'citation-end':
          return undefined
        default:
          if (!type && finish_reason) return takeWhole(chunk, emit)
          if (chunk.error || (!type && chunk.message)) throw apiError({ provider, body: chunk })
      }
      if (includeProviderEvents) emit({ type: 'provider', dialect, data: chunk })
      return undefined
    },
    end() {
      if (phase !== 'done')
        throw new RatatoskrError('truncated', cutOff, { provider, retryable: true })
    },
  }
}

/** One for each source of a passage. */
function readCitations(sent: unknown, places: Places): Citation[] {
  const { text, sources, type, content_index, ...place } = fieldsOf(sent)
  const [start = Infinity, end = 0] = [count(place['start']), count(place['end'])]
  // Those of a plan or of thinking stand in no content.
  const isPlaced = end > start && (type ?? 'TEXT_CONTENT') === 'TEXT_CONTENT'
  const [from, to] = [start, end].map((point) =>
    isPlaced ? places.unitAt(point, content_index) : undefined,
  )
  const passage = {
    ...(textOf(text) && { text: textOf(text) }),
    ...(from !== undefined && to !== undefined && { start: from, end: to }),
  }
  return [sources ?? [{}]].flat().map((source) => {
    const { id, document } = fieldsOf(source)
    const { url, title } = fieldsOf(document)
    return {
      ...(textOf(url) && { url: textOf(url) }),
      ...(textOf(title) && { title: textOf(title) }),
      ...(textOf(id) && { documentId: textOf(id) }),
      ...passage,
    }
  })
}

/** `tokens` are those of the model; `billed_units`, without the prompt's frame, are for the bill. */
function readUsage(sent: unknown): Usage | undefined {
  const { tokens, billed_units, cached_tokens } = fieldsOf(sent)
  const { input_tokens, output_tokens, reasoning_tokens } = fieldsOf(tokens ?? billed_units)
  const [prompt, completion] = [count(input_tokens), count(output_tokens)]
  if ((prompt ?? completion) === undefined) return undefined
  const [promptTokens, completionTokens] = [prompt ?? 0, completion ?? 0]
  const [reasoningTokens, cachedTokens] = [count(reasoning_tokens), count(cached_tokens)]
  return {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens + completionTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(cachedTokens !== undefined && { cachedTokens }),
  }
}
