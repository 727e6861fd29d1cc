import type { ChatEvent } from './event.ts'
import type { ChatRequest } from './options.ts'

/**
 * Anything that can open a reply. Most are made by `httpProvider`; one without URL or bytes (an
 * on-device model, a binding of a worker) is written against this interface.
 */
export interface Provider {
  /** Unique among a gateway's providers; stands before the colon in `name:model`. */
  readonly name: string
  /** The wire format that it speaks, such as `anthropic`; absent where it speaks none of the library's. */
  readonly dialect?: string | undefined
  /**
   * The names that tell its models from those of all others, such as `claude-*`. It comes before
   * providers that merely accept a model.
   */
  readonly family?: RegExp | undefined
  /** Where it lists its models; absent where it does not. */
  readonly listing?: ModelListing | undefined
  /** Whether it takes a model of this name. */
  accepts(model: string): boolean
  /**
   * Sends the request. Rejects when no reply begins; the gateway then tries again where the
   * error's `retryable` says that this may help.
   */
  open(request: ChatRequest, context: OpenContext): Promise<ChatEventSource>
}

/** Where a provider lists its models. */
export interface ModelListing {
  readonly url: string
  /** Of the request: the key, and what a page must send. */
  readonly headers: () =>
    | { readonly [name: string]: string }
    | Promise<{ readonly [name: string]: string }>
  /** Used instead of the platform's `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
}

/** What the gateway gives to a provider with each request. */
export interface OpenContext {
  /** Ends the request and the reply. */
  signal: AbortSignal
  timeouts: Timeouts
  /** Makes the id of a tool call that came without one. */
  callId: (index: number) => string
}

/** A reply that is read on demand. */
export interface ChatEventSource {
  /**
   * Reads one more piece of the reply and emits what it completes, which may be nothing. Resolves
   * with false once `done` was emitted. Rejects when the reply fails; what was emitted before
   * counts. Never called again before it has settled.
   */
  read(emit: (event: ChatEvent) => void): Promise<boolean>
  /** Gives the reply up and closes the connection, at once, also while a read is waiting. */
  cancel(reason?: unknown): void
  /** The provider's id of the request. */
  readonly requestId?: string | undefined
  /** The response's headers. */
  readonly headers?: Headers | undefined
}

/** How long to wait, in milliseconds; `false` waits for ever. */
export interface Timeouts {
  /** For the response's headers. Default: 60,000. */
  headers: number | false
  /** For the first event. Default: 300,000. */
  firstEvent: number | false
  /** Between two pieces of the body; comments and pings are life. Default: 120,000. */
  idle: number | false
}
