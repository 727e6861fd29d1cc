/** What is logged of one request. Plain JSON; no keys, no prompts, no words of a provider. */
export interface LogEntry {
  /** When the request came, as an ISO 8601 date. */
  time: string
  /** The caller's id; absent where nobody was let in. */
  caller?: string
  /** The relay's own id of the request, as its answer's `x-request-id` tells it; on `/v1` and `/ui-message-stream`. */
  requestId?: string
  /** Such as `POST /chat`; the ids of streams are left out. */
  route: string
  /** The HTTP status of the answer. */
  status: number
  /** As the client asked for it, and that it was allowed. */
  model?: string
  /** The model that answered, where it says so. */
  answeredBy?: string
  /** It continued a reply that was already there: its tokens may stand in another entry, too. */
  attached?: true
  /** Milliseconds to the first event that was sent. */
  firstEventMs?: number
  /** Milliseconds in all. */
  ms: number
  /** Events that were sent. */
  events: number
  promptTokens?: number
  completionTokens?: number
  /** US dollars, where the provider tells it. */
  cost?: number
  /**
   * `done`; `failed:<code>`; `stopped` by the client's DELETE; `detached`: the client went away; `refused`: by the
   * relay itself.
   */
  ended: 'done' | 'stopped' | 'detached' | 'refused' | `failed:${string}`
}
