import { AssertionError, sleep, within } from './assert.ts'
import type { CaseResult, ConformanceCase, ConformanceContext } from './types.ts'

const caseTimeout = 15_000

/**
 * Runs the cases one after the other and reports each. A case also fails when an unhandled
 * rejection happens while it runs; those that come after the last case fail a case of their own.
 */
export async function runAll(
  cases: readonly ConformanceCase[],
  context: ConformanceContext,
  report: (result: CaseResult) => Promise<void>,
): Promise<void> {
  const unhandled: unknown[] = []
  watchUnhandled((reason) => {
    unhandled.push(reason)
  })

  const runCase = async (name: string, run: () => Promise<void>): Promise<void> => {
    const started = performance.now()
    let error: unknown
    let passed = true
    try {
      await within(caseTimeout, run(), name)
      // Engines report an unhandled rejection only once the microtasks have run.
      await sleep(10)
      const [reason] = unhandled
      if (unhandled.length > 0) throw new AssertionError(`unhandled rejection: ${describe(reason)}`)
    } catch (thrown) {
      passed = false
      error = thrown
    }
    unhandled.length = 0
    const ms = Math.round(performance.now() - started)
    await report({ name, passed, ms, ...(passed ? {} : { error: describe(error) }) })
  }

  await runCase('the harness notices unhandled rejections', async () => {
    const marker = new Error('left unhandled on purpose')
    void Promise.reject(marker)
    for (let waited = 0; waited < 1000 && unhandled.length === 0; waited += 10) await sleep(10)
    const [reason] = unhandled.splice(0)
    if (reason !== marker) throw new AssertionError(`saw ${describe(reason)}`)
  })
  for (const item of cases) {
    if ((item.needs ?? []).every((need) => context.capabilities[need])) {
      await runCase(item.name, () => item.run(context))
    }
  }
  await runCase('nothing is left unhandled after the last case', () => sleep(300))
}

interface NodeProcess {
  on(name: 'unhandledRejection' | 'uncaughtException', listener: (reason: unknown) => void): void
}

function watchUnhandled(listener: (reason: unknown) => void): void {
  const { process, Deno } = globalThis as { process?: NodeProcess; Deno?: unknown }
  if (process && !Deno && typeof process.on === 'function') {
    process.on('unhandledRejection', listener)
    process.on('uncaughtException', listener)
    return
  }
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    listener(event.reason)
  })
  addEventListener('error', (event) => {
    event.preventDefault()
    listener(event.error)
  })
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error ? ` [${String(error.code)}]` : ''
  const cause = error.cause === undefined ? '' : `\n  cause: ${describe(error.cause)}`
  const stack = (error.stack ?? '')
    .replace(error.message, '')
    .split('\n')
    .filter((line) => /^\s+at |@/.test(line))
    .slice(0, 6)
    .map((line) => `\n  ${line.trim()}`)
  return `${error.name}${code}: ${error.message}${stack.join('')}${cause}`
}
