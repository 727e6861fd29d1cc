import type { ChatOptions, Message } from 'ratatoskr'
import type { Caller } from '../caller.ts'
import { Refusal } from '../refusal.ts'
import { isBase64 } from './is-base64.ts'
import { namePattern, type NamePattern } from './name-pattern.ts'

/** What anybody may ask for. */
export interface Allowed {
  isModel: NamePattern
  isUrlHost: NamePattern
  providerOptions: ReadonlySet<string>
  maxTokens: number | undefined
}

/** Whether this caller may name the model. */
export function allowsModel(allowed: Allowed, caller: Caller, model: string): boolean {
  return allowed.isModel(model) && namePattern(caller.models)(model)
}

/**
 * Refuses what a caller may not ask for, and returns the options as they go to the gateway. Nothing is
 * dropped or made smaller in silence.
 */
export function checkAllowed<Options extends ChatOptions>(
  allowed: Allowed,
  caller: Caller,
  messages: readonly Message[],
  options: Options,
): Options {
  const { model, maxTokens, reasoning, providerOptions = {} } = options
  for (const name of [model].flat()) {
    const isName = name.length <= longestName && !ambiguous.test(name)
    if (!isName || !allowsModel(allowed, caller, name)) throw noSuchModel()
  }
  const limit = caller.maxTokens ?? allowed.maxTokens
  // Below them, some servers take a number for no limit at all.
  for (const [name, asked, least] of [
    ['maxTokens', maxTokens, 1],
    ['reasoning.maxTokens', reasoning?.maxTokens, 0],
  ] as const) {
    if (limit === undefined || asked === undefined || (asked >= least && asked <= limit)) continue
    throw refused(`${name} must be from ${least} to ${limit}`)
  }
  for (const name of Object.keys(providerOptions)) {
    // Not the name, which a client has made up, and which may be anything.
    if (!allowed.providerOptions.has(name)) {
      throw refused('providerOptions has a field that this relay does not let through')
    }
  }
  for (const { url, data } of messages.flatMap(mediaOf)) {
    if (url !== undefined) checkUrl(allowed, url)
    // Some servers take an address where the protocol has bytes.
    if (data !== undefined && !isBase64(data)) {
      throw refused('The bytes of images and files must be in base64')
    }
  }
  return limit === undefined || maxTokens !== undefined ? options : { ...options, maxTokens: limit }
}

/** It stands in logs. */
const longestName = 256

/**
 * What reads as another name further on, where the name is a part of an address or the first line is taken for all: the
 * patterns have seen something else.
 */
const ambiguous = /[\p{Cc}\u2028\u2029\\]|(^|[/:])\.{1,2}([/:]|$)/u

/** In the same words whether there is one or not: what others may use is nobody's business. */
export function noSuchModel(): Refusal {
  const said = 'There is no such model for this caller; GET /v1/models lists those that there are.'
  return new Refusal(404, 'model_not_found', said)
}

/** Images and files, at their address or in bytes. */
function mediaOf(message: Message): { url?: string; data?: string }[] {
  const parts = typeof message.content === 'string' ? [] : message.content
  const images = message.role === 'assistant' ? (message.images ?? []) : []
  return [...parts.filter((part) => part.type !== 'text'), ...images]
}

/** The provider fetches what lies there, from its own network: only what the relay's owner has named. */
function checkUrl({ isUrlHost }: Allowed, text: string): void {
  // Bytes, written as an address.
  if (/^data:/i.test(text)) return
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url?.protocol === 'https:' && !url.username && !url.password && !url.port
  if (!url || !isPlain || !isUrlHost(url.hostname)) {
    throw refused('Images and files must be sent as bytes; this relay passes on no such address')
  }
}

function refused(rule: string): Refusal {
  return new Refusal(400, 'invalid_request', `${rule}.`)
}
