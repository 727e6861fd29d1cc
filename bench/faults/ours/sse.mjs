import { iterate, SseDecoderStream } from 'ratatoskr/streams'
import { bodyOf } from '../body.mjs'
import { reading } from '../reading.mjs'

/** @type {import('../types.ts').Open} */
export async function openaiChat(ask) {
  const body = await bodyOf(ask)
  const events = iterate(body.pipeThrough(new SseDecoderStream()))
  return reading(events, ({ data }) => ask.seen.frame(data))
}
