import { iterate, SseDecoderStream } from 'ratatoskr/streams'
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
  return reading(iterate(body.pipeThrough(new SseDecoderStream())), ({ data }) => seen.frame(data))
}
