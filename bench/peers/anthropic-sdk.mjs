// The raw events of the official client, which collects nothing.

import { giveEvent, newClient, question } from './anthropic-client.mjs'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const anthropic = (host) => {
  const client = newClient(host)
  return async (sink) => {
    const stream = await client.messages.create({ ...question, stream: true })
    const give = giveEvent(sink)
    for await (const event of stream) give(event)
  }
}
