import { isRecord } from '../../json/shape.ts'
import type { JsonSchema } from '../../options.ts'

/** The fields of a schema of Google's own that hold schemas. */
const nested = new Set(['items', 'properties', 'anyOf', 'additionalProperties'])

/**
 * A schema of Google's own as JSON Schema: the same, with types in small letters and `nullable` as
 * one of them.
 *
 * Format: https://ai.google.dev/api/caching#Schema
 */
export function toJsonSchema(schema: { readonly [field: string]: unknown }): JsonSchema {
  const { nullable, ...rest } = schema
  const made: { [field: string]: unknown } = {}
  for (const [field, value] of Object.entries(rest)) {
    if (field === 'type' && typeof value === 'string') {
      const type = value.toLowerCase()
      made[field] = nullable === true ? [type, 'null'] : type
    } else if (field === 'properties' && isRecord(value)) {
      made[field] = Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, convert(inner)]),
      )
    } else made[field] = nested.has(field) ? convert(value) : value
  }
  return made
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert)
  return isRecord(value) ? toJsonSchema(value) : value
}
