import type { FinishReason } from '../../event.ts'

/** Google's words for why a reply ended, in the order of their numbers, which some clients send. */
const words = [
  '',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
]

/** What a word, or its number, means. */
export function readFinishReason(raw: string): FinishReason {
  const word = words[Number(raw)] ?? raw
  if (word === 'STOP') return 'stop'
  if (word === 'MAX_TOKENS') return 'length'
  // Google says STOP; others that speak its format say this.
  if (word === 'FUNCTION_CALL') return 'tool_calls'
  const isFiltered =
    /^(IMAGE_)?(SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT|SPII)$|^MODEL_ARMOR$/
  return isFiltered.test(word) ? 'content_filter' : 'other'
}
