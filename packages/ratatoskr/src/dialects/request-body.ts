import {
  array,
  boolean,
  custom,
  finite,
  lazy,
  looseObject,
  never,
  nonEmpty,
  nullish,
  number,
  pipe,
  safeParse,
  string,
  unknown,
  type ArraySchema,
  type CustomSchema,
  type GenericSchema,
  type InferOutput,
  type LazySchema,
  type LooseObjectSchema,
  type NeverSchema,
  type ObjectEntries,
  type StringSchema,
} from 'valibot'
import { RatatoskrError } from '../errors.ts'
import { isRecord } from '../json/shape.ts'

// The parts of the schemas by which `decodeRequest` checks what a client sent. Each says in words
// what it takes, for "<place> must be <words>.".

/**
 * Checks a part of a client's body. Throws a `RatatoskrError` with code `invalid_request` that
 * names the place and what it must be, never what was sent.
 *
 * @param place Where in the body the value stands, such as `tools.0`.
 */
export function readBody<Schema extends GenericSchema>(
  schema: Schema,
  value: unknown,
  place = '',
): InferOutput<Schema> {
  if (!place && isDeep(value, 500)) refuse('invalid_request', place, 'must not be nested so deep')
  const { success, output, issues } = safeParse(schema, value, {
    abortEarly: true,
    // For schemas without words of their own: valibot's would quote the value.
    message: ({ expected }) => expected ?? 'another value',
  })
  if (success) return output
  const [{ path, message }] = issues
  const steps = (path ?? []).map(({ key }) => String(key))
  refuse('invalid_request', [place, ...steps].filter(Boolean).join('.'), `must be ${message}`)
}

/** Whether a value nests deeper: JSON can be read that no engine can write. */
function isDeep(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return depth === 0 || Object.values(value).some((inner) => isDeep(inner, depth - 1))
}

/** Throws: what stands at a place of a client's body cannot be taken. */
export function refuse(
  code: 'invalid_request' | 'unsupported',
  place: string,
  problem: string,
): never {
  throw new RatatoskrError(code, `${place || 'The body'} ${problem}.`)
}

function words(schema: unknown): string {
  const message = typeof schema === 'object' && schema && 'message' in schema && schema.message
  if (typeof message === 'string') return message
  // Only objects have a function for it.
  return message ? 'an object' : 'given'
}

type FieldsMessage = (issue: { readonly expected: string | null }) => string

/** An object with these fields, and any others. One that is missing is said in its own words. */
export function fields<Entries extends ObjectEntries>(
  entries: Entries,
): LooseObjectSchema<Entries, FieldsMessage> {
  return looseObject(entries, ({ expected }) => {
    const missing = Object.keys(entries).find((field) => expected === JSON.stringify(field))
    return missing === undefined ? 'an object' : words(entries[missing])
  })
}

/** The same, and no array, which valibot takes for an object. */
export function record<Entries extends ObjectEntries>(
  entries: Entries,
): LazySchema<LooseObjectSchema<Entries, FieldsMessage> | NeverSchema<string>> & {
  message: string
} {
  const expected = 'an object'
  const one = fields(entries)
  const none = never(expected)
  return Object.assign(
    lazy((value: unknown) => (Array.isArray(value) ? none : one)),
    { message: expected },
  )
}

/** The words of a choice among kinds of objects, by one of their fields. */
export function kinds(what: string, allowed: string): FieldsMessage {
  return ({ expected }) => (expected === 'Object' ? what : allowed)
}

/** A text, or a list of something. */
export function textOr<Item extends GenericSchema>(
  item: Item,
  expected: string,
): LazySchema<StringSchema<string> | ArraySchema<Item, string>> & { message: string } {
  const one = string(expected)
  const several = array(item, expected)
  return Object.assign(
    lazy((value: unknown) => (Array.isArray(value) ? several : one)),
    { message: expected },
  )
}

/** An object as it was sent: of one with fields valibot makes a copy, without some names. */
export const object: CustomSchema<{ [field: string]: unknown }, string> = custom(
  (value) => isRecord(value) && !Array.isArray(value),
  'an object',
)

export const anything = nullish(unknown())
export const text = string('a text')
export const optionalText = nullish(text)
export const name = pipe(string('a name'), nonEmpty('a name'))
export const flag = nullish(boolean('true or false'))
// JSON.parse reads 1e999 as Infinity.
export const amount = nullish(pipe(number('a number'), finite('a number')))
