// A page that asks a relay has no other use for valibot, which would be a sixth of all that it loads. The schemas of `wire/` are
// what these are held to, by a test.

/** Whether a value of JSON is as it should be. */
export type Check = (value: unknown) => boolean

/** Text. */
export const text: Check = (value) => typeof value === 'string'

/** Text that is not empty. */
export const said: Check = (value) => value !== '' && text(value)

/** A number. */
export const count: Check = (value) => typeof value === 'number'

/** A truth value. */
export const flag: Check = (value) => typeof value === 'boolean'

/** Something, or nothing. */
export const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)

/** An object with fields that are as they should be, and any others. */
export const fields =
  (checks: { readonly [name: string]: Check }): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(checks).every(([name, check]) => check(Reflect.get(value, name)))
