import { newClient, question } from '../../peers/anthropic-client.mjs'
import { reading } from '../reading.mjs'
import { inputSchema, toolName } from '../tool.mjs'

/** The question, with the tool. */
export const toolQuestion = {
  ...question,
  tools: [
    { name: toolName, input_schema: { ...inputSchema, required: [...inputSchema.required] } },
  ],
}

/** @type {import('../types.ts').Open} */
export async function anthropic({ host, seen, signal, timeout }) {
  const stream = await newClient(host).messages.create(
    { ...toolQuestion, stream: true },
    { ...(signal && { signal }), ...(timeout && { timeout }) },
  )
  return reading(stream, giveEvent(seen))
}

/**
 * @param {import('../types.ts').Seen} seen
 * @returns {(event: import('@anthropic-ai/sdk/resources/messages').RawMessageStreamEvent) => void}
 */
export const giveEvent = (seen) => (event) => {
  if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
    seen.text(event.delta.text)
  } else if (event.type === 'message_delta') seen.finish(event.delta.stop_reason)
}
