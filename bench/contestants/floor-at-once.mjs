// The floor for one big event: the chunks are decoded and joined, and parsed once. Splitting at each chunk, as the
// other floor does, takes time in the square of the event's size.

import { giveChatData, open } from './floor.mjs'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const openaiChat = (host) => async (sink) => {
  const reader = await open(host, '/chat/completions')
  const utf8 = new TextDecoder()
  /** @type {string[]} */
  const parts = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(utf8.decode(value, { stream: true }))
  }
  for (const event of parts.join('').split('\n\n')) {
    if (event !== '') giveChatData(event.slice('data: '.length), sink)
  }
}
