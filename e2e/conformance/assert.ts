export class AssertionError extends Error {
  override name = 'AssertionError'
}

export function fail(message: string): never {
  throw new AssertionError(message)
}

export function ok(condition: unknown, message: string): asserts condition {
  if (!condition) fail(message)
}

export function equal(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [stable(actual), stable(expected)]
  if (left !== right) fail(`${what}: got ${short(left)}, expected ${short(right)}`)
}

/** The reason of a promise that has to reject. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  return fail(`${what}: did not reject, gave ${short(stable(value))}`)
}

/**
 * At once, on a machine that is busy with others: milliseconds. Shorter than Chromium takes to drain
 * a body that it does not close.
 */
export const soon = 4000

/** A promise that has to settle within `ms`. */
export async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new AssertionError(`${what}: not within ${ms} ms`))
    }, ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

/** JSON with sorted keys; `undefined` members count as absent, as they do on the wire. */
function stable(value: unknown): string {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(
          Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)),
        )
      : member,
  ) as string | undefined
  return text ?? String(value)
}

const short = (text: string): string =>
  text.length > 600 ? `${text.slice(0, 600)}… (${text.length} characters)` : text
