/** Where the passages of a reply stand. */
export interface Places {
  /** Adds a text of one of the parts, in the order in which they come. */
  add(text: string, part?: unknown): void
  /** The place in UTF-16 units of a place in characters within a part, or within all content. */
  unitAt(point: number, part?: unknown): number | undefined
  /** The place in characters of a place in UTF-16 units. */
  pointAt(unit: number): number | undefined
}

/** How many wide characters are kept; behind them, places are not known. */
const maxWide = 2 ** 20

/**
 * Follows the texts of a reply. Cohere counts characters, from the beginning of a part where it
 * names one (`content_index`); ours are UTF-16 units of the whole content. Nothing is kept but the
 * places of the characters that have two of these, such as 🐿.
 */
export function trackPlaces(): Places {
  /** In units, in their order. */
  const wide: number[] = []
  /** Where the parts begin, in characters. */
  const starts = new Map<unknown, number>()
  let units = 0
  let pairs = 0

  /** How many wide characters stand before a place. */
  const widerThan = (isBefore: (unit: number, i: number) => boolean): number | undefined => {
    let [low, high] = [0, wide.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(wide[middle] ?? 0, middle)) low = middle + 1
      else high = middle
    }
    return low === wide.length && pairs > low ? undefined : low
  }

  return {
    add(text, part) {
      if (!starts.has(part)) starts.set(part, units - pairs)
      for (const { index } of text.matchAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)) {
        pairs += 1
        if (wide.length < maxWide) wide.push(units + index)
      }
      units += text.length
    },
    unitAt(point, part) {
      const place = point + (part == null ? 0 : (starts.get(part) ?? 0))
      const before = widerThan((unit, i) => unit - i < place)
      return before === undefined ? undefined : place + before
    },
    pointAt(unit) {
      const before = widerThan((each) => each < unit)
      return before === undefined ? undefined : unit - before
    },
  }
}
