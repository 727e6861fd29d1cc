import { chainCases } from './chain.ts'
import { encodingCases } from './encoding.ts'
import { errorCases } from './errors.ts'
import { platformCases } from './platform.ts'
import { bothWaysCases } from './both-ways.ts'
import { readingCases } from './reading.ts'
import { recordingCases } from './recordings.ts'
import { leftOpen } from './server.ts'
import { simulatedCases } from './simulated.ts'
import { stoppingCases } from './stopping.ts'
import { tapeCases } from './tapes.ts'
import { toolLoopCases } from './tool-loop.ts'
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
  ...simulatedCases,
  ...toolLoopCases,
  ...bothWaysCases,
  ...tapeCases,
  ...recordingCases,
  leftOpen,
]
