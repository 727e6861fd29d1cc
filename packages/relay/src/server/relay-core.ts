import {
  isRatatoskrError,
  RatatoskrError,
  type ChatEvent,
  type ChatOptions,
  type Gateway,
  type Message,
  type ModelList,
} from 'ratatoskr'
import type { Caller } from '../caller.ts'
import { memoryHost } from '../chat/memory-host.ts'
import type { StreamHost } from '../chat/stream-host.ts'
import { defaultStreamLimits, type StreamLimits } from '../chat/stream-limits.ts'
import { Refusal } from '../refusal.ts'
import { allowsModel, checkAllowed, noSuchModel, type Allowed } from './check-allowed.ts'
import type { ContinuationStore } from './continuation-store.ts'
import { createContinuationSigner, type ContinuationSigner } from './continuation-signer.ts'
import type { Limited, Verdict } from './limiter.ts'
import { maskError, namedSecretMask, secretMask } from './mask-secrets.ts'
import { memoryContinuationStore } from './memory-continuation-store.ts'
import { memoryLimiter } from './memory-limiter.ts'
import { namePattern } from './name-pattern.ts'
import { quietly } from './quietly.ts'
import { readJsonBody, type JsonBody } from './read-json-body.ts'
import type { RelayOptions } from './relay-options.ts'
import { relayedEvents } from './relayed-events.ts'

/** What all routes share. Each method throws a `Refusal` or a `RatatoskrError`. */
export interface RelayCore {
  readonly gateway: Gateway
  readonly host: StreamHost
  readonly streamLimits: StreamLimits
  /** Signs and checks what a provider wants back. */
  readonly continuations: ContinuationSigner
  /** Keeps it for the protocols that cannot carry it. */
  readonly continuationStore: ContinuationStore
  /** The provider options that clients may set. */
  readonly providerOptions: ReadonlySet<string>
  /** The patterns of models that may be asked for, as they were given. */
  readonly models: readonly string[] | undefined
  /** The models of all providers, as they list them. Failures hold no keys. */
  listModels(): Promise<ModelList>
  /** Reads the body, counted while it comes, and parses it: at most `bodyBytes`, `depth` deep. */
  readBody(request: Request): Promise<JsonBody>
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
  /** Counts one request, and one more reply until `release`, which never rejects. Refuses with 429. `stream` tells replies apart. */
  admit(caller: Caller, stream: string): Promise<{ release: () => Promise<void> }>
  /** Gives back what `admit` took in a process that is gone. */
  release(caller: Caller, stream: string): Promise<void>
  /**
   * Opens a reply at the gateway, and tells `onUsage` of its tokens. The events are read on demand, cancelling them
   * stops the provider; for a whole reply, `collect` them. Failures hold no keys.
   *
   * @param prepare Changes an event on its way.
   */
  open(
    caller: Caller,
    messages: readonly Message[],
    options: ChatOptions,
    prepare?: (event: ChatEvent) => ChatEvent | Promise<ChatEvent>,
  ): Promise<ReadableStream<ChatEvent>>
}

const defaults = { bodyBytes: 2 ** 23, depth: 64, streams: 16, requestsPerMinute: 120 }

/** Makes what the routes share. Throws with code `configuration` for options that cannot be meant. */
export function createRelayCore(options: RelayOptions): RelayCore {
  const { gateway, onUsage, limiter = memoryLimiter() } = options
  const limits = { ...defaults, ...numbersOf(options.limits) }
  const streamLimits = { ...defaultStreamLimits, ...numbersOf(options.streams) }
  // Timers hold 31 bits: a longer wait would end at once.
  for (const name of ['keepAliveMs', 'statusMs'] as const) {
    streamLimits[name] = Math.min(streamLimits[name], 2 ** 31 - 1)
  }
  const allowed: Allowed = {
    isModel: namePattern(options.models),
    isUrlHost: namePattern(options.urlHosts ?? []),
    providerOptions: new Set(options.providerOptions),
    maxTokens: limits.maxTokens,
  }
  const report = quietly(onUsage)
  const masked = secretMask(options.secrets ?? [])
  const mask = (error: unknown): unknown => maskError(error, masked)
  const maskNamed = namedSecretMask(options.secrets ?? [])
  /** A provider's own words that are no text of the model's. */
  const maskDone = (event: ChatEvent): ChatEvent => {
    if (event.type !== 'done') return event
    const { id, model } = event
    return { ...event, ...(id && { id: maskNamed(id) }), ...(model && { model: maskNamed(model) }) }
  }

  const limitsOf = (caller: Caller): Limited => ({
    id: caller.id,
    streams: caller.streams ?? limits.streams,
    requestsPerMinute: caller.requestsPerMinute ?? limits.requestsPerMinute,
  })
  const release = async (caller: Caller, stream: string): Promise<void> => {
    try {
      await limiter.close(limitsOf(caller), stream)
    } catch {
      // A limiter elsewhere may be away; it forgets by itself.
    }
  }

  return {
    gateway,
    host: options.host ?? memoryHost(),
    streamLimits,
    continuations: createContinuationSigner(options.signingKey),
    continuationStore: options.continuationStore ?? memoryContinuationStore(),
    providerOptions: allowed.providerOptions,
    models: options.models,
    async listModels() {
      const { models, failures } = await gateway.models()
      for (const failure of failures) mask(failure)
      return { models, failures }
    },
    readBody: (request) => readJsonBody(request, limits),
    allow: (caller, messages, asked) => checkAllowed(allowed, caller, messages, asked),
    allowsModel: (caller, model) => allowsModel(allowed, caller, model),
    async admit(caller, stream) {
      const who = limitsOf(caller)
      throwUnless(await limiter.request(who), 'in a minute')
      throwUnless(await limiter.open(who, stream), 'at once')
      let open = true
      return {
        async release() {
          const isFirst = open
          open = false
          if (isFirst) await release(caller, stream)
        },
      }
    },
    release,
    async open(caller, messages, asked, prepare) {
      try {
        const stream = await gateway.chatStream(messages, { ...asked, collect: false })
        return relayedEvents(stream, {
          prepare: (event) => {
            const own = maskDone(event)
            return prepare ? prepare(own) : own
          },
          mask,
          onEnd(usage, answeredBy) {
            if (!usage) return
            const model = [asked.model].flat().join(', ')
            const named = answeredBy !== undefined && { answeredBy }
            report(caller, { usage, model, ...named })
          },
        })
      } catch (error) {
        // Its own words name the relay's providers.
        if (isRatatoskrError(error) && error.code === 'no_provider') throw noSuchModel()
        throw mask(error)
      }
    },
  }
}

/** Without those that are undefined, which would take away what holds by default. */
function numbersOf<Numbers extends object>(given: Numbers | undefined): Partial<Numbers> {
  const numbers: Partial<Numbers> = { ...given }
  for (const name in numbers) {
    const value: unknown = numbers[name]
    if (value === undefined) delete numbers[name]
    else if (typeof value !== 'number' || !(value > 0)) {
      throw new RatatoskrError('configuration', `${name} must be a number above 0.`)
    }
  }
  return numbers
}

function throwUnless({ allowed, retryAfter }: Verdict, what: string): void {
  if (allowed) return
  throw new Refusal(429, 'rate_limited', `Too many replies ${what}; try again later.`, {
    retryable: true,
    retryAfter,
  })
}
