import type { ChatEvent, Citation, ErrorCode, FinishReason, GeneratedImage, Usage } from 'ratatoskr'

/** What the simulated model does, step by step. Plain JSON. */
export type Script = readonly Step[]

/**
 * One step of a {@link Script}:
 *
 * - `text`, `reasoning`, `refusal`: said at the simulator's pace
 * - `toolCalls`: calls of tools, one after the other
 * - `citation`, `image`: as the events have them
 * - `usage`: in place of what is counted
 * - `finish`: why the reply ends, or the service's own word for it; else `stop`, or `tool_calls`
 *   where there were calls
 * - `wait`: milliseconds of silence
 * - `fault`: something goes wrong here
 * - `redacted`: reasoning that the service shows only encrypted, where it has such
 * - `event`: an event as it is
 *
 * Steps after a `finish`, or a fault that ends the reply, are not reached.
 */
export type Step =
  | { text: string }
  | { reasoning: string }
  | { refusal: string }
  | { toolCalls: readonly ScriptedCall[] }
  | { citation: Citation }
  | { image: GeneratedImage }
  | { usage: Partial<Usage> }
  | { finish: FinishReason | (string & {}) }
  | { wait: number }
  | { fault: ScriptedFault }
  | { redacted: string }
  | { event: ChatEvent }

/** A call of a tool. */
export interface ScriptedCall {
  name: string
  /** Text goes as it is, anything else as its JSON. Default: `{}`. */
  arguments?: unknown
  /** Default: one made of its place in the conversation. */
  id?: string
  /** How many characters of the arguments come before the reply is cut; the call is not ended. */
  cutAfter?: number
}

/** What goes wrong in the middle of a script. */
export type ScriptedFault =
  | { kind: 'cut' }
  | { kind: 'reset' }
  | { kind: 'stall' }
  | { kind: 'badJson' }
  | { kind: 'error'; code?: ErrorCode; message?: string }

/** How long texts are cut into deltas, and how fast they come. */
export interface Pace {
  /** Characters of each delta, or `word`. Default: `word`. */
  perDelta?: number | 'word'
  /** Milliseconds before each delta but the first. Default: 0. */
  delay?: number
  /** Milliseconds before the first. Default: 0. */
  firstDelay?: number
}
