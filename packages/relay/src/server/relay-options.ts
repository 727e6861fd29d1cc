import type { Gateway, Usage } from 'ratatoskr'
import type { Caller } from '../caller.ts'
import type { StreamHost } from '../chat/stream-host.ts'
import type { StreamLimits } from '../chat/stream-limits.ts'
import type { ContinuationStore } from './continuation-store.ts'
import type { Limiter } from './limiter.ts'
import type { LogEntry } from './log-entry.ts'

/** What a caller that is let in may do, unless `authorize` says otherwise of one. */
export interface RelayLimits {
  /** The largest body of a request, in bytes. Default: 8 Mi. */
  bodyBytes?: number
  /** How deep its JSON may nest. Default: 64. */
  depth?: number
  /** The most tokens that a reply may have; it is asked for where the client asks for no other. Default: any. */
  maxTokens?: number
  /** How many replies a caller may have at once. Default: 16. */
  streams?: number
  /** How many replies a caller may ask for in a minute. Default: 120. */
  requestsPerMinute?: number
}

/** Which model answered a caller, for `onUsage`. */
export interface UsageReport {
  usage: Usage
  /** As the client asked for it. */
  model: string
  /** As the provider calls it, where it says so. */
  answeredBy?: string
}

/** What {@link createRelay} needs. */
export interface RelayOptions {
  gateway: Gateway
  /**
   * Says who asks. Undefined refuses with 401; a `Response`, a new one each time, is sent as it is; a `RatatoskrError` that
   * is thrown is answered with its status. The body is left to the relay: whoever looks into it reads `request.clone()`.
   */
  authorize: (
    request: Request,
  ) => Caller | Response | undefined | Promise<Caller | Response | undefined>
  /** The models that may be asked for at all: names, or patterns with `*`. Default: all that the gateway takes. */
  models?: readonly string[]
  limits?: RelayLimits
  /** Counts requests and replies. Default: {@link memoryLimiter}. */
  limiter?: Limiter
  /** How replies on `/chat` are kept. */
  streams?: Partial<StreamLimits>
  /** Where replies on `/chat` run. Default: {@link memoryHost}. */
  host?: StreamHost
  /** The fields of `providerOptions` that clients may set. Default: none. */
  providerOptions?: readonly string[]
  /**
   * The hosts at which images and files may lie that clients send by their addresses: names, or patterns with `*`. The
   * provider fetches them, only over https. Default: none; bytes are always taken.
   */
  urlHosts?: readonly string[]
  /**
   * Signs continuations (HMAC-SHA-256). Default: a random one, which does for one process until it ends.
   */
  signingKey?: string | CryptoKey
  /**
   * Keeps continuations by their tool calls, for the protocols that cannot carry them (`/v1`). Default:
   * {@link memoryContinuationStore}.
   */
  continuationStore?: ContinuationStore
  /** What must stand in no answer, such as the providers' keys: masked where a provider repeats it in an error, or as the name of a reply or a model. */
  secrets?: readonly string[]
  /** The pages that may ask. Default: those of the relay's own origin. */
  cors?: { origins: readonly string[] | '*' }
  /** Stands before all paths, such as `/api`. Default: nothing. */
  basePath?: string
  /** Gets one entry for each request, when its response is over. What it throws, or rejects with, is ignored. */
  log?: (entry: LogEntry) => unknown
  /**
   * Gets the tokens of each reply, once, whether somebody is there or not; of one that was stopped or has failed, as far as
   * the provider told them. What it throws is ignored.
   */
  onUsage?: (caller: Caller, report: UsageReport) => unknown
}
