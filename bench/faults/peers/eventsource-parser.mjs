import { EventSourceParserStream } from 'eventsource-parser/stream'
import { reading } from '../reading.mjs'
import { prompt } from '../tool.mjs'

/** @type {import('../types.ts').Open} */
export async function openaiChat({ host, seen, signal }) {
  const { body } = await host.fetch(host.baseURL, {
    method: 'POST',
    body: prompt,
    ...(signal && { signal }),
  })
  if (!body) throw new Error('The response has no body.')
  const events = body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
  return reading(events, ({ data }) => seen.frame(data))
}
