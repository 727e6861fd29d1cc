/** An object that came as JSON. */
export type Json = { readonly [field: string]: unknown }

export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list of objects: empty where it is none; what is no object is an empty one, to keep the places. */
export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map((item: unknown) => (isJson(item) ? item : {})) : []
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
