import { stream as anthropicStream } from '@earendil-works/pi-ai/api/anthropic-messages'
import { stream as chatStream } from '@earendil-works/pi-ai/api/openai-completions'
import { normalizeContext } from '@earendil-works/pi-ai/utils/transcript'
import { anthropicModel, chatModel } from '../../peers/pi-ai.mjs'
import { reading, Told } from '../reading.mjs'
import { inputSchema, prompt, toolName } from '../tool.mjs'

const context = normalizeContext({
  messages: [{ role: 'user', content: prompt, timestamp: 0 }],
  tools: [{ name: toolName, description: 'Writes a file.', parameters: { ...inputSchema } }],
})

/** @param {import('../types.ts').Ask} ask */
const options = ({ host: { fetch }, signal, timeout }) => ({
  apiKey: 'key',
  fetch,
  ...(signal && { signal }),
  ...(timeout && { timeoutMs: timeout }),
})

/** @type {import('../types.ts').Open} */
export const openaiChat = (ask) =>
  give(chatStream(chatModel(ask.host), context, options(ask)), ask.seen)

/** @type {import('../types.ts').Open} */
export const anthropic = (ask) =>
  give(anthropicStream(anthropicModel(ask.host), context, options(ask)), ask.seen)

/**
 * @param {import('@earendil-works/pi-ai').AssistantMessageEventStream} events
 * @param {import('../types.ts').Seen} seen
 */
const give = (events, seen) =>
  reading(
    events,
    (event) => {
      if (event.type === 'text_delta') seen.text(event.delta)
      else if (event.type === 'error') {
        throw new Told(`event “error”, ${event.reason}`, event.error.errorMessage)
      }
    },
    async () => {
      const message = await events.result()
      seen.finish(message.stopReason)
      for (const block of message.content) {
        if (block.type !== 'toolCall') continue
        const { id, name, arguments: input } = block
        seen.call({ id, name, arguments: JSON.stringify(input), ran: false })
      }
    },
  )
