import { safeParse, type GenericSchema } from 'valibot'
import { Refusal } from '../refusal.ts'

/**
 * What a schema makes of a client's body. Refuses one that does not fit, naming the place and what it must
 * be, never what was sent.
 *
 * @param within Where the value itself stands.
 */
export function checkBody<Output>(
  schema: GenericSchema<Output>,
  value: unknown,
  within = '',
): Output {
  const { success, output, issues } = safeParse(schema, value, {
    abortEarly: true,
    // For schemas without words of their own: valibot's would quote the value.
    message: ({ expected }) => inWords(expected ?? 'another value'),
  })
  if (success) return output
  const [{ path, message, expected }] = issues
  // The name of a field that is not known is the client's: it may be anything.
  const isUnknown = expected === 'never'
  const steps = (path ?? []).map(({ key }) => String(key)).slice(0, isUnknown ? -1 : undefined)
  const place = [...(within ? [within] : []), ...steps].join('.') || 'The body'
  // A missing field is said by its name in quotes.
  const isMissing = expected === JSON.stringify(steps.at(-1))
  const rule = isUnknown
    ? `${place} must have no other fields`
    : `${place} must be ${isMissing ? 'there' : message}`
  throw new Refusal(400, 'invalid_request', `${rule}.`)
}

/** What valibot says of types: `(string | Array)`. */
function inWords(expected: string): string {
  return expected
    .replaceAll(/[()]/g, '')
    .replaceAll(' | ', ' or ')
    .replaceAll(/\bstring\b/g, 'a text')
    .replaceAll(/\bArray\b/g, 'a list')
    .replaceAll(/\bObject\b/g, 'an object')
}
