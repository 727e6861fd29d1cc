import { need } from './errors.ts'
import { fieldsOf, isRecord, textOf } from './json/shape.ts'

const numbers =
  'temperature topP topK maxTokens seed frequencyPenalty presencePenalty maxResponseBytes'

/**
 * Checks what a caller asks for, before anything is sent. Types do not stop a NaN, and many
 * callers of a browser's library write JavaScript. Ranges are the provider's to judge.
 */
export function checkRequest(messages: unknown, options: unknown): void {
  const given = fieldsOf(options)
  const { model, tools = [], toolChoice } = given
  const models = toList(model)
  check(models[0] && models.every(textOf), 'model must be a name, or a list of names')
  check(
    Array.isArray(messages) && messages[0] && messages.every(isMessage),
    'messages must be a list of at least one, such as user(text)',
  )
  for (const name of numbers.split(' ')) {
    check(given[name] === undefined || Number.isFinite(given[name]), `${name} must be a number`)
  }
  const names = toList(tools).map((tool) => textOf(fieldsOf(tool)['name']))
  check(
    names.every((name) => /^[\w-]+$/.test(name)),
    'each tool must have a name, of letters, digits, _ and -',
  )
  check(new Set(names).size === names.length, 'tools must have different names')
  const chosen = fieldsOf(toolChoice)['name'] ?? names[0] ?? toolChoice
  check(
    chosen !== 'required' && (names.includes(textOf(chosen)) || !isRecord(toolChoice)),
    'toolChoice must fit the tools',
  )
}

function isMessage(message: unknown): unknown {
  const { role, content, toolCallId } = fieldsOf(message)
  const isParts = Array.isArray(content) && content.every((part) => fieldsOf(part)['type'])
  const isText = typeof content === 'string'
  if (role === 'tool') return textOf(toolCallId) && (isText || isParts)
  return role === 'user' ? isText || isParts : isText && /^(system|assistant)$/.test(textOf(role))
}

function toList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value]
}

function check(condition: unknown, rule: string): void {
  need(condition, 'invalid_request', rule)
}
