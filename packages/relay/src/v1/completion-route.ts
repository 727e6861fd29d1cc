import { isRatatoskrError, route, type ChatOptions, type Gateway, type Message } from 'ratatoskr'
import { Refusal } from '../refusal.ts'
import { answerReply } from '../server/answer-reply.ts'
import { putContinuationsBack } from '../server/kept-continuations.ts'
import type { RelayCore } from '../server/relay-core.ts'
import type { Route } from '../server/route.ts'
import { checkSentContinuation } from '../server/sent-continuation.ts'
import { saysNothing } from './extra-rules.ts'
import type { DecodedCall, Protocol } from './protocol.ts'

/** Makes the route of a protocol: a request of one dialect, a reply of any provider, an answer of the same dialect. */
export function completionRoute(protocol: Protocol): Route {
  return {
    method: 'POST',
    path: protocol.path,
    async handle(context) {
      const { request, caller, core } = context
      const { value } = await core.readBody(request)
      const call = decode(protocol, value)
      const messages = call.messages.map(checkMessage)
      const allowed = core.allow(caller, messages, optionsFor(core, protocol, call))
      const includeProviderEvents = call.stream && protocol.carriesProviderEvents
      return answerReply(context, {
        messages: await putContinuationsBack(core.continuationStore, caller, messages),
        options: { ...allowed, ...(includeProviderEvents && { includeProviderEvents }) },
        encoder: call.encoder,
        ...(!call.stream && { whole: call.whole }),
        ping: protocol.ping,
      })
    },
    encodeError: protocol.encodeError,
  }
}

/** What a request must not have, the relay refuses: no provider is asked. */
function decode(protocol: Protocol, body: unknown): DecodedCall {
  try {
    return protocol.decode(body)
  } catch (error) {
    throw isRatatoskrError(error) ? new Refusal(400, error.code, error.message) : error
  }
}

/** What the model said before comes from the client as everything does. */
function checkMessage(message: Message): Message {
  if (message.role !== 'assistant') return message
  const { continuation: sent, images: shown = [], ...rest } = message
  const continuation = sent && checkSentContinuation(sent)
  // Images of the model's at an address are for people; no provider is given them.
  const images = shown.filter(({ url }) => url === undefined)
  return { ...rest, ...(images[0] && { images }), ...(continuation && { continuation }) }
}

/**
 * The options with those of the client's own fields that the relay lets through, where the provider speaks the client's
 * dialect. Refuses the others that would change the reply, for nothing is dropped in silence.
 */
function optionsFor(
  { gateway, providerOptions }: RelayCore,
  { dialect, extras }: Protocol,
  { options, extra }: DecodedCall,
): ChatOptions {
  const target = dialectOf(gateway, options.model)
  const isOwn = target === dialect
  const passed: { [field: string]: unknown } = {}
  for (const [field, value] of Object.entries(extra)) {
    if (isOwn && providerOptions.has(field)) passed[field] = value
    else if (
      !saysNothing(value) &&
      !extras.ignored.has(field) &&
      !extras.isCovered(field, value, options)
    ) {
      // Another kind of name may be anything, also what must not be repeated.
      const name = /^[a-z_]{1,40}$/.test(field) ? field : 'A field'
      throw new Refusal(400, 'unsupported', `${name} is not supported here; leave it out.`)
    }
  }
  return {
    ...options,
    ...(dialect === 'anthropic' && effortOnly.test(target ?? '') && withEffort(options)),
    ...(Object.keys(passed).length > 0 && { providerOptions: passed }),
  }
}

/** The dialects whose models take a word for how much they think, and no number of tokens. */
const effortOnly = /^(openai-|ollama$)/

/**
 * Anthropic's clients have a number of tokens to think with, where others have a word: the one that stands for about
 * the same part of the reply, by the shares that the library itself goes by.
 */
function withEffort({ reasoning, maxTokens: most }: ChatOptions): Pick<ChatOptions, 'reasoning'> {
  if (reasoning?.maxTokens === undefined) return {}
  const { maxTokens, effort, ...rest } = reasoning
  const share = maxTokens / (most ?? maxTokens * 2)
  const word = share < 0.35 ? 'low' : share < 0.65 ? 'medium' : 'high'
  return { reasoning: { ...rest, effort: effort ?? word } }
}

/** Undefined where no provider takes the model, which the gateway will tell. */
function dialectOf({ providers }: Gateway, model: string): string | undefined {
  try {
    return route(model, providers).provider.dialect
  } catch {
    return undefined
  }
}
