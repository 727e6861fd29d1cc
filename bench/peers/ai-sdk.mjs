// The providers' own streams, below `ai`.

import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAI } from '@ai-sdk/openai'
import { inputSchema } from './write-file.mjs'

/**
 * @typedef {import('../lib/types.ts').Host} Host
 * @typedef {import('../lib/types.ts').Read} Read
 */

/** @param {Host} host @returns {Read} */
export const openaiChat = (host) => reader(chatModel(host))

/** @param {Host} host @returns {Read} */
export const anthropic = (host) => reader(anthropicModel(host))

/** @param {Host} host */
export const chatModel = (host) => createOpenAI({ apiKey: 'key', ...host }).chat('gpt-4.1-mini')

/** @param {Host} host */
export const anthropicModel = (host) =>
  createAnthropic({ apiKey: 'key', ...host })('claude-opus-4-8')

/** @param {ReturnType<typeof chatModel>} model @returns {Read} */
function reader(model) {
  return async (sink) => {
    const { stream } = await model.doStream({
      prompt: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
      tools: [{ type: 'function', name: 'write_file', inputSchema }],
    })
    /** @type {Map<string, number>} */
    const calls = new Map()
    const parts = stream.getReader()
    for (;;) {
      const { done, value: part } = await parts.read()
      if (done) return
      if (part.type === 'text-delta') sink.text(part.delta)
      else if (part.type === 'reasoning-delta') sink.reasoning(part.delta)
      else if (part.type === 'tool-input-start') calls.set(part.id, calls.size)
      else if (part.type === 'tool-input-delta') sink.arguments(calls.get(part.id) ?? 0, part.delta)
      else if (part.type === 'error') throw part.error
    }
  }
}
