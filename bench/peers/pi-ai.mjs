// @earendil-works/pi-ai, as @mariozechner/pi-ai is named now.

import { stream as anthropicStream } from '@earendil-works/pi-ai/api/anthropic-messages'
import { stream as chatStream } from '@earendil-works/pi-ai/api/openai-completions'
import { normalizeContext } from '@earendil-works/pi-ai/utils/transcript'

/**
 * @typedef {import('../lib/types.ts').Host} Host
 * @typedef {import('../lib/types.ts').Read} Read
 * @typedef {import('../lib/types.ts').Sink} Sink
 */

const cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
const limits = { contextWindow: 200_000, maxTokens: 64_000 }

const context = normalizeContext({
  messages: [{ role: 'user', content: 'Hello', timestamp: 0 }],
})

/** @param {Host} host @returns {import('@earendil-works/pi-ai').Model<'openai-completions'>} */
export const chatModel = ({ baseURL }) => ({
  id: 'gpt-5-mini',
  name: 'gpt-5-mini',
  api: 'openai-completions',
  provider: 'openai',
  baseUrl: baseURL,
  reasoning: false,
  input: ['text'],
  cost,
  ...limits,
})

/** @param {Host} host @returns {import('@earendil-works/pi-ai').Model<'anthropic-messages'>} */
export const anthropicModel = ({ baseURL }) => ({
  id: 'claude-opus-4-8',
  name: 'claude-opus-4-8',
  api: 'anthropic-messages',
  provider: 'anthropic',
  baseUrl: baseURL.replace(/\/v1$/, ''),
  reasoning: false,
  input: ['text'],
  cost,
  ...limits,
})

/** @param {Host} host @returns {Read} */
export const openaiChat = (host) => {
  const model = chatModel(host)
  const options = { apiKey: 'key', fetch: host.fetch, maxRetries: 0 }
  return (sink) => give(chatStream(model, context, options), sink)
}

/** @param {Host} host @returns {Read} */
export const anthropic = (host) => {
  const model = anthropicModel(host)
  const options = { apiKey: 'key', fetch: host.fetch, maxRetries: 0 }
  return (sink) => give(anthropicStream(model, context, options), sink)
}

/** @param {AsyncIterable<import('@earendil-works/pi-ai').AssistantMessageEvent>} events @param {Sink} sink */
async function give(events, sink) {
  /** @type {Map<number, number>} */
  const calls = new Map()
  for await (const event of events) {
    if (event.type === 'text_delta') sink.text(event.delta)
    else if (event.type === 'thinking_delta') sink.reasoning(event.delta)
    else if (event.type === 'toolcall_start') calls.set(event.contentIndex, calls.size)
    else if (event.type === 'toolcall_delta') {
      sink.arguments(calls.get(event.contentIndex) ?? 0, event.delta)
    } else if (event.type === 'error') throw new Error(event.error.errorMessage)
  }
}
