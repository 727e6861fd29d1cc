// The first step alone: bytes into server-sent events.

import { SseDecoder } from 'ratatoskr/dialects'
import { push } from './ratatoskr-decoders.mjs'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const openaiChat = (host) => (sink) =>
  push(host, new SseDecoder(), (event) => sink.frame(event.data))

export const anthropic = openaiChat
