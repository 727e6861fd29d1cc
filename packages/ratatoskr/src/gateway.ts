import { ChatStream, type OpenedReply } from './chat-stream.ts'
import { checkRequest } from './check-request.ts'
import { createCollector } from './collector.ts'
import { isRatatoskrError, need } from './errors.ts'
import type { ChatEvent } from './event.ts'
import type { Message } from './message.ts'
import type { ModelList } from './model.ts'
import type { ChatOptions, ChatRequest } from './options.ts'
import type { ChatEventSource, Provider, Timeouts } from './provider.ts'
import type { ChatResponse } from './response.ts'
import { route } from './routing.ts'
import { timedOut } from './transport/connect.ts'
import { retry, type RetryOptions } from './transport/retry.ts'
import { within } from './transport/within.ts'

/** What {@link createGateway} needs. */
export interface GatewayOptions {
  providers: readonly Provider[]
  /** How a request is tried again before its first event; `false` never. */
  retry?: RetryOptions | false
  /** How long to wait, in milliseconds; `false`, or one of them `false`, for ever. */
  timeouts?: Partial<Timeouts> | false
}

/** The way to all providers. */
export interface Gateway {
  readonly providers: readonly Provider[]
  /**
   * Sends the messages, and resolves once the first event is there. Rejects with a
   * `RatatoskrError` until then; later failures reject the read. An abort rejects with the
   * signal's reason.
   */
  chatStream(messages: readonly Message[], options: ChatOptions): Promise<ChatStream>
  /** The same without streaming: resolves with the whole reply. */
  chat(messages: readonly Message[], options: ChatOptions): Promise<ChatResponse>
  /**
   * The models of those providers that list them, for pickers. A provider that cannot be asked is
   * among the `failures`, and does not hide the others. What reads the lists is loaded when it is
   * first needed. Rejects with the signal's reason alone.
   */
  models(options?: { signal?: AbortSignal }): Promise<ModelList>
}

/**
 * Makes a gateway of providers. Throws with code `configuration` where there are none, or two of
 * one name.
 *
 * @example
 * ```ts
 * import { createGateway, user } from 'ratatoskr'
 * import { openrouter } from 'ratatoskr/openrouter'
 *
 * const gateway = createGateway({ providers: [openrouter({ apiKey: 'your-key' })] })
 * const ask = () => gateway.chat([user('Hello')], { model: 'anthropic/claude-sonnet-4' })
 * ```
 */
export function createGateway(options: GatewayOptions): Gateway {
  const providers = [...(options?.providers ?? [])]
  const names = new Set(providers.map(({ name }) => name))
  need(providers[0], 'configuration', 'providers must be a list such as [openrouter(options)]')
  need(names.size === providers.length, 'configuration', 'providers must differ in name')
  const on = options.timeouts !== false
  const timeouts: Timeouts = {
    headers: on && 60_000,
    firstEvent: on && 300_000,
    idle: on && 120_000,
    ...options.timeouts,
  }
  for (const time of Object.values(timeouts)) {
    // Timers hold 31 bits: a longer wait would end at once.
    need(
      !time || (time > 0 && time < 2 ** 31),
      'configuration',
      'timeouts must be milliseconds or false',
    )
  }

  const chatStream: Gateway['chatStream'] = async (messages, chatOptions) => {
    checkRequest(messages, chatOptions)
    const { model: models, signal, collect, maxResponseBytes } = chatOptions
    signal?.throwIfAborted()
    const routes = [models].flat().map((name) => route(name, providers))
    let failure: unknown
    for (const { provider, model } of routes) {
      const request = { model, messages, options: chatOptions }
      try {
        const opened = await retry(
          () => open(provider, request, timeouts, signal),
          options.retry ?? {},
          signal,
        )
        const collector = collect === false ? undefined : createCollector(maxResponseBytes)
        return new ChatStream(opened, collector, signal)
      } catch (error) {
        signal?.throwIfAborted()
        if (isRatatoskrError(error)) error.provider ??= provider.name
        failure = error
      }
    }
    throw failure
  }

  return {
    providers,
    chatStream,
    async chat(messages, chatOptions) {
      return (await chatStream(messages, { ...chatOptions, collect: true })).response()
    },
    async models({ signal } = {}) {
      return (await import('./list-models.ts')).listModels(providers, signal)
    },
  }
}

/** One attempt: resolves when the first event is there. */
async function open(
  provider: Provider,
  request: ChatRequest,
  timeouts: Timeouts,
  signal: AbortSignal | undefined,
): Promise<OpenedReply> {
  const attempt = new AbortController()
  // Unique beyond the reply, for histories are joined.
  const prefix = Math.random().toString(36).slice(2, 10)
  const opening = provider.open(request, {
    signal: attempt.signal,
    timeouts,
    callId: (index) => `call_${prefix}_${index}`,
  })
  try {
    const { firstEvent } = timeouts
    const late = (): Promise<never> =>
      timedOut('firstEvent', firstEvent, { provider: provider.name, retryable: true })
    return await within(
      opening.then((source) => readFirst(source, attempt)),
      firstEvent,
      late,
      signal,
    )
  } catch (error) {
    attempt.abort(error)
    opening.then((source) => source.cancel(error)).catch(() => {})
    throw error
  }
}

async function readFirst(source: ChatEventSource, attempt: AbortController): Promise<OpenedReply> {
  const events: ChatEvent[] = []
  let begun = false
  const emit = (event: ChatEvent): void => {
    begun ||= event.type !== 'provider'
    events.push(event)
  }
  for (;;) {
    try {
      const ended = !(await source.read(emit))
      if (begun || ended) return { source, attempt, events, ended }
    } catch (error) {
      if (!begun) throw error
      return { source, attempt, events, ended: false, failure: { error } }
    }
  }
}
