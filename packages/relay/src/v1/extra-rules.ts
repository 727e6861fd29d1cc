import type { ChatOptions } from 'ratatoskr'
import { isRecord } from '../wire/is-record.ts'

/** What becomes of fields that have no unified form, where they are not passed on. */
export interface ExtraRules {
  /** Hints for a service, which change nothing of what is answered. */
  ignored: ReadonlySet<string>
  /** Whether the options already say all of a field that shapes the reply. */
  isCovered: (field: string, value: unknown, options: ChatOptions) => boolean
}

const openaiHints = [
  'user',
  'safety_identifier',
  'metadata',
  // Nothing is stored, which each reply of Responses says.
  'store',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_retention',
]

/** Of Chat Completions, OpenRouter's fields among them. */
export const openaiChatExtras: ExtraRules = {
  ignored: new Set([...openaiHints, 'verbosity', 'prediction', 'usage']),
  isCovered(field, value, { responseFormat, reasoning }) {
    if (field === 'tools') return areAll(value, [undefined, null, 'function'])
    if (field === 'response_format') return responseFormat !== undefined
    if (field === 'modalities') return areAll(value, ['text'])
    return field === 'reasoning' && (reasoning?.effort ?? reasoning?.maxTokens) !== undefined
  },
}

/** Of Responses. */
export const responsesExtras: ExtraRules = {
  ignored: new Set([...openaiHints, 'truncation', 'max_tool_calls']),
  isCovered(field, value, { responseFormat, reasoning }) {
    if (field === 'tools') return areAll(value, ['function'])
    if (field === 'text') {
      return isRecord(value) && (value['format'] === undefined || responseFormat !== undefined)
    }
    // What would be given back is kept by the relay, by the calls that need it.
    if (field === 'include') return areAll(value, ['reasoning.encrypted_content'])
    const effort = isRecord(value) ? value['effort'] : undefined
    return field === 'reasoning' && (effort == null || effort === reasoning?.effort)
  },
}

/** Of Messages. */
export const anthropicExtras: ExtraRules = {
  ignored: new Set([
    'metadata',
    'service_tier',
    'speed',
    // All of the context is sent, nothing of it cleared.
    'context_management',
    'cache_control',
  ]),
  isCovered(field, value, { reasoning }) {
    if (field === 'tools') return areAll(value, [undefined, null, 'custom'])
    if (field === 'thinking') return reasoning !== undefined
    if (field !== 'output_config' || !isRecord(value)) return false
    const { effort, format: _, ...others } = value
    return saysNothing(others) && (effort == null || effort === reasoning?.effort)
  },
}

/** Whether a field is as if it had not been sent. */
export function saysNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (isRecord(value)) return Object.values(value).every(saysNothing)
  return value == null || value === false || value === 0 || value === ''
}

/** Whether a list has only these texts, or objects of these types. */
function areAll(value: unknown, known: readonly unknown[]): boolean {
  return (
    Array.isArray(value) &&
    value.every((one: unknown) => known.includes(isRecord(one) ? one['type'] : one))
  )
}
