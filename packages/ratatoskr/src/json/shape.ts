/**
 * The shape of a provider's JSON, as far as it must be right: the type of a value, a list of one
 * shape (`[]`: of anything), or the fields of an object, each of which may be missing or null.
 * It is what {@link shapeOf} makes of a valibot schema.
 */
export type Shape = 'string' | 'number' | 'boolean' | readonly Shape[] | ShapeFields

/** The fields of an object. */
export interface ShapeFields {
  readonly [field: string]: Shape
}

/**
 * Makes the function that tells where a value has not the shape, and what it should be, such as
 * `.id is no string`, and never the value; undefined where it has. It copies nothing: a full parse by
 * valibot costs as much as `JSON.parse` itself, this a twentieth of it.
 *
 * @example
 * ```ts
 * import { misfitOf } from 'ratatoskr/dialects'
 *
 * const misfit = misfitOf({ choices: [{ finish_reason: 'string' }] })
 * misfit({ choices: [{ finish_reason: 5 }] }) // '.choices.0.finish_reason is no string'
 * ```
 */
export function misfitOf(shape: Shape): (value: unknown) => string | undefined {
  if (typeof shape === 'string') {
    return (value) => (typeof value === shape ? undefined : ` is no ${shape}`)
  }
  if (isList(shape)) {
    const [item] = shape
    const misfit = item ? misfitOf(item) : (): undefined => undefined
    return (value) => {
      if (!Array.isArray(value)) return ' is no array'
      for (let i = 0; i < value.length; i += 1) {
        const problem = misfit(value[i])
        if (problem) return `.${i}${problem}`
      }
      return undefined
    }
  }
  const fields = Object.entries(shape).map(([name, inner]) => ({ name, misfit: misfitOf(inner) }))
  return (value) => {
    if (!isRecord(value)) return ' is no object'
    for (const { name, misfit } of fields) {
      const problem = value[name] != null && misfit(value[name])
      if (problem) return `.${name}${problem}`
    }
    return undefined
  }
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape)
}

/** An object, an array included, as valibot's `object` sees it. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}

/** A value as an object: empty where it is none. */
export function fieldsOf(value: unknown): { readonly [key: string]: unknown } {
  return isRecord(value) ? value : {}
}

/** A value as text: '' where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
