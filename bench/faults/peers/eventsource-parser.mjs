import { EventSourceParserStream } from 'eventsource-parser/stream'
import { bodyOf } from '../body.mjs'
import { reading } from '../reading.mjs'

/** @type {import('../types.ts').Open} */
export async function openaiChat(ask) {
  const body = await bodyOf(ask)
  const events = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  return reading(events, ({ data }) => ask.seen.frame(data))
}
