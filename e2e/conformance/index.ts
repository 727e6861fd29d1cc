import { chainCases } from './chain.ts'
import { encodingCases } from './encoding.ts'
import { errorCases } from './errors.ts'
import { platformCases } from './platform.ts'
import { readingCases } from './reading.ts'
import { leftOpen } from './server.ts'
import { stoppingCases } from './stopping.ts'
import type { ConformanceCase } from './types.ts'

export { runAll } from './run-all.ts'
export type * from './types.ts'

export const cases: readonly ConformanceCase[] = [
  ...platformCases,
  ...chainCases,
  ...readingCases,
  ...stoppingCases,
  ...encodingCases,
  ...errorCases,
  leftOpen,
]
