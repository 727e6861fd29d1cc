import { ChatStream } from './chat-stream.ts'
import { checkRequest } from './check-request.ts'
import { Collector } from './collector.ts'
import { isRatatoskrError, RatatoskrError } from './errors.ts'
import type { ChatEvent } from './event.ts'
import type { Message } from './message.ts'
import type { ChatOptions, ChatRequest } from './options.ts'
import type { ChatEventSource, Provider, Timeouts } from './provider.ts'
import { Reply, type OpenedReply } from './reply.ts'
import type { ChatResponse } from './response.ts'
import { route } from './routing.ts'
import { untilAborted } from './transport/connect.ts'
import { retry, type RetryOptions } from './transport/retry.ts'

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
 * const gateway = createGateway({ providers: [openrouter({ apiKey: 'your key' })] })
 * const ask = () => gateway.chat([user('Hello')], { model: 'anthropic/claude-sonnet-4' })
 * ```
 */
export function createGateway(options: GatewayOptions): Gateway {
  const providers = checkProviders(options)
  const timeouts = readTimeouts(options.timeouts)
  const retries = options.retry ?? {}

  const chatStream = async (
    messages: readonly Message[],
    chatOptions: ChatOptions,
  ): Promise<ChatStream> => {
    checkRequest(messages, chatOptions)
    const { signal, model } = chatOptions
    const never = new AbortController().signal
    signal?.throwIfAborted()
    const models = typeof model === 'string' ? [model] : model
    const routes = models.map((name) => route(name, providers))

    let failure: unknown
    for (const { provider, model: name } of routes) {
      const request: ChatRequest = { model: name, messages, options: chatOptions }
      try {
        // The next model is asked only when this one has failed.
        const opened = await retry(
          () => open(provider, request, timeouts, signal),
          retries,
          signal ?? never,
        )
        const collector =
          chatOptions.collect === false ? undefined : new Collector(chatOptions.maxResponseBytes)
        return new ChatStream(new Reply(opened, collector, signal))
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
      const stream = await chatStream(messages, { ...chatOptions, collect: true })
      return stream.response()
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
  const abort = (): void => {
    attempt.abort(signal?.reason)
  }
  signal?.addEventListener('abort', abort, { once: true })
  const limit = timeouts.firstEvent
  const timer =
    limit === false
      ? undefined
      : setTimeout(() => {
          attempt.abort(
            new RatatoskrError(
              'timeout',
              `${provider.name} sent no event within ${limit / 1000} s. ` +
                'Raise timeouts.firstEvent, or try again.',
              { provider: provider.name, retryable: true },
            ),
          )
        }, limit)
  let opening: Promise<ChatEventSource> | undefined
  try {
    opening = provider.open(request, { signal: attempt.signal, timeouts, callId: makeCallId() })
    const source = await untilAborted(opening, attempt.signal)
    return await untilAborted(readFirst(source), attempt.signal)
  } catch (error) {
    attempt.abort(error)
    opening
      ?.then((source) => {
        source.cancel(error)
      })
      .catch(() => {})
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

async function readFirst(source: ChatEventSource): Promise<OpenedReply> {
  const events: ChatEvent[] = []
  let begun = false
  const emit = (event: ChatEvent): void => {
    if (event.type !== 'provider') begun = true
    events.push(event)
  }
  for (;;) {
    try {
      const more = await source.read(emit)
      if (begun || !more) return { source, events, ended: !more, failure: undefined }
    } catch (error) {
      if (!begun) throw error
      return { source, events, ended: false, failure: { error } }
    }
  }
}

/** Ids for calls that come without one: unique beyond the reply, for histories are joined. */
function makeCallId(): (index: number) => string {
  const prefix = Math.random().toString(36).slice(2, 10)
  return (index) => `call_${prefix}_${index}`
}

function checkProviders({ providers }: GatewayOptions): readonly Provider[] {
  const [first] = providers ?? []
  if (first === undefined) {
    throw new RatatoskrError(
      'configuration',
      'Cannot make a gateway without providers. Give at least one, such as openrouter({ apiKey }).',
    )
  }
  const names = providers.map((provider) => provider.name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    throw new RatatoskrError(
      'configuration',
      `Cannot make a gateway with two providers named ${twice}. Give one of them another name.`,
    )
  }
  return [...providers]
}

function readTimeouts(given: GatewayOptions['timeouts']): Timeouts {
  if (given === false) return { headers: false, firstEvent: false, idle: false }
  const timeouts = { headers: 60_000, firstEvent: 300_000, idle: 120_000, ...given }
  for (const [name, value] of Object.entries(timeouts)) {
    // Timers hold 31 bits: a longer wait would end at once.
    if (value !== false && !(value > 0 && value < 2 ** 31)) {
      throw new RatatoskrError(
        'configuration',
        `Cannot make a gateway: timeouts.${name} is not a number of milliseconds below 2^31. ` +
          'Set it to false to wait for ever.',
      )
    }
  }
  return timeouts
}
