// `streamText`, over the streams of ai-sdk.mjs.

import { jsonSchema, streamText, tool } from 'ai'
import { anthropicModel, chatModel } from './ai-sdk.mjs'
import { inputSchema } from './write-file.mjs'

/**
 * @typedef {import('../lib/types.ts').Host} Host
 * @typedef {import('../lib/types.ts').Read} Read
 */

/** @param {Host} host @returns {Read} */
export const openaiChat = (host) => reader(chatModel(host))

/** @param {Host} host @returns {Read} */
export const anthropic = (host) => reader(anthropicModel(host))

/** @param {import('ai').LanguageModel} model @returns {Read} */
function reader(model) {
  // Without `execute` the call is only given back.
  const tools = { write_file: tool({ inputSchema: jsonSchema({ ...inputSchema }) }) }
  return async (sink) => {
    const { stream } = streamText({ model, tools, prompt: 'Hello', maxRetries: 0 })
    /** @type {Map<string, number>} */
    const calls = new Map()
    for await (const part of stream) {
      if (part.type === 'text-delta') sink.text(part.text)
      else if (part.type === 'reasoning-delta') sink.reasoning(part.text)
      else if (part.type === 'tool-input-start') calls.set(part.id, calls.size)
      else if (part.type === 'tool-input-delta') sink.arguments(calls.get(part.id) ?? 0, part.delta)
      else if (part.type === 'error') throw part.error
    }
  }
}
