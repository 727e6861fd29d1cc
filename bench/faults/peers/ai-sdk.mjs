import { anthropicModel, chatModel } from '../../peers/ai-sdk.mjs'
import { reading } from '../reading.mjs'
import { inputSchema, prompt, toolName } from '../tool.mjs'

/** @type {import('../types.ts').Open} */
export const openaiChat = (ask) => open(chatModel(ask.host), ask)

/** @type {import('../types.ts').Open} */
export const anthropic = (ask) => open(anthropicModel(ask.host), ask)

/** @param {ReturnType<typeof chatModel>} model @param {import('../types.ts').Ask} ask */
async function open(model, { seen, signal }) {
  const { stream } = await model.doStream({
    prompt: [{ role: 'user', content: [{ type: 'text', text: prompt }] }],
    tools: [{ type: 'function', name: toolName, inputSchema }],
    ...(signal && { abortSignal: signal }),
  })
  return reading(stream, (part) => {
    if (part.type === 'text-delta') seen.text(part.delta)
    else if (part.type === 'tool-call') {
      seen.call({ id: part.toolCallId, name: part.toolName, arguments: part.input, ran: false })
    } else if (part.type === 'finish') seen.finish(part.finishReason.unified)
    else if (part.type === 'error') throw part.error
  })
}
