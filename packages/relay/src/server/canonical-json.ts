/**
 * The one text of a JSON value, whatever the order of its fields: what is signed must be the same after a
 * client has parsed and written it. Numbers and texts are as `JSON.stringify` writes them, as in RFC 8785.
 */
export function canonicalJson(value: unknown): string {
  // As it goes over the wire: without what JSON does not have.
  return write(JSON.parse(JSON.stringify(value) ?? 'null'))
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${write(field)}`).join(',')}}`
}
