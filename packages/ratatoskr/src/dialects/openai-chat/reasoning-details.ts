import { isRecord, textOf } from '../../json/shape.ts'

/** One of OpenRouter's details. */
export type Detail = { [field: string]: unknown }

/**
 * Adds the `reasoning_details` of one delta to those of the reply, and returns the text among them
 * that may be shown. OpenRouter wants them back unmodified and in order; they arrive in pieces:
 * neighbours of one type and index are one detail.
 *
 * Format: https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
export function addReasoningDetails(details: Detail[], added: readonly unknown[]): string {
  let shown = ''
  for (const detail of added) {
    if (!isRecord(detail)) continue
    shown += textOf(detail['text']) + textOf(detail['summary'])
    const last = details.at(-1)
    if (last && isSame(last, detail)) merge(last, detail)
    else details.push({ ...detail })
  }
  return shown
}

function isSame(last: Detail, next: Detail): boolean {
  const isApart = (field: string): boolean => next[field] != null && next[field] !== last[field]
  return !['type', 'index', 'id', 'data'].some(isApart)
}

function merge(last: Detail, next: Detail): void {
  for (const field in next) {
    const value = next[field]
    if (field === 'text' || field === 'summary') last[field] = textOf(last[field]) + textOf(value)
    else if (value != null) last[field] = value
  }
}
