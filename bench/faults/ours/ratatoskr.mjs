import { createGateway, user } from 'ratatoskr'
import { anthropic as anthropicProvider } from 'ratatoskr/anthropic'
import { openai } from 'ratatoskr/openai'
import { reading } from '../reading.mjs'
import { inputSchema, prompt, toolName } from '../tool.mjs'

/**
 * @param {import('ratatoskr').Provider} provider
 * @param {string} model
 * @param {import('../types.ts').Ask} ask
 */
async function open(provider, model, { seen, signal, timeout }) {
  const gateway = createGateway({
    providers: [provider],
    ...(timeout && { timeouts: { idle: timeout } }),
  })
  const stream = await gateway.chatStream([user(prompt)], {
    model,
    tools: [{ name: toolName, parameters: inputSchema }],
    ...(signal && { signal }),
  })
  return reading(
    stream,
    (event) => {
      if (event.type === 'content') seen.text(event.text)
      else if (event.type === 'done') seen.finish(event.finishReason)
    },
    async () => {
      const { toolCalls } = await stream.response()
      for (const call of toolCalls) seen.call({ ...call, ran: false })
    },
  )
}

/** @type {import('../types.ts').Open} */
export const openaiChat = (ask) => open(openai({ apiKey: 'key', ...ask.host }), 'gpt-5-mini', ask)

/** @type {import('../types.ts').Open} */
export const anthropic = (ask) =>
  open(anthropicProvider({ apiKey: 'key', ...ask.host }), 'claude-opus-4-8', ask)
