import { RatatoskrError } from 'ratatoskr'
import type { ContinuationStore } from './continuation-store.ts'

/** What {@link memoryContinuationStore} can be told. */
export interface MemoryContinuationStoreOptions {
  /** How many values are kept at most, of all callers. Default: 10,000. */
  maxEntries?: number
  /** How many bytes are kept at most, of all callers. Default: 64 Mi. */
  maxBytes?: number
  /** How long a value is kept, in milliseconds. Default: an hour. */
  keptMs?: number
}

interface Entry {
  caller: string
  keys: readonly string[]
  value: string
  bytes: number
  until: number
}

/** One caller may have a quarter of the room: another one's values are not pushed out by a busy neighbour. */
const share = 4

/**
 * Keeps continuations in this process. Where there is no room the oldest go, first those of the caller who has more
 * than a quarter of it.
 *
 * @example
 * ```ts
 * import { memoryContinuationStore } from '@ratatoskr/relay'
 *
 * const continuationStore = memoryContinuationStore({ keptMs: 600_000 })
 * ```
 */
export function memoryContinuationStore(
  options: MemoryContinuationStoreOptions = {},
): ContinuationStore {
  const { maxEntries = 10_000, maxBytes = 2 ** 26, keptMs = 3_600_000 } = options
  for (const [name, value] of Object.entries({ maxEntries, maxBytes, keptMs })) {
    if (value > 0) continue
    throw new RatatoskrError('configuration', `${name} must be a number above 0.`)
  }
  /** The oldest first, of all callers and of each. */
  const all = new Shelf()
  const shelves = new Map<string, Shelf>()
  const byKey = new Map<string, Entry>()

  const drop = (entry: Entry): void => {
    all.delete(entry)
    const shelf = shelves.get(entry.caller)
    shelf?.delete(entry)
    if (shelf?.size === 0) shelves.delete(entry.caller)
    for (const key of entry.keys) {
      const place = placeOf(entry.caller, key)
      if (byKey.get(place) === entry) byKey.delete(place)
    }
  }
  const shrink = (shelf: Shelf, entries: number, bytes: number): void => {
    for (let { oldest } = shelf; oldest; { oldest } = shelf) {
      if (shelf.size <= entries && shelf.bytes <= bytes && oldest.until > Date.now()) return
      drop(oldest)
    }
  }

  return {
    put(caller, keys, value) {
      // Two for each character at most, as engines keep texts.
      const bytes = 2 * (value.length + keys.join('').length)
      const entry = { caller, keys, value, bytes, until: Date.now() + keptMs }
      const shelf = shelves.get(caller) ?? new Shelf()
      shelves.set(caller, shelf)
      for (const kept of [all, shelf]) kept.add(entry)
      for (const key of keys) byKey.set(placeOf(caller, key), entry)
      shrink(shelf, Math.ceil(maxEntries / share), maxBytes / share)
      shrink(all, maxEntries, maxBytes)
    },
    get(caller, key) {
      const entry = byKey.get(placeOf(caller, key))
      if (entry && entry.until <= Date.now()) drop(entry)
      else return entry?.value
      return undefined
    },
  }
}

/** Entries in the order in which they came. */
class Shelf {
  readonly #entries = new Set<Entry>()
  bytes = 0

  get size(): number {
    return this.#entries.size
  }

  get oldest(): Entry | undefined {
    const [first] = this.#entries
    return first
  }

  add(entry: Entry): void {
    this.#entries.add(entry)
    this.bytes += entry.bytes
  }

  delete(entry: Entry): void {
    if (this.#entries.delete(entry)) this.bytes -= entry.bytes
  }
}

function placeOf(caller: string, key: string): string {
  return `${key} ${caller}`
}
