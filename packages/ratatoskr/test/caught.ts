import { isRatatoskrError, type RatatoskrError } from '../src/errors.ts'

/** The error of the library with which this fails; a test that expects one goes on with it. */
export async function caught(fails: (() => unknown) | Promise<unknown>): Promise<RatatoskrError> {
  let value: unknown
  try {
    value = await (typeof fails === 'function' ? fails() : fails)
  } catch (error) {
    if (isRatatoskrError(error)) return error
    throw error
  }
  throw new Error(`Nothing failed: ${JSON.stringify(value)}`)
}

/** Everything of an error that a program may log. */
export function shown(error: RatatoskrError): string {
  return [error.message, error.stack, error.providerMessage, error.body, String(error.cause)].join()
}
