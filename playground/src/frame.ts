let writes: (() => void)[] = []
let scrolls: (() => void)[] = []
let isWaiting = false

/**
 * Calls at the next frame. The two phases of a frame are apart so that the page is laid out once:
 * writing to it comes first, everywhere; then comes what needs the layout, such as scrolling.
 */
export function atNextFrame(phase: 'write' | 'scroll', call: () => void): void {
  if (phase === 'write') writes.push(call)
  else scrolls.push(call)
  if (isWaiting) return
  isWaiting = true
  // Two callbacks, for between them come the microtasks in which Lit renders.
  requestAnimationFrame(() => {
    const calls = writes
    writes = []
    for (const one of calls) one()
  })
  requestAnimationFrame(() => {
    isWaiting = false
    const calls = scrolls
    scrolls = []
    for (const one of calls) one()
    // What asked to write while others wrote has its turn at the next frame.
    if (writes.length > 0) atNextFrame('write', () => {})
  })
}
