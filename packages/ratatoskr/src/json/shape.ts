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
 * Tells where a value has not the shape, and what it should be, such as `.id is no string`, and
 * never the value; undefined where it has. It copies nothing: a full parse by valibot costs as
 * much as `JSON.parse` itself, this a small part of it.
 */
export function misfit(value: unknown, shape: Shape): string | undefined {
  if (typeof shape === 'string') return typeof value === shape ? undefined : ` is no ${shape}`
  // Apart, for an array's loop and an object's are each fast, and one for both is not.
  if (isList(shape)) {
    if (!Array.isArray(value)) return ' is no array'
    const [item] = shape
    for (let i = 0; i < value.length; i += 1) {
      const problem = item && misfit(value[i], item)
      if (problem) return `.${i}${problem}`
    }
  } else {
    if (!isRecord(value)) return ' is no object'
    for (const field in shape) {
      const inner = shape[field]
      const problem = inner && value[field] != null && misfit(value[field], inner)
      if (problem) return `.${field}${problem}`
    }
  }
  return undefined
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
