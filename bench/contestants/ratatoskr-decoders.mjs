// The same steps without any stream around them.

import { JsonDecoder, pipe, SseDecoder } from 'ratatoskr/dialects'
import * as anthropicDialect from 'ratatoskr/dialects/anthropic'
import * as openaiChatDialect from 'ratatoskr/dialects/openai-chat'
import { give } from './ratatoskr.mjs'

/**
 * @typedef {import('ratatoskr').ChatEvent} ChatEvent
 * @typedef {import('../lib/types.ts').Host} Host
 * @typedef {import('../lib/types.ts').Read} Read
 */

/** @param {Host} host @returns {Read} */
export const openaiChat = (host) => (sink) =>
  push(
    host,
    pipe(
      pipe(new SseDecoder(), new JsonDecoder(openaiChatDialect.frame)),
      openaiChatDialect.decodeReply(),
    ),
    (event) => give(event, sink),
  )

/** @param {Host} host @returns {Read} */
export const anthropic = (host) => (sink) =>
  push(
    host,
    pipe(
      pipe(new SseDecoder(), new JsonDecoder(anthropicDialect.frame)),
      anthropicDialect.decodeReply(),
    ),
    (event) => give(event, sink),
  )

/**
 * @template Out
 * @param {Host} host
 * @param {import('ratatoskr/dialects').Decoder<Uint8Array, Out>} decoder
 * @param {(output: Out) => void} emit
 */
export async function push(host, decoder, emit) {
  const reader = (await bodyOf(host)).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    decoder.push(value, emit)
  }
  decoder.end(emit)
}

/** @param {Host} host */
export async function bodyOf({ baseURL, fetch }) {
  const { body } = await fetch(baseURL, { method: 'POST', body: '{}' })
  if (!body) throw new Error('The response has no body.')
  return body
}
