import {
  array,
  boolean,
  check,
  finite,
  lazy,
  looseObject,
  nonEmpty,
  nullish,
  number,
  pipe,
  safeParse,
  string,
  unknown,
  type ArraySchema,
  type CheckAction,
  type GenericSchema,
  type InferOutput,
  type LazySchema,
  type LooseObjectSchema,
  type ObjectEntries,
  type SchemaWithPipe,
  type StringSchema,
} from 'valibot'
import { RatatoskrError } from '../errors.ts'

// The parts of the schemas by which `decodeRequest` checks what a client sent. Each says in words
// what it takes, for "<place> must be <words>."; valibot's own messages would quote the value.

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
  const { success, output, issues } = safeParse(schema, value, { abortEarly: true })
  if (success) return output
  const [{ path, message }] = issues
  const steps = (path ?? []).map(({ key }) => String(key))
  refuse('invalid_request', [place, ...steps].filter(Boolean).join('.'), `must be ${message}`)
}

/** Throws: what stands at a place of a client's body cannot be taken. */
export function refuse(
  code: 'invalid_request' | 'unsupported',
  place: string,
  problem: string,
): never {
  throw new RatatoskrError(code, `${place || 'The body'} ${problem}.`)
}

const words = (schema: unknown): string =>
  typeof schema === 'object' && schema && 'message' in schema && typeof schema.message === 'string'
    ? schema.message
    : 'given'

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
): SchemaWithPipe<
  readonly [
    LooseObjectSchema<Entries, FieldsMessage>,
    CheckAction<InferOutput<LooseObjectSchema<Entries, FieldsMessage>>, string>,
  ]
> {
  return pipe(
    fields(entries),
    check((value) => !Array.isArray(value), 'an object'),
  )
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

export const anything = nullish(unknown())
export const text = string('a text')
export const optionalText = nullish(text)
export const name = pipe(string('a name'), nonEmpty('a name'))
export const flag = nullish(boolean('true or false'))
// JSON.parse reads 1e999 as Infinity.
export const amount = nullish(pipe(number('a number'), finite('a number')))
