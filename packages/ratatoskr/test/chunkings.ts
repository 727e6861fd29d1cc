/** Cuts bytes into pieces of one size. */
export function piecesOf(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
  return pieces
}

/** Seeded places at which to cut in two. The same each time, so that a failure can be repeated. */
export function seededPlaces(length: number, count: number, seed = 1): number[] {
  // A linear congruential generator is random enough to choose places (Numerical Recipes).
  let state = seed
  const places = new Set<number>()
  for (let i = 0; i < count; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    places.add(1 + (state % Math.max(1, length - 1)))
  }
  return [...places]
}

/** A way to cut bytes, with its name. */
export interface Chunking {
  name: string
  cut: (bytes: Uint8Array) => Uint8Array[]
}

/**
 * How a recording is to be cut: 1 byte (up to 64 KiB), 2, 3, 5, 7 and 13 bytes, and 200 seeded
 * splits in two, as the recordings' README describes; large ones less often.
 */
export function chunkingsFor(bytes: Uint8Array): Chunking[] {
  const large = bytes.length > 512 * 1024
  const sizes = bytes.length <= 64 * 1024 ? [1, 2, 3, 5, 7, 13] : [2, 3, 5, 7, 13]
  return [
    ...sizes.map((size) => ({
      name: `${size} bytes`,
      cut: (all: Uint8Array) => piecesOf(all, size),
    })),
    ...seededPlaces(bytes.length, large ? 20 : 200).map((place) => ({
      name: `in two at ${place}`,
      cut: (all: Uint8Array) => [all.subarray(0, place), all.subarray(place)],
    })),
  ]
}
