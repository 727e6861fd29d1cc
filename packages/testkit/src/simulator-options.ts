import type { Asked } from './asked.ts'
import type { AcceptedKeys } from './dialects/simulated-dialect.ts'
import type { Fault } from './fault.ts'
import type { ScriptName } from './named-script.ts'
import type { Pace, Script } from './script.ts'
import type { Split } from './split.ts'

/** What a simulator does. */
export interface SimulatorOptions {
  /**
   * What the model says: steps, the name of a script, or a function that is given the request and
   * its number, counted from 1. Default: the script that the model is named after (`prose`), else
   * `auto`.
   */
  script?:
    | Script
    | ScriptName
    | ((asked: Asked, turn: number) => Script | ScriptName | Promise<Script | ScriptName>)
  /** How texts are cut into deltas. Default: by words, as fast as they are read. */
  pace?: Pace
  /** How the bytes are cut into chunks. Default: `event`. */
  split?: Split
  /** What goes wrong. Requests are counted from 1, those that are refused with them. */
  faults?: readonly Fault[]
  /** The keys that are accepted; `false` for no key at all. Default: any. */
  keys?: AcceptedKeys
  /** The models that there are. Default: every one whose name does not begin with `unknown`. */
  models?: readonly string[]
  /** Answer pages of other origins, as far as the service does. Default: true. */
  cors?: boolean
}
