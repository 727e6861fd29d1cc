// The chain as people compose it themselves: each step a stream.

import * as anthropicDialect from 'ratatoskr/dialects/anthropic'
import * as openaiChatDialect from 'ratatoskr/dialects/openai-chat'
import {
  ChatEventDecoderStream,
  iterate,
  JsonDecoderStream,
  SseDecoderStream,
} from 'ratatoskr/streams'
import { give } from './ratatoskr.mjs'
import { bodyOf } from './ratatoskr-decoders.mjs'

/** @typedef {import('../lib/types.ts').Host} Host */
/** @typedef {import('../lib/types.ts').Read} Read */

/** @param {Host} host @returns {Read} */
export const openaiChat = (host) => async (sink) => {
  const events = (await bodyOf(host))
    .pipeThrough(new SseDecoderStream())
    .pipeThrough(new JsonDecoderStream(openaiChatDialect.frame))
    .pipeThrough(new ChatEventDecoderStream(openaiChatDialect.decodeReply()))
  for await (const event of iterate(events)) give(event, sink)
}

/** @param {Host} host @returns {Read} */
export const anthropic = (host) => async (sink) => {
  const events = (await bodyOf(host))
    .pipeThrough(new SseDecoderStream())
    .pipeThrough(new JsonDecoderStream(anthropicDialect.frame))
    .pipeThrough(new ChatEventDecoderStream(anthropicDialect.decodeReply()))
  for await (const event of iterate(events)) give(event, sink)
}
