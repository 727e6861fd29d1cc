import { checkSize, defaultLimit, need } from '../../errors.ts'
import { stringify } from '../api-error.ts'
import type { PartialArg } from './chunk.ts'

type Container = { [key: string]: unknown } | unknown[]

/** The arguments of a call that comes value by value. */
export interface StreamedArgs {
  add: (piece: PartialArg) => void
  /** JSON text of what has come. */
  text: () => string
}

/**
 * Puts the arguments of a streamed call together. Each piece names its place by a path such as
 * `$.recipe.steps[2]`; a text may come in several pieces.
 *
 * Format: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling
 */
export function streamArgs(): StreamedArgs {
  const root: Container = newObject()
  let size = 0
  return {
    add(piece) {
      const path = readPath(piece.jsonPath ?? '')
      let place: Container = root
      for (const [i, key] of path.entries()) {
        const next = path[i + 1]
        if (next === undefined) {
          const value = valueOf(piece)
          size += typeof value === 'string' ? value.length : 16
          checkSize('the limit of tool calls', size, defaultLimit)
          const before = get(place, key)
          set(
            place,
            key,
            typeof value === 'string' && typeof before === 'string' ? before + value : value,
          )
        } else {
          const inner = get(place, key)
          const container: Container = isContainer(inner)
            ? inner
            : typeof next === 'number'
              ? []
              : newObject()
          set(place, key, container)
          place = container
        }
      }
    },
    text: () => stringify(root),
  }
}

/** Without a prototype, so that any name is only a name. */
function newObject(): { [key: string]: unknown } {
  return { __proto__: null }
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

function get(place: Container, key: string | number): unknown {
  if (Array.isArray(place)) return typeof key === 'number' ? place[key] : undefined
  return place[key]
}

function set(place: Container, key: string | number, value: unknown): void {
  if (Array.isArray(place)) {
    // A place far behind the end would make room for all those before it.
    const fits = typeof key === 'number' && key <= place.length
    need(fits, 'protocol', 'The arguments of a tool call must come in order')
    if (typeof key === 'number') place[key] = value
  } else place[key] = value
}

function readPath(path: string): (string | number)[] {
  const steps = path.replace(/^\$/, '')
  const found = [...steps.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[(['"])((?:\\.|(?!\3)[^\\])*)\3\]/gs)]
  const isWhole = found.map(([step]) => step).join('') === steps && steps !== ''
  need(isWhole, 'protocol', 'An argument of a tool call must have a path')
  return found.map(([, name, index, , quoted]) =>
    index === undefined ? (name ?? unescape(quoted ?? '')) : Number(index),
  )
}

/** A quoted name (RFC 9535, section 2.3.1.1). */
function unescape(quoted: string): string {
  return quoted.replace(/\\(?:u([\da-fA-F]{4})|(.))/gs, (_, code: string, letter: string) =>
    code
      ? String.fromCharCode(Number.parseInt(code, 16))
      : ('\b\f\n\r\t'['bfnrt'.indexOf(letter)] ?? letter),
  )
}

function valueOf({ stringValue, numberValue, boolValue }: PartialArg): unknown {
  return stringValue ?? numberValue ?? boolValue ?? null
}
