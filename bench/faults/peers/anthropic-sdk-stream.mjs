import { newClient } from '../../peers/anthropic-client.mjs'
import { reading } from '../reading.mjs'
import { giveEvent, toolQuestion } from './anthropic-sdk.mjs'

/** @type {import('../types.ts').Open} */
export function anthropic({ host, seen, signal, timeout }) {
  const stream = newClient(host).messages.stream(toolQuestion, {
    ...(signal && { signal }),
    ...(timeout && { timeout }),
  })
  return reading(stream, giveEvent(seen), async () => {
    const { content, stop_reason } = await stream.finalMessage()
    seen.finish(stop_reason)
    for (const block of content) {
      if (block.type !== 'tool_use') continue
      const { id, name, input } = block
      seen.call({ id, name, arguments: JSON.stringify(input), ran: false })
    }
  })
}
