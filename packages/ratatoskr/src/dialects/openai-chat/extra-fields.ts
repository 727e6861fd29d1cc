import { isRecord } from '../../json/predicate.ts'
import { readImage, readUrlCitation } from './attachments.ts'

/**
 * Finds in a chunk what no event carries, such as log probabilities, other choices, or a host's
 * own fields. A field that only repeats its last value is not new.
 */
export class ExtraFields {
  readonly #last = new Map<string, string>()

  anyNew(chunk: object): boolean {
    if (!isRecord(chunk)) return false
    let found = this.#scan('', chunk, carried.chunk)
    const choices = Array.isArray(chunk['choices']) ? chunk['choices'] : []
    for (const choice of choices) {
      if (!isRecord(choice)) continue
      if (typeof choice['index'] === 'number' && choice['index'] !== 0) found = true
      if (this.#scan('choice.', choice, carried.choice)) found = true
      const delta = choice['delta']
      if (!isRecord(delta)) continue
      if (this.#scan('delta.', delta, carried.delta)) found = true
      if (hasUnread(delta['annotations'], readUrlCitation)) found = true
      if (hasUnread(delta['images'], readImage)) found = true
    }
    return found
  }

  #scan(path: string, fields: object, known: ReadonlySet<string>): boolean {
    let found = false
    for (const [field, value] of Object.entries(fields)) {
      if (known.has(field) || isEmpty(value)) continue
      const text = JSON.stringify(value)
      if (this.#last.get(path + field) === text) continue
      this.#last.set(path + field, text)
      found = true
    }
    return found
  }
}

const carried = {
  chunk: new Set(
    'id object created model choices usage error citations search_results obfuscation p'.split(' '),
  ),
  choice: new Set(['index', 'delta', 'message', 'finish_reason']),
  delta: new Set(
    'role content reasoning reasoning_content reasoning_details refusal tool_calls function_call annotations images'.split(
      ' ',
    ),
  ),
}

function hasUnread(list: unknown, read: (item: unknown) => unknown): boolean {
  return Array.isArray(list) && list.some((item) => read(item) === undefined)
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  )
}
