// Tables of Markdown, which also read well in a terminal.

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows the first column is text, the others are figures
 * @param {{ texts?: boolean }} [options] `texts`: the others are text, too
 */
export function table(head, rows, { texts = false } = {}) {
  const isText = (/** @type {number} */ at) => texts || at === 0
  const widths = head.map((title, at) =>
    Math.max(3, title.length, ...rows.map((row) => row[at]?.length ?? 0)),
  )
  /** @param {readonly string[]} row */
  const line = (row) => {
    const cells = widths.map((width, at) => {
      const cell = row[at] ?? ''
      return isText(at) ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${cells.join(' | ')} |`
  }
  const rule = `| ${widths.map((width, at) => (isText(at) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** Three digits that count. @param {number | undefined} value */
export function figure(value) {
  if (value === undefined || Number.isNaN(value)) return '–'
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(digits, 3))
}

/** A ratio. @param {number | undefined} value */
export const times = (value) =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(value < 10 ? 2 : 1)

/** @param {import('./statistics.mjs').Summary | undefined} spread */
export const between = (spread) =>
  spread === undefined ? '–' : `${times(spread.low)} … ${times(spread.high)}`
