import { cases, runAll } from '../index.ts'
import type { ConformanceContext, Report } from '../index.ts'

/** Runs the suite in this engine, and reports every result to the fixture server. */
export async function main(context: ConformanceContext): Promise<void> {
  try {
    await runAll(cases, context, (result) => report(context, { type: 'result', ...result }))
    await report(context, { type: 'end' })
  } catch (error) {
    await report(context, { type: 'crash', error: String(error) })
  }
}

/** Tells the fixture server. */
export async function report({ controlURL }: ConformanceContext, value: Report): Promise<void> {
  await fetch(`${controlURL}/report`, { method: 'POST', body: JSON.stringify(value) })
}
