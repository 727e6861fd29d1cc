/** @param {readonly number[]} values @param {number} share from 0 to 1 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? NaN
  const above = sorted[Math.ceil(at)] ?? NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** @param {readonly number[]} values */
export const median = (values) => percentile(values, 0.5)

/** The middle, and what eight of ten lie between. @param {readonly number[]} values */
export const summary = (values) => ({
  median: median(values),
  low: percentile(values, 0.1),
  high: percentile(values, 0.9),
})

/** @typedef {ReturnType<typeof summary>} Summary */
