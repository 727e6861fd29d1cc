import { jsonSchema, streamText, tool } from 'ai'
import { anthropicModel, chatModel } from '../../peers/ai-sdk.mjs'
import { reading, Told } from '../reading.mjs'
import { inputSchema, prompt, run } from '../tool.mjs'

/** @type {import('../types.ts').Open} */
export const openaiChat = (ask) => open(chatModel(ask.host), ask)

/** @type {import('../types.ts').Open} */
export const anthropic = (ask) => open(anthropicModel(ask.host), ask)

/** @param {import('ai').LanguageModel} model @param {import('../types.ts').Ask} ask */
function open(model, { seen, signal, timeout }) {
  const runTool = run(seen)
  const { stream } = streamText({
    model,
    prompt,
    tools: {
      write_file: tool({
        inputSchema: jsonSchema({ ...inputSchema, required: [...inputSchema.required] }),
        execute: (input, { toolCallId }) => runTool(input, toolCallId ?? null),
      }),
    },
    ...(signal && { abortSignal: signal }),
    ...(timeout && { timeout: { chunkMs: timeout } }),
  })
  return reading(stream, (part) => {
    if (part.type === 'text-delta') seen.text(part.text)
    else if (part.type === 'finish') seen.finish(part.finishReason)
    else if (part.type === 'error') throw part.error
    else if (part.type === 'abort') throw new Told('part “abort”', part.reason)
  })
}
