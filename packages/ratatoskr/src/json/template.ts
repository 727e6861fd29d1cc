import { fieldsOf, isRecord } from './shape.ts'

/** A string or a whole number that is another in each text. */
interface Hole {
  /** What comes before it, from the beginning or the last hole. */
  readonly before: string
  /** What stands in it in the template's own value. */
  readonly mark: string | number
  /** The keys on the way to it. */
  path: readonly string[]
}

/** JSON text of which nothing but a few literals changes. */
export interface Template {
  readonly holes: readonly Hole[]
  /** What comes behind the last hole. */
  readonly after: string
  /** Its value, with marks in the holes. */
  readonly root: unknown
}

/**
 * The template of two texts that differ in strings and whole numbers alone; undefined where there is none.
 *
 * It is made sure of by parsing the text with a mark in the place of each literal that differs. Where each mark comes out
 * as a value, any literal may stand there, and nothing else changes by it.
 */
export function templateOf(last: string, sent: string): Template | undefined {
  // A copy: what is cut out of it would keep in memory all that was sent with it.
  const text = sent.split('').join('')
  const holes: Hole[] = []
  let mark = Math.random()
  let marked = ''
  let [i, j, from] = [0, 0, 0]
  for (;;) {
    while (j < text.length && last.charCodeAt(i) === text.charCodeAt(j)) {
      i += 1
      j += 1
    }
    if (i === last.length && j === text.length) break
    // A reply has not as many, and it must end where nothing is found.
    if (holes.length > 5) return undefined
    let start = j
    while (/\d/.test(text.charAt(start - 1))) start -= 1
    const isNumber = /[[:,]\d/.test(text.slice(start - 1, start + 1))
    if (!isNumber) start = text.lastIndexOf('"', j - 1)
    i = endOf(last, i - j + start)
    j = endOf(text, start)
    mark += 1
    const hole = { before: text.slice(from, start), mark: isNumber ? mark : `${mark}`, path: [] }
    marked += hole.before + JSON.stringify(hole.mark)
    holes.push(hole)
    from = j
  }
  const after = text.slice(from)
  try {
    const root: unknown = JSON.parse(marked + after)
    for (const hole of holes) hole.path = pathTo(hole.mark, root)
    return holes.length > 0 && holes.every(({ path }) => path[0])
      ? { holes, after, root }
      : undefined
  } catch {
    return undefined
  }
}

/**
 * The value of a text that has the form of a template, as `JSON.parse` gives it; undefined for any other.
 * What is not on the way to a hole is shared with the other values.
 */
export function fill({ holes, after, root }: Template, text: string): unknown {
  let at = 0
  let value = root
  for (const { before, mark, path } of holes) {
    const start = at + before.length
    // V8 compares a slice, which copies nothing, by words; `startsWith` compares characters, and is three times slower.
    if (text.slice(at, start) !== before) return undefined
    at = endOf(text, start)
    const inner = read(text.slice(start, at))
    if (typeof inner !== typeof mark) return undefined
    value = replaceAt(value, path, 0, inner)
  }
  return text.slice(at) === after ? value : undefined
}

const literal = /\d+|"[^"\\]*(?:\\.[^"\\]*)*"/y

/** Where the literal ends that begins here; 0 where none does. */
function endOf(text: string, from: number): number {
  literal.lastIndex = from
  literal.test(text)
  return literal.lastIndex
}

function read(raw: string): unknown {
  // Engines copy so short a slice; a longer one would keep in memory all of the text it was cut from.
  if (raw.length < 15 && /^"[^\\\0-\u001F]*$/.test(raw)) return raw.slice(1, -1)
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}

function pathTo(mark: unknown, value: unknown): string[] {
  for (const [key, inner] of Object.entries(fieldsOf(value))) {
    // Written to, `__proto__` is no key like others.
    if (inner === mark && key !== '__proto__') return [key]
    const path = pathTo(mark, inner)
    if (path[0] && key !== '__proto__') return [key, ...path]
  }
  return []
}

/** A copy with another value at the end of the path. */
function replaceAt(
  value: unknown,
  path: readonly string[],
  depth: number,
  inner: unknown,
): unknown {
  const key = path[depth]
  if (key === undefined) return inner
  const copy: unknown = Array.isArray(value) ? value.slice() : { ...fieldsOf(value) }
  if (isWritable(copy)) copy[key] = replaceAt(copy[key], path, depth + 1, inner)
  return copy
}

function isWritable(value: unknown): value is { [key: string]: unknown } {
  return isRecord(value)
}
