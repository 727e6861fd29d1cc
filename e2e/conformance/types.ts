/** What an engine's platform can do; a case that needs more than that does not apply there. */
export interface Capabilities {
  /** A paused reader pauses the socket, so the server stops writing. Browsers buffer instead. */
  readonly pausesSocket: boolean
  /** Cancelling a body closes the socket even while nothing comes; else only an abort does. */
  readonly cancelCloses: boolean
  /** Requests to other origins ask the server first, and unknown headers make them fail. */
  readonly preflights: boolean
  /** There are recorded replies, and this engine is to play them. */
  readonly recordings: boolean
}

/** Where in a browser the suite runs, if not in the page. */
export type Place = 'worker' | 'service-worker'

export interface ConformanceContext {
  /** Of the fixture server, up to and including `/v1`. */
  readonly baseURL: string
  /** Where to ask what the fixture server saw; an origin of its own. */
  readonly controlURL: string
  readonly engine: string
  readonly place?: Place
  readonly capabilities: Capabilities
  /** Names of the recorded replies that the fixture server has; none on most machines. */
  readonly recordings: readonly string[]
}

/** A plain function that throws when something does not hold. */
export interface ConformanceCase {
  readonly name: string
  readonly needs?: readonly (keyof Capabilities)[]
  readonly run: (context: ConformanceContext) => Promise<void>
}

export interface CaseResult {
  readonly name: string
  readonly passed: boolean
  readonly ms: number
  readonly error?: string
}

/** What the suite tells the harness while it runs. */
export type Report =
  | ({ readonly type: 'result' } & CaseResult)
  | { readonly type: 'end' }
  | { readonly type: 'crash'; readonly error: string }
