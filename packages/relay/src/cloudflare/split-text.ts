/** UTF-16 units; at most three bytes each, and a row of SQLite has at most 2 MB there. */
const largest = 2 ** 19

/** Cuts a text into pieces that fit into a row, never through a character, which UTF-8 could not hold. */
export function splitText(text: string, most: number = largest): string[] {
  const pieces: string[] = []
  let from = 0
  while (from < text.length) {
    let to = from + most
    const last = text.charCodeAt(to - 1)
    if (to < text.length && last >= 0xd800 && last < 0xdc00) to -= 1
    pieces.push(text.slice(from, to))
    from = to
  }
  return pieces
}
