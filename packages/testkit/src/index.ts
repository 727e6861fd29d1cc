/**
 * A simulated provider, tapes of real replies, ways to cut them, and faults: for tests without keys
 * and network. It runs wherever the library does.
 *
 * @module
 */
export type { Asked } from './asked.ts'
export { collectTape, type CollectTapeOptions } from './collect-tape.ts'
export type { DialectName } from './dialects/simulated-dialect.ts'
export type { BodyFault, Fault, FaultPlace, FaultTimes, ResponseFault } from './fault.ts'
export { valueOf } from './from-schema.ts'
export {
  namedScript,
  scriptNames,
  type NamedScriptOptions,
  type ScriptName,
} from './named-script.ts'
export { record, type Recorder, type RecordOptions } from './record.ts'
export { replay, type ReplayOptions } from './replay.ts'
export type { Pace, Script, ScriptedCall, ScriptedFault, Step } from './script.ts'
export { simulator, simulatorFetch, type FetchLike, type SimulatorSetup } from './simulator.ts'
export type { SimulatorOptions } from './simulator-options.ts'
export { splits, splitStream, type NamedSplit, type Split, type SplitsOptions } from './split.ts'
export {
  parseTape,
  stringifyTape,
  tapeFromBytes,
  type Tape,
  type TapeChunk,
  type TapeEnd,
  type TapeFromBytesOptions,
  type TapeRequest,
  type TapeResponse,
} from './tape.ts'
export { withFaults, type WithFaultsOptions } from './with-faults.ts'
