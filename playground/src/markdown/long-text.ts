/**
 * Chromium and Firefox copy the whole text of a node for every `appendData`, which makes one long node quadratic in
 * time; a node for every piece makes thousands of nodes. So a node is filled up to this length.
 */
const fullAt = 4096

const endsWithHighSurrogate = (text: string): boolean => {
  const last = text.charCodeAt(text.length - 1)
  return last >= 0xd800 && last <= 0xdbff
}

/** Nodes are cut at places that depend on the text alone, never on the pieces it came in, and never inside a character. */
export function appendText(parent: Node, text: string): void {
  let rest = text
  const last = parent.lastChild
  if (last instanceof Text) {
    const room = roomFor(last.data, rest)
    if (room > 0) last.appendData(rest.slice(0, room))
    rest = rest.slice(room)
  }
  while (rest !== '') {
    const room = roomFor('', rest)
    parent.appendChild(document.createTextNode(rest.slice(0, room)))
    rest = rest.slice(room)
  }
}

function roomFor(present: string, text: string): number {
  const room = Math.max(0, fullAt - present.length)
  const head = room === 0 ? present : text.slice(0, room)
  return endsWithHighSurrogate(head) ? room + 1 : room
}
