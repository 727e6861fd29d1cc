import type { Host, Wire } from '../lib/types.ts'

/** How a contestant is asked for a reply. */
export interface Ask {
  host: Host
  seen: Seen
  /** Its own way to be stopped. */
  signal?: AbortSignal
  /** Milliseconds, for its own timer, where it documents one. */
  timeout?: number
}

/** A tool call, as a library hands it out to be run, or runs it. */
export interface Call {
  /** `undefined` where the library tells none at all; `null` where it is missing. */
  id?: string | null | undefined
  name: string
  /** JSON. */
  arguments: string
  /** The library ran the tool itself. */
  ran: boolean
}

/** What a contestant gives what it reads to. */
export interface Seen {
  text(piece: string): void
  /** Only what the library says is a call; pieces of one are none. */
  call(call: Call): void
  /** Why the reply ended, in the library's own words. */
  finish(reason: string | null | undefined): void
  /** The data of one server-sent event, from contestants that read no further. */
  frame(data: string): void
}

/** A reply that a contestant has asked for. */
export interface Reading {
  /** The loop of its documentation; it is left when `goOn` says so, after any event. */
  read(goOn: () => boolean | Promise<boolean>): Promise<void>
  /** What its documentation asks after the loop. */
  whole?(): Promise<void>
}

export type Open = (ask: Ask) => Reading | Promise<Reading>

/** What a contestant's file exports. */
export interface Contestant {
  openaiChat?: Open
  anthropic?: Open
}

/** What the client does. */
export type Scenario = 'read' | 'break' | 'abort' | 'abort-unread' | 'idle'

/** What the server does after the body. */
export type Ending = 'end' | 'lose' | 'stay' | 'drip' | 'flood'

/** What the server answers. */
export interface Served {
  type?: string
  body: string
  ending: Ending
}

/** What the process of a contestant reports. */
export interface Report {
  text: string
  frames: string[]
  calls: Call[]
  finish: string | undefined
  end: 'success' | 'error' | 'left' | undefined
  /** What failed it: the error's name, and its code where it has one. */
  error?: string
  /** The error holds the provider's words. */
  hasWords?: boolean
  /** A rejection that nobody handled, or an exception that nobody caught: it ends a process of Node. */
  crash?: string
}

/** What was observed, on both sides. */
export interface Observation extends Report {
  /** It was not done within the limit. */
  hangs: boolean
  /** What the server saw. */
  server: { requests: number; closed: boolean; written: number; growing: boolean }
}

export type Mark = 'right' | 'half' | 'wrong' | 'none'

/** What a right reading gives. */
export interface Expected {
  text?: string
  calls?: { name: string; arguments: unknown }[]
  frames?: string[]
}

export interface Case {
  name: string
  title: string
  rule: string
  scenario: Scenario
  wires: { [wire in Wire]?: { served: Served; expected: Expected } }
  /** Those who read no further than frames take part. */
  frames?: boolean
  /** Has it set its own timer so short, in milliseconds. */
  timeout?: number
  /** What ratatoskr must say: `success`, `closed`, or the code of its error. */
  ours: string
}
