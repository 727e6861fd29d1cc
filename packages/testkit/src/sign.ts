/**
 * A signature for a text, the same each time. It proves nothing to anybody but the simulator: that
 * a text came back as it was sent.
 */
export function signatureOf(text: string): string {
  // FNV-1a, from four starts: 128 bits in all. http://www.isthe.com/chongo/tech/comp/fnv/
  const parts = [0x811c9dc5, 0x01000193, 0x5f356495, 0x9e3779b9].map((start) => {
    let hash = start
    for (let i = 0; i < text.length; i += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    }
    return (hash >>> 0).toString(16).padStart(8, '0')
  })
  return btoa(`simulated-${parts.join('')}`)
}

/** Whether something is a signature of the simulator's, of whatever text. */
export function isSignature(value: string): boolean {
  try {
    return /^simulated-[0-9a-f]{32}$/.test(atob(value))
  } catch {
    return false
  }
}
