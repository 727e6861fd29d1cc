import {
  toolResult,
  type AssistantMessage,
  type GeneratedImage,
  type Message,
  type ToolCall,
  type UserPart,
} from 'ratatoskr'
import { is, type GenericSchema } from 'valibot'
import { Refusal } from '../refusal.ts'
import { checkBody } from '../server/check-body.ts'
import { isRecord } from '../wire/is-record.ts'
import {
  uiCall,
  uiContinuation,
  uiFile,
  uiText,
  type UiCall,
  type UiMessage,
  type UiPart,
} from './ui-message-schema.ts'

/**
 * Decodes the messages of the AI SDK's `useChat`. An assistant's message of several steps becomes a turn and its
 * tools' results for each. Left out, as the AI SDK itself leaves them out: sources, data, and custom parts; and calls that
 * have no result, which no provider takes.
 */
export function decodeUiMessages(messages: readonly UiMessage[]): Message[] {
  return messages.flatMap(({ role, parts }, i): Message[] => {
    const place = `messages.${i}.parts`
    switch (role) {
      case 'system':
        return [{ role, content: textOf(parts, place) }]
      case 'user':
        return [{ role, content: decodeUser(parts, place) }]
      case 'assistant':
        return decodeAssistant(parts, place)
    }
  })
}

function decodeUser(parts: readonly UiPart[], place: string): string | UserPart[] {
  const content = parts.flatMap((part, i) => toUserPart(part, `${place}.${i}`))
  return content.every((part) => part.type === 'text')
    ? content.map((part) => part.text).join('')
    : content
}

function toUserPart(part: UiPart, place: string): UserPart[] {
  if (part.type === 'text') return [{ type: 'text', text: read(uiText, part, place).text }]
  if (part.type !== 'file') return ignored(part, place)
  const { mediaType, url, filename } = read(uiFile, part, place)
  const source = dataOf(url) ?? { url, ...(mediaType.includes('/') && { mediaType }) }
  return /^image(\/|$)/.test(mediaType)
    ? [{ type: 'image', ...source }]
    : [{ type: 'file', ...source, ...(filename && { filename }) }]
}

/** What has been gathered of one step of the assistant's. */
interface Step {
  content: string
  reasoning: string
  toolCalls: ToolCall[]
  images: GeneratedImage[]
  results: Message[]
  continuation?: AssistantMessage['continuation']
}

function decodeAssistant(parts: readonly UiPart[], place: string): Message[] {
  const messages: Message[] = []
  let step = emptyStep()
  const close = (): void => {
    messages.push(...toMessages(step))
    step = emptyStep()
  }
  for (const [i, part] of parts.entries()) {
    const here = `${place}.${i}`
    if (part.type === 'step-start') close()
    else if (part.type === 'steering-message') {
      close()
      const said = Array.isArray(part['parts']) ? part['parts'].filter(isPart) : []
      messages.push({ role: 'user', content: decodeUser(said, `${here}.parts`) })
    } else addPart(step, part, here)
  }
  close()
  return messages
}

function emptyStep(): Step {
  return { content: '', reasoning: '', toolCalls: [], images: [], results: [] }
}

function addPart(step: Step, part: UiPart, place: string): void {
  const { type } = part
  if (type === 'text') step.content += read(uiText, part, place).text
  else if (type === 'reasoning') step.reasoning += read(uiText, part, place).text
  else if (type === 'data-continuation') {
    // Data of this name may be the page's own.
    if (is(uiContinuation, part)) step.continuation = { ...part.data }
  } else if (type === 'file') {
    // Those at an address are for people alone.
    const image = dataOf(read(uiFile, part, place).url)
    if (image) step.images.push(image)
  } else if (type === 'dynamic-tool' || type.startsWith('tool-')) {
    addCall(step, read(uiCall, part, place), type)
  } else ignored(part, place)
}

function addCall(step: Step, call: UiCall, type: string): void {
  const { toolCallId: id, toolName, input = {}, providerExecuted } = call
  const result = resultOf(call)
  if (result === undefined || providerExecuted === true) return
  const name = toolName ?? type.slice('tool-'.length)
  const isText = typeof input === 'string'
  step.toolCalls.push({
    id,
    name,
    arguments: isText ? input : JSON.stringify(input),
    ...(isText && { kind: 'custom' }),
  })
  step.results.push(toolResult(id, result.value, { isError: result.isError }))
}

function resultOf(call: UiCall): { value: unknown; isError: boolean } | undefined {
  const { state, output, errorText, approval } = call
  if (state === 'output-available') return { value: asText(output), isError: false }
  if (state === 'output-error') return { value: errorText ?? 'It failed.', isError: true }
  if (state !== 'output-denied') return undefined
  return { value: approval?.reason ?? 'The user did not allow this call.', isError: true }
}

/** A list may look like the parts of a result, and come from anywhere. */
function asText(output: unknown): unknown {
  return Array.isArray(output) ? JSON.stringify(output) : output
}

function toMessages({
  content,
  reasoning,
  toolCalls,
  images,
  results,
  continuation,
}: Step): Message[] {
  if (!content && !reasoning && !toolCalls[0] && !images[0]) return []
  const message: AssistantMessage = {
    role: 'assistant',
    content,
    ...(toolCalls[0] && { toolCalls }),
    ...(reasoning && { reasoning }),
    ...(images[0] && { images }),
    ...(continuation && { continuation }),
  }
  return [message, ...results]
}

function textOf(parts: readonly UiPart[], place: string): string {
  return parts
    .map((part, i) => {
      const here = `${place}.${i}`
      if (part.type === 'text') return read(uiText, part, here).text
      ignored(part, here)
      return ''
    })
    .join('')
}

function dataOf(url: string): { data: string; mediaType: string } | undefined {
  const [, mediaType, data] = /^data:([^;,]+)[^,]*;base64,(.*)$/s.exec(url) ?? []
  return mediaType && data ? { data, mediaType } : undefined
}

/** Refuses what the AI SDK has no such part for; the others say nothing to a model. */
function ignored({ type }: UiPart, place: string): [] {
  const known = /^(data-.+|source-(url|document)|custom|reasoning|reasoning-file|step-start)$/
  if (known.test(type)) return []
  throw new Refusal(400, 'invalid_request', `${place}.type must be one that a UI message has.`)
}

function read<Output>(schema: GenericSchema<Output>, part: UiPart, place: string): Output {
  return checkBody(schema, part, place)
}

function isPart(value: unknown): value is UiPart {
  return isRecord(value) && typeof value['type'] === 'string'
}
