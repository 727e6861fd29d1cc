import type { JsonSchema } from 'ratatoskr'

/**
 * A value that a JSON Schema allows: the plainest there is, the same each time. It knows `type`,
 * `properties`, `required`, `items`, `prefixItems`, `enum`, `const`, `default`, `examples`, `anyOf`,
 * `oneOf`, `allOf`, `$ref` within the schema, `format`, and the limits of numbers, texts and lists. It
 * makes at most 10,000 values, and no text above 100,000 characters.
 *
 * @example
 * ```ts
 * import { valueOf } from '@ratatoskr/testkit'
 *
 * const city = { type: 'string', enum: ['Oslo', 'Rome'] }
 * console.log(valueOf({ type: 'object', properties: { city }, required: ['city'] }))
 * ```
 */
export function valueOf(schema: JsonSchema): unknown {
  return make(schema, '', { root: schema, depth: 0, open: [], made: { values: 0 } })
}

/** Schemas that branch into themselves, and lists of millions, would take for ever. */
const mostValues = 10_000
const longestText = 100_000

/** Where the generator is. */
interface Place {
  root: JsonSchema
  depth: number
  /** The references that are being followed: of one that leads to itself only what must be is made. */
  open: readonly string[]
  made: { values: number }
}

function make(schema: unknown, name: string, place: Place): unknown {
  if (!isObject(schema)) return schema === false ? null : 'any'
  place.made.values += 1
  if (place.made.values > mostValues) return null
  const { $ref, const: constant, enum: values, default: preset, examples } = schema
  if (typeof $ref === 'string') {
    const found = place.depth < 32 ? lookUp(place.root, $ref) : undefined
    const inner = { ...place, depth: place.depth + 1, open: [...place.open, $ref] }
    return found === undefined ? null : make(found, name, inner)
  }
  if (constant !== undefined) return constant
  if (Array.isArray(values) && values.length > 0) return values[0]
  if (preset !== undefined) return preset
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  if (Array.isArray(schema['allOf'])) {
    return make(merge(schema, schema['allOf'], place), name, place)
  }
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices)) {
    // The first that does not lead round in a circle.
    const isOpen = (choice: unknown): boolean =>
      isObject(choice) && place.open.includes(String(choice['$ref']))
    const choice: unknown = choices.find((one: unknown) => !isOpen(one)) ?? choices[0]
    const { anyOf: _, oneOf: __, ...rest } = schema
    return make(isObject(choice) ? { ...rest, ...choice } : choice, name, place)
  }
  return ofType(schema, name, { ...place, depth: place.depth + 1 })
}

function ofType(schema: JsonSchema, name: string, place: Place): unknown {
  switch (typeOf(schema)) {
    case 'object':
      return makeObject(schema, place)
    case 'array':
      return makeArray(schema, name, place)
    case 'integer':
      return makeNumber(schema, true)
    case 'number':
      return makeNumber(schema, false)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return makeText(schema, name)
  }
}

function typeOf(schema: JsonSchema): string {
  const { type } = schema
  const types: unknown[] = Array.isArray(type) ? type : [type]
  const first = types.find((one) => typeof one === 'string' && one !== 'null') ?? types[0]
  if (typeof first === 'string') return first
  if ('properties' in schema || 'required' in schema) return 'object'
  if ('items' in schema || 'prefixItems' in schema) return 'array'
  if ('minimum' in schema || 'maximum' in schema) return 'number'
  return 'string'
}

function makeObject(schema: JsonSchema, place: Place): { [name: string]: unknown } {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : []
  // What is not required is made too, so that the answer shows all there is; but not for ever.
  const isDeep = place.open.length > new Set(place.open).size || place.depth > 8
  const names = isDeep ? required : [...new Set([...Object.keys(properties), ...required])]
  return Object.fromEntries(names.map((name) => [name, make(properties[name] ?? {}, name, place)]))
}

function makeArray(schema: JsonSchema, name: string, place: Place): unknown[] {
  const { items, prefixItems, minItems, maxItems } = schema
  const first: unknown[] = Array.isArray(prefixItems) ? prefixItems : []
  const isDeep = place.open.length > new Set(place.open).size
  const usual = isDeep ? 0 : Math.max(first.length, items === undefined ? 0 : 1)
  const least = Math.min(mostValues, Math.max(usual, numberOr(minItems, 0)))
  const length = Math.min(numberOr(maxItems, Infinity), least)
  const isUnique = schema['uniqueItems'] === true
  return Array.from({ length }, (_, i) => {
    const value = make(first[i] ?? items ?? {}, name, place)
    if (!isUnique || i === 0) return value
    if (typeof value === 'number') return value + i
    const choices: unknown = isObject(items) ? items['enum'] : undefined
    if (Array.isArray(choices)) return choices[i] as unknown
    return typeof value === 'string' ? `${value} ${i + 1}` : value
  })
}

function makeNumber(schema: JsonSchema, isInteger: boolean): number {
  const step = numberOr(schema['multipleOf'], isInteger ? 1 : 0)
  const above = numberOr(schema['exclusiveMinimum'], -Infinity)
  const below = numberOr(schema['exclusiveMaximum'], Infinity)
  const least = Math.max(numberOr(schema['minimum'], -Infinity), above)
  const most = Math.min(numberOr(schema['maximum'], Infinity), below)
  const fits = (value: number): boolean =>
    value >= least && value <= most && value > above && value < below
  const round = (value: number): number => (step > 0 ? Math.ceil(value / step) * step : value)
  const middle = Number.isFinite(least + most) ? (least + most) / 2 : 1
  const candidates = [1, 0, least, least + 1, most, most - 1, middle].filter(Number.isFinite)
  const values = candidates.flatMap((value) => [
    round(value),
    round(value) - step,
    round(value) + step,
  ])
  return values.find(fits) ?? 0
}

function makeText(schema: JsonSchema, name: string): string {
  const { format, minLength, maxLength } = schema
  const formed = formats[String(format)]
  if (formed !== undefined) return formed
  const plain =
    name === '' ? 'text' : name.replaceAll(/[_-]+/g, ' ').replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
  const text = plain.toLowerCase().padEnd(Math.min(longestText, numberOr(minLength, 0)), '.')
  return text.slice(0, numberOr(maxLength, Infinity))
}

const formats: { readonly [format: string]: string } = {
  date: '2026-01-01',
  time: '12:00:00Z',
  'date-time': '2026-01-01T12:00:00Z',
  duration: 'PT1H',
  email: 'user@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/** What `$ref` leads to: a JSON Pointer (RFC 6901) within the schema. */
function lookUp(root: JsonSchema, ref: string): unknown {
  let found: unknown = root
  for (const step of ref.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    found = isObject(found) || Array.isArray(found) ? Reflect.get(found, name) : undefined
  }
  return found
}

/** All parts of `allOf` as one schema. */
function merge(schema: JsonSchema, parts: readonly unknown[], place: Place): JsonSchema {
  const { allOf: _, ...rest } = schema
  const all = [rest, ...parts]
    .map((part) =>
      isObject(part) && typeof part['$ref'] === 'string' ? lookUp(place.root, part['$ref']) : part,
    )
    .filter(isObject)
  const merged: { [keyword: string]: unknown } = {}
  const properties: { [name: string]: unknown } = {}
  const required: unknown[] = []
  for (const part of all) {
    Object.assign(merged, part)
    Object.assign(properties, part['properties'])
    if (Array.isArray(part['required'])) required.push(...(part['required'] as unknown[]))
  }
  return { ...merged, ...(Object.keys(properties).length > 0 && { properties }), required }
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function numberOr(value: unknown, other: number): number {
  return typeof value === 'number' ? value : other
}
