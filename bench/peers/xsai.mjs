import { streamText } from '@xsai/stream-text'
import { inputSchema } from './write-file.mjs'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const openaiChat = (host) => async (sink) => {
  const { fullStream } = streamText({
    apiKey: 'key',
    ...host,
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: 'Hello' }],
    tools: [
      {
        type: 'function',
        function: { name: 'write_file', parameters: { ...inputSchema } },
        execute: () => 'written',
      },
    ],
    maxSteps: 1,
  })
  /** @type {Map<string, number>} */
  const calls = new Map()
  const events = fullStream.getReader()
  for (;;) {
    const { done, value: event } = await events.read()
    if (done) return
    if (event.type === 'text-delta') sink.text(event.text)
    else if (event.type === 'tool-call-streaming-start') calls.set(event.toolCallId, calls.size)
    else if (event.type === 'tool-call-delta') {
      sink.arguments(calls.get(event.toolCallId) ?? 0, event.argsTextDelta)
    } else if (event.type === 'error') throw event.error
  }
}
