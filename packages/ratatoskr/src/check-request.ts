import { need } from './errors.ts'
import { fieldsOf, isRecord, textOf } from './json/shape.ts'

const numbers =
  'temperature topP topK maxTokens seed frequencyPenalty presencePenalty maxResponseBytes reasoning.maxTokens'

/**
 * Checks what a caller asks for, before anything is sent. Types do not stop a NaN, and many
 * callers of a browser's library write JavaScript. Ranges are the provider's to judge.
 */
export function checkRequest(messages: unknown, options: unknown): void {
  const given = fieldsOf(options)
  const { model, tools = [], toolChoice, reasoning, providerOptions = {} } = given
  const models = [model].flat()
  check(models[0] && models.every(textOf), 'model must be a name or names')
  check(
    Array.isArray(messages) && messages[0] && messages.every(isMessage),
    'messages must be a list such as [user(text)]',
  )
  const values = { ...given, 'reasoning.maxTokens': fieldsOf(reasoning)['maxTokens'] }
  for (const name of numbers.split(' ')) {
    const value = fieldsOf(values)[name]
    check(value === undefined || Number.isFinite(value), `${name} must be a number`)
  }
  check(isRecord(providerOptions), 'providerOptions must be an object')
  check(Array.isArray(tools), 'tools must be a list of { name }')
  const names = [tools].flat().map((tool) => textOf(fieldsOf(tool)['name']))
  check(
    names.every((name, i) => /^[\w-]+$/.test(name) && names.indexOf(name) === i),
    'tools must have different names, of letters, digits, _, -',
  )
  check(
    isRecord(toolChoice)
      ? names.includes(textOf(toolChoice['name']))
      : [undefined, 'auto', 'none', names[0] && 'required'].some((choice) => choice === toolChoice),
    'toolChoice must fit the tools',
  )
}

function isMessage(message: unknown): unknown {
  const { role, content, toolCallId } = fieldsOf(message)
  const isParts = Array.isArray(content) && content.every(isPart)
  const isText = typeof content === 'string'
  if (role === 'tool') return textOf(toolCallId) && (isText || isParts)
  return role === 'user' ? isText || isParts : isText && /^(system|assistant)$/.test(textOf(role))
}

function isPart(part: unknown): unknown {
  const { type, text, url, data, mediaType } = fieldsOf(part)
  if (type === 'text') return typeof text === 'string'
  return (type === 'image' || type === 'file') && textOf(url || (mediaType && data))
}

function check(condition: unknown, rule: string): void {
  need(condition, 'invalid_request', rule)
}
