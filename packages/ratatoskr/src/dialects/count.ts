/** A count of tokens, or a sum of money; undefined for what is none. */
export function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value < Infinity ? value : undefined
}
