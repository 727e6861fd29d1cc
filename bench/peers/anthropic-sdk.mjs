// The raw events of the official client, which collects nothing.

import { messages, newClient, giveEvent } from './anthropic-client.mjs'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const anthropic = (host) => {
  const client = newClient(host)
  return async (sink) => {
    const stream = await client.messages.create({ ...messages, stream: true })
    const give = giveEvent(sink)
    for await (const event of stream) give(event)
  }
}
