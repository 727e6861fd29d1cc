// The library as people use it: the gateway's stream in a `for await`.

import { createGateway, user } from 'ratatoskr'
import { anthropic as anthropicProvider } from 'ratatoskr/anthropic'
import { openai } from 'ratatoskr/openai'

/**
 * @typedef {import('ratatoskr').Provider} Provider
 * @typedef {import('ratatoskr').ChatEvent} ChatEvent
 * @typedef {import('../lib/types.ts').Host} Host
 * @typedef {import('../lib/types.ts').Read} Read
 * @typedef {import('../lib/types.ts').Sink} Sink
 */

/**
 * @param {Provider} provider
 * @param {string} model
 * @param {boolean} collect
 * @returns {Read}
 */
function reader(provider, model, collect) {
  const gateway = createGateway({ providers: [provider], retry: false })
  return async (sink) => {
    const stream = await gateway.chatStream([user('Hello')], { model, collect })
    for await (const event of stream) give(event, sink)
  }
}

/** @param {ChatEvent} event @param {Sink} sink */
export function give(event, sink) {
  if (event.type === 'content') sink.text(event.text)
  else if (event.type === 'reasoning') sink.reasoning(event.text)
  else if (event.type === 'tool_call_delta') sink.arguments(event.index, event.arguments)
}

/** @param {boolean} collect @returns {(host: Host) => Read} */
export const openaiChatReader = (collect) => (host) =>
  reader(openai({ apiKey: 'key', ...host }), 'gpt-5-mini', collect)

/** @param {boolean} collect @returns {(host: Host) => Read} */
export const anthropicReader = (collect) => (host) =>
  reader(anthropicProvider({ apiKey: 'key', ...host }), 'claude-opus-4-8', collect)

// Pure, so that a bundle of the one is without the other.
export const openaiChat = /* @__PURE__ */ openaiChatReader(true)
export const anthropic = /* @__PURE__ */ anthropicReader(true)
