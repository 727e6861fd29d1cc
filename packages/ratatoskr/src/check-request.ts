import { RatatoskrError } from './errors.ts'
import type { Message } from './message.ts'
import type { ChatOptions } from './options.ts'

/**
 * Checks what a caller asks for, before anything is sent. Types do not stop a NaN, and most
 * callers of a browser's library write JavaScript.
 */
export function checkRequest(messages: readonly Message[], options: ChatOptions): void {
  if (typeof options !== 'object' || options === null) {
    refuse('there are no options', 'Give at least { model }')
  }
  checkModel(options.model)
  checkMessages(messages)
  checkNumber('temperature', options.temperature, 0)
  checkNumber('topP', options.topP, 0, 1)
  checkNumber('topK', options.topK, 1, Infinity, true)
  checkNumber('maxTokens', options.maxTokens, 1, Infinity, true)
  checkNumber('seed', options.seed, -Infinity, Infinity, true)
  checkNumber('frequencyPenalty', options.frequencyPenalty, -Infinity)
  checkNumber('presencePenalty', options.presencePenalty, -Infinity)
  checkNumber('maxResponseBytes', options.maxResponseBytes, 1)
  checkNumber('reasoning.maxTokens', options.reasoning?.maxTokens, 1, Infinity, true)
  checkTools(options)
  const stops = typeof options.stop === 'string' ? [options.stop] : (options.stop ?? [])
  if (!Array.isArray(stops) || stops.some((stop) => typeof stop !== 'string' || stop === '')) {
    refuse('stop holds something that is not a text', 'Give one or more non-empty strings')
  }
}

function checkModel(model: unknown): void {
  const models: unknown[] = Array.isArray(model) ? model : [model]
  const named = (name: unknown): boolean => typeof name === 'string' && name.trim() !== ''
  if (models.length === 0 || !models.every(named)) {
    refuse('there is no model', "Set the model option to a model's name, or to a list of names")
  }
}

function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages) || messages.length === 0) {
    refuse('there are no messages', 'Give at least one, such as user("Hello")')
  }
  messages.forEach((message: unknown, i: number) => {
    if (!isMessage(message)) {
      refuse(
        `message ${i} is none`,
        'Make messages with system(), user(), assistant() and toolResult(), or append response.message',
      )
    }
  })
}

function isMessage(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false
  if (!('role' in message) || !('content' in message)) return false
  const { role, content } = message
  const isContent = typeof content === 'string' || (Array.isArray(content) && content.every(isPart))
  if (role === 'tool') {
    return isContent && 'toolCallId' in message && typeof message.toolCallId === 'string'
  }
  if (role === 'user') return isContent
  return (role === 'system' || role === 'assistant') && typeof content === 'string'
}

function isPart(part: unknown): boolean {
  if (typeof part !== 'object' || part === null || !('type' in part)) return false
  if (part.type === 'text') return 'text' in part && typeof part.text === 'string'
  if (part.type !== 'image' && part.type !== 'file') return false
  if ('url' in part && typeof part.url === 'string') return true
  return 'data' in part && typeof part.data === 'string' && 'mediaType' in part
}

function checkNumber(
  name: string,
  value: unknown,
  min: number,
  max = Infinity,
  whole = false,
): void {
  if (value === undefined) return
  const fits = typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max
  if (fits && (!whole || Number.isInteger(value))) return
  const kind = whole ? 'a whole number' : 'a number'
  const range =
    min === -Infinity ? '' : max === Infinity ? ` of at least ${min}` : ` from ${min} to ${max}`
  refuse(`${name} is not ${kind}${range}`, `Set it to ${kind}${range}, or leave it out`)
}

function checkTools({ tools, toolChoice }: ChatOptions): void {
  if (tools !== undefined && !Array.isArray(tools)) {
    refuse('tools is not a list', 'Give a list of { name, description, parameters }')
  }
  const names = new Set<string>()
  const list: readonly unknown[] = tools ?? []
  for (const [i, tool] of list.entries()) {
    const name = isNamed(tool) ? tool.name : undefined
    if (typeof name !== 'string' || !/^[\w-]{1,128}$/.test(name)) {
      refuse(
        typeof name === 'string' && name !== ''
          ? `the name of tool ${i} has other characters than letters, digits, _ and -`
          : `tool ${i} has no name`,
        'Give each tool a name of up to 128 letters, digits, _ and -',
      )
    }
    if (names.has(name)) refuse(`two tools are named ${name}`, 'Give each tool a name of its own')
    names.add(name)
  }
  if (toolChoice === undefined || toolChoice === 'none' || toolChoice === 'auto') return
  if (toolChoice === 'required') {
    if (names.size === 0) refuse('toolChoice is required, but there are no tools', 'Add tools')
  } else if (typeof toolChoice !== 'object' || !names.has(toolChoice?.name)) {
    refuse(
      'toolChoice names a tool that is not among the tools',
      "Set it to 'auto', 'none', 'required' or { name } of one of them",
    )
  }
}

function isNamed(value: unknown): value is { name: unknown } {
  return typeof value === 'object' && value !== null && 'name' in value
}

function refuse(problem: string, remedy: string): never {
  throw new RatatoskrError('invalid_request', `Cannot send the request: ${problem}. ${remedy}.`)
}
