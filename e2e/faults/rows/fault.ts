import type { ErrorCode, GatewayOptions } from 'ratatoskr'
import type { Framing } from '../../../packages/ratatoskr/test/reply-parts.ts'
import type { Connection } from '../fault-server.ts'
import type { Wire } from '../wire.ts'

/** What comes of a fault: the whole reply, or an error before the first event or behind it. */
export type Outcome = 'done' | `${'opening' | 'reading'} ${ErrorCode}`

/** One row of the matrix. */
export interface Fault {
  name: string
  answer: (connection: Connection, wire: Wire, request: number) => Promise<void> | void
  /** Written by hand, from what the design says. */
  outcome: Outcome
  /** Also right, where Node's `fetch` has a bug that later versions have not. */
  or?: Outcome
  /** Where it is another one: by framing, or by dialect. */
  but?: { readonly [name in Framing | (string & {})]?: Outcome }
  /** The dialects that can have it. Default: all. */
  only?: (wire: Wire) => boolean
  /** The text of the reply, where it is not that of the fixture. */
  text?: string
  /** It fails before the first events are over. */
  isEarly?: true
  /** How often the request is sent. Default: once. */
  requests?: number
  timeouts?: GatewayOptions['timeouts']
  retry?: GatewayOptions['retry']
  options?: { maxResponseBytes?: number; includeProviderEvents?: boolean }
  /** In characters or bytes: a provider of one's own with this limit. */
  maxEventSize?: number
}
