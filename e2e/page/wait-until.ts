/** What {@link waitUntil} may be told. */
export interface WaitOptions {
  /** Milliseconds. Default: 30 000, as nothing may depend on the speed of the machine. */
  readonly timeout?: number
}

type Nothing = false | null | undefined

/**
 * Asks again and again until there is an answer, and resolves with it.
 *
 * @param check Answers `false`, `null` or `undefined` as long as it is not so.
 * @param what Is told when it does not come, such as `the second request`.
 */
export async function waitUntil<Value>(
  check: () => Value | Promise<Value>,
  what: string,
  { timeout = 30_000 }: WaitOptions = {},
): Promise<Exclude<Value, Nothing>> {
  const end = performance.now() + timeout
  for (;;) {
    const value = await check()
    if (isSomething(value)) return value
    if (performance.now() > end) throw new Error(`${what} did not come within ${timeout} ms`)
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}

function isSomething<Value>(value: Value): value is Exclude<Value, Nothing> {
  return value !== false && value !== null && value !== undefined
}
