import type { Shape } from './shape.ts'

/** The valibot schemas of which a shape can be made: objects of nullish fields, lists, plain values. */
export type PlainSchema =
  | { type: 'string' | 'number' | 'boolean' }
  | { type: 'array'; item: PlainSchema | { type: 'unknown' } }
  | {
      type: 'object'
      entries: {
        readonly [field: string]: { type: 'nullish'; wrapped: PlainSchema | { type: 'unknown' } }
      }
    }

/**
 * Makes the shape of a valibot schema. Fields that may be anything are left out of it.
 *
 * @example
 * ```ts
 * import { shapeOf } from 'ratatoskr/dialects'
 * import * as v from 'valibot'
 *
 * const shape = shapeOf(v.object({ text: v.nullish(v.string()) })) // { text: 'string' }
 * ```
 */
export function shapeOf(schema: PlainSchema): Shape {
  switch (schema.type) {
    case 'array':
      return schema.item.type === 'unknown' ? [] : [shapeOf(schema.item)]
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.entries).flatMap(([field, { wrapped }]) =>
          wrapped.type === 'unknown' ? [] : [[field, shapeOf(wrapped)]],
        ),
      )
    default:
      return schema.type
  }
}
