// Streams 96 MiB through the built library; run with a heap of 64 MiB. Prints what came out.
import { createGateway, user } from '../dist/index.js'
import { openaiCompatible } from '../dist/providers/openai-compatible.js'

const encoder = new TextEncoder()
const event = encoder.encode(
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'x'.repeat(960) } }] })}\n\n`,
)
const piece = new Uint8Array(event.length * 64)
for (let i = 0; i < 64; i += 1) piece.set(event, i * event.length)

let left = Math.ceil((96 * 1024 * 1024) / piece.length)
const body = new ReadableStream(
  {
    pull(controller) {
      left -= 1
      if (left >= 0) {
        // A copy: the reader may keep what it was given.
        controller.enqueue(piece.slice())
      } else {
        controller.enqueue(
          encoder.encode(
            'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
          ),
        )
        controller.close()
      }
    },
  },
  { highWaterMark: 0 },
)
const provider = openaiCompatible({
  name: 'memory',
  baseURL: 'http://memory.invalid',
  fetch: async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } }),
})
const stream = await createGateway({ providers: [provider] }).chatStream([user('Go on')], {
  model: 'endless',
  collect: false,
})
let characters = 0
let finishReason
for await (const chatEvent of stream) {
  if (chatEvent.type === 'content') characters += chatEvent.text.length
  if (chatEvent.type === 'done') finishReason = chatEvent.finishReason
}
const mebibytes = Math.round(((characters / 960) * event.length) / 1024 / 1024)
process.stdout.write(JSON.stringify({ mebibytes, finishReason }))
