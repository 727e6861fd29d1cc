import type { Continuation } from 'ratatoskr'
import { Refusal } from '../refusal.ts'
import { isRecord } from '../wire/is-record.ts'
import { fitsDialect } from './continuation-schema.ts'
import { isBase64 } from './is-base64.ts'

/** In characters of JSON. */
const largest = 2 ** 18

/**
 * What a client of another protocol has sent of the model's earlier turns (signed thinking, encrypted reasoning), with
 * no signature of the relay's. Refuses what no provider could have written: other kinds of blocks, and whatever names
 * files or addresses for the provider to fetch. Undefined where nothing of it is left.
 */
export function checkSentContinuation(continuation: Continuation): Continuation | undefined {
  const { dialect } = continuation
  const data = dialect === 'openai-responses' ? withoutHollow(continuation.data) : continuation.data
  if (data === undefined) return undefined
  const isAllowed =
    JSON.stringify(data).length <= largest && fitsDialect(dialect, data) && !leadsAway(data)
  if (isAllowed) return { dialect, data }
  const said =
    'An earlier turn of the assistant has blocks that no model writes, or too many; leave them out.'
  throw new Refusal(400, 'invalid_request', said)
}

/**
 * Reasoning that is known by its id alone was written by the relay, not by OpenAI, which would look for it
 * among the replies that it stores.
 */
function withoutHollow(data: unknown): unknown {
  if (!isRecord(data) || !Array.isArray(data['items'])) return data
  const items = data['items'].filter(
    (item) =>
      !isRecord(item) ||
      item['type'] !== 'reasoning' ||
      typeof item['encrypted_content'] === 'string',
  )
  // Texts and calls alone, the message tells by itself.
  const isMore = items.some(
    (item) => isRecord(item) && (!('length' in item || 'call' in item) || 'phase' in item),
  )
  return isMore ? { ...data, items } : undefined
}

const pointers = new Set(['fileData', 'file_data', 'file_id', 'fileUri', 'image_url', 'file_url'])

/** Whether something within names a file or an address: `fitsDialect` looks at the blocks themselves alone. */
function leadsAway(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(leadsAway)
  if (!isRecord(value)) return false
  const { type, result } = value
  // A picture's bytes.
  if (type === 'image_generation_call' && typeof result === 'string' && !isBase64(result)) {
    return true
  }
  return Object.entries(value).some(
    ([name, field]) =>
      pointers.has(name) ||
      (name === 'source' && isRecord(field) && ('url' in field || 'file_id' in field)) ||
      leadsAway(field),
  )
}
