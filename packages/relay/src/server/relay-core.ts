import type { ChatOptions, ChatStream, Continuation, Gateway, Message } from 'ratatoskr'
import type { Caller } from '../caller.ts'
import type { StreamHost } from '../chat/stream-host.ts'
import type { StreamLimits } from '../chat/stream-limits.ts'

/** What all routes share. Each method throws a `Refusal` or a `RatatoskrError`. */
export interface RelayCore {
  readonly gateway: Gateway
  readonly host: StreamHost
  readonly streamLimits: StreamLimits
  /** Reads the body, counted while it comes, and parses it: at most `bodyBytes`, `depth` deep. */
  readBody(request: Request): Promise<{ bytes: Uint8Array<ArrayBuffer>; value: unknown }>
  /**
   * Whether the caller may ask for this: models, tokens, provider options, addresses. Returns the options as they go to
   * the gateway, with `maxTokens` set where there is a limit. Refuses what is not allowed; drops nothing in silence.
   */
  allow<Options extends ChatOptions>(
    caller: Caller,
    messages: readonly Message[],
    options: Options,
  ): Options
  /** Whether the caller may name this model. */
  allowsModel(caller: Caller, model: string): boolean
  /** Counts one request, and one more reply until `release`. Refuses with 429. */
  admit(caller: Caller, stream: string): Promise<{ release: () => void }>
  /** Opens a reply at the gateway, and tells `onUsage` of its tokens. */
  open(caller: Caller, messages: readonly Message[], options: ChatOptions): Promise<ChatStream>
  /** A provider's continuation, wrapped and signed for this caller. */
  sign(caller: Caller, continuation: Continuation): Promise<Continuation>
  /** What a client sent, checked and unwrapped. Refuses what the relay has not signed for this caller. */
  verify(caller: Caller, continuation: Continuation): Promise<Continuation>
}
