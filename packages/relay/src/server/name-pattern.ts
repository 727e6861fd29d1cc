/** Whether a name is one of those listed, where `*` stands for any characters. */
export type NamePattern = (name: string) => boolean

/** Makes a {@link NamePattern}; without a list, every name fits. */
export function namePattern(patterns: readonly string[] | undefined): NamePattern {
  if (patterns === undefined) return () => true
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const others = patterns.filter((pattern) => pattern.includes('*')).map((one) => one.split('*'))
  return (name) => exact.has(name) || others.some((pieces) => fits(name, pieces))
}

/** In one pass, where a regular expression of several `.*` would go back and forth. */
function fits(name: string, [first = '', ...rest]: readonly string[]): boolean {
  const last = rest.pop() ?? ''
  if (!name.startsWith(first)) return false
  let place = first.length
  for (const piece of rest) {
    const found = name.indexOf(piece, place)
    if (found === -1) return false
    place = found + piece.length
  }
  return name.length - last.length >= place && name.endsWith(last)
}
