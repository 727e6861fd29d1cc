import { isRecord } from '../../json/predicate.ts'

type Detail = { [field: string]: unknown }

/**
 * Collects OpenRouter's `reasoning_details`, which must be given back unmodified and in order.
 * They arrive in pieces: neighbours of one type and index are one detail.
 *
 * Format: https://openrouter.ai/docs/use-cases/reasoning-tokens
 */
export class ReasoningDetails {
  readonly list: Detail[] = []
  /** Characters kept. */
  size = 0

  /** Takes the details of one delta, and returns the text among them that may be shown. */
  take(details: readonly unknown[]): string {
    let shown = ''
    for (const detail of details) {
      if (!isRecord(detail)) continue
      for (const field of textFields) {
        const value = detail[field]
        if (typeof value !== 'string') continue
        this.size += value.length
        if (field !== 'data') shown += value
      }
      const last = this.list.at(-1)
      if (last !== undefined && isSame(last, detail)) merge(last, detail)
      else this.list.push({ ...detail })
    }
    return shown
  }
}

const textFields = ['text', 'summary', 'data'] as const

function isSame(last: Detail, next: { readonly [field: string]: unknown }): boolean {
  return (
    last['type'] === next['type'] &&
    next['type'] !== 'reasoning.encrypted' &&
    last['index'] === next['index'] &&
    (next['id'] == null || last['id'] == null || last['id'] === next['id'])
  )
}

function merge(last: Detail, next: { readonly [field: string]: unknown }): void {
  for (const [field, value] of Object.entries(next)) {
    if (value === undefined || value === null) continue
    const before = last[field]
    const joins = (field === 'text' || field === 'summary') && typeof value === 'string'
    last[field] = joins && typeof before === 'string' ? before + value : value
  }
}
