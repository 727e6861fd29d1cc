// Frames alone.

import { createParser } from 'eventsource-parser'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const openaiChat =
  ({ baseURL, fetch }) =>
  async (sink) => {
    const { body } = await fetch(baseURL, { method: 'POST' })
    if (!body) throw new Error('The response has no body.')
    const parser = createParser({ onEvent: ({ data }) => sink.frame(data) })
    const utf8 = new TextDecoder()
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      parser.feed(utf8.decode(value, { stream: true }))
    }
  }

export const anthropic = openaiChat
