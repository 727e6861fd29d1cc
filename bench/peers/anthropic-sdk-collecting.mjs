// The official client's `messages.stream()`, which collects the message while it gives the events.

import { giveEvent, newClient, question } from './anthropic-client.mjs'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const anthropic = (host) => {
  const client = newClient(host)
  return async (sink) => {
    const stream = client.messages.stream(question)
    const give = giveEvent(sink)
    for await (const event of stream) give(event)
    await stream.finalMessage()
  }
}
