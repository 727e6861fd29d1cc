/** Cuts a text into deltas: by words, each with the space before it, or by so many characters. */
export function cutText(text: string, perDelta: number | 'word'): string[] {
  if (perDelta === 'word') return text.match(/\s*\S+|\s+$/g) ?? []
  const size = Math.max(1, Math.floor(perDelta))
  const pieces: string[] = []
  for (let at = 0; at < text.length;) {
    let end = at + size
    // Half of a surrogate pair is no character: as UTF-8 it would be lost.
    if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1)) && end < text.length) end += 1
    pieces.push(text.slice(at, end))
    at = end
  }
  return pieces
}
