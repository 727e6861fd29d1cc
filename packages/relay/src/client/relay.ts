import {
  createGateway,
  isRatatoskrError,
  RatatoskrError,
  user,
  type ChatOptions,
  type ChatRequest,
  type ChatStream,
  type Message,
  type Provider,
} from 'ratatoskr'
import type { SentOptions } from '../wire/chat-body.ts'
import { createStreamId, isStreamId } from '../wire/stream-id.ts'
import { createAsk, type Ask, type RelayAddress } from './ask.ts'
import { readReconnect, type ReconnectOptions } from './reconnect-options.ts'
import { openRelayedReply } from './relayed-reply.ts'

export type { RelayAddress } from './ask.ts'
export type { ReconnectOptions } from './reconnect-options.ts'

/** What {@link relay} takes. */
export interface RelayClientOptions extends RelayAddress {
  /** How a reply is followed over lost connections. */
  reconnect?: ReconnectOptions
  /**
   * Told of each reply's id before the request is sent: who keeps it can `resume` the reply after a reload. The request
   * is the one that the id is for.
   */
  onId?: (id: string, request: ChatRequest) => void
}

/** What {@link RelayProvider.resume} may be told. */
export interface ResumeOptions extends Pick<
  ChatOptions,
  'signal' | 'collect' | 'maxResponseBytes'
> {
  /** How many events are there already: the stream begins after these. Default: 0, it begins with the first. */
  after?: number
}

/** A relay as a provider, whose replies can be resumed. */
export interface RelayProvider extends Provider {
  /**
   * Continues a reply that was begun by this caller, on this page or before it was reloaded. Resolves once an event is
   * there.
   *
   * Rejects with code `invalid_request` and status 404 where the relay has no such reply, or not any more, and with
   * `cancelled` and status 410 where the events after `after` are no longer kept. An abort rejects with the signal's reason.
   */
  resume(id: string, options?: ResumeOptions): Promise<ChatStream>
}

/**
 * A relay (`@ratatoskr/relay`), for pages: it has the keys, and all its models are one provider's. A reply survives
 * lost connections without an event twice or missing; stopping it stops it at the provider, too.
 *
 * It needs a page. Elsewhere a request fails with code `unsupported`: use `openaiCompatible` on the relay's `/v1`, which does not
 * resume.
 *
 * @example
 * ```ts
 * import { createGateway, user } from 'ratatoskr'
 * import { relay } from '@ratatoskr/relay/client'
 *
 * const provider = relay({
 *   url: 'https://relay.example.com',
 *   headers: () => ({ authorization: `Bearer ${localStorage.getItem('token') ?? ''}` }),
 *   onId: (id) => sessionStorage.setItem('reply', id),
 * })
 * const gateway = createGateway({ providers: [provider] })
 * const ask = () => gateway.chatStream([user('Hello')], { model: 'anthropic/claude-sonnet-4' })
 * const afterReload = () => provider.resume(sessionStorage.getItem('reply') ?? '')
 * ```
 */
export function relay(options: RelayClientOptions): RelayProvider {
  const ask = createAsk(options)
  const { onId } = options
  const reconnect = readReconnect(options.reconnect)
  // Of requests that may have arrived though no answer came: sent again, they must not begin a second reply.
  const unanswered = new WeakMap<ChatRequest, string>()

  return {
    name: 'relay',
    accepts: () => true,
    listing: {
      url: ask.url('/v1/models'),
      headers: ask.headers,
      fetch: (url, init) => ask.fetch(url, init),
    },
    async open(request, context) {
      needPage(ask)
      context.signal.throwIfAborted()
      const known = unanswered.get(request)
      const id = known ?? createStreamId()
      if (known === undefined) onId?.(id, request)
      const messages = request.messages.map(withoutForeign)
      const body = JSON.stringify({ id, messages, options: sentOf(request) })
      unanswered.delete(request)
      const again = known !== undefined
      try {
        return await openRelayedReply({ ask, id, body, after: 0, again, reconnect, context })
      } catch (error) {
        // What the gateway has given up is stopped at the relay, too.
        if (!context.signal.aborted && isWithoutAnswer(error)) unanswered.set(request, id)
        throw error
      }
    },
    async resume(id, { after = 0, ...rest } = {}) {
      if (!isStreamId(id) || !Number.isSafeInteger(after) || after < 0) {
        throw new RatatoskrError(
          'invalid_request',
          'resume() takes an id that onId was told, and how many events are there already.',
        )
      }
      const attached: Provider = {
        name: 'relay',
        accepts: () => true,
        async open(_, context) {
          needPage(ask)
          return openRelayedReply({ ask, id, after, again: true, reconnect, context })
        },
      }
      // The first event, retries until then and collecting are a gateway's business. The message goes nowhere.
      const gateway = createGateway({ providers: [attached], timeouts: { firstEvent: false } })
      return gateway.chatStream([user('…')], { model: id, ...rest })
    },
  }
}

/** What the page keeps for itself is left out. */
function sentOf({ model, options }: ChatRequest): SentOptions {
  const { signal: _, collect: __, maxResponseBytes: ___, ...sent } = options
  return { ...sent, model }
}

/** A continuation that this conversation has from elsewhere is no relay's business, which would refuse it. */
function withoutForeign(message: Message): Message {
  if (message.role !== 'assistant' || !message.continuation) return message
  const { continuation, ...rest } = message
  return continuation.dialect === 'relay' ? message : rest
}

/** Whether the relay itself has not said a word, though the request may have reached it. */
function isWithoutAnswer(error: unknown): boolean {
  return (
    isRatatoskrError(error) &&
    error.retryable &&
    (error.status === undefined || error.body !== undefined)
  )
}

function needPage(ask: Ask): void {
  if ('window' in globalThis && 'document' in globalThis) return
  throw new RatatoskrError(
    'unsupported',
    `relay() needs a page. Elsewhere use openaiCompatible({ name: 'relay', baseURL: '${ask.url('/v1')}' }), which does not resume.`,
    { provider: 'relay' },
  )
}
