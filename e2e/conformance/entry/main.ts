import { cases, runAll } from '../index.ts'
import type { ConformanceContext, Report } from '../index.ts'

/** Runs the suite in this engine, and reports every result to the fixture server. */
export async function main(context: ConformanceContext): Promise<void> {
  const report = async (value: Report): Promise<void> => {
    await fetch(`${context.controlURL}/report`, { method: 'POST', body: JSON.stringify(value) })
  }
  try {
    await runAll(cases, context, (result) => report({ type: 'result', ...result }))
    await report({ type: 'end' })
  } catch (error) {
    await report({ type: 'crash', error: String(error) })
  }
}
