import { streamText } from '@xsai/stream-text'
import { reading } from '../reading.mjs'
import { inputSchema, prompt, run, toolName } from '../tool.mjs'

/** @type {import('../types.ts').Open} */
export function openaiChat({ host, seen, signal }) {
  const runTool = run(seen)
  const { fullStream } = streamText({
    apiKey: 'key',
    ...host,
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: prompt }],
    tools: [
      {
        type: 'function',
        function: { name: toolName, parameters: { ...inputSchema } },
        execute: (input, { toolCallId }) => runTool(input, toolCallId ?? null),
      },
    ],
    ...(signal && { abortSignal: signal }),
  })
  return reading(fullStream, (event) => {
    if (event.type === 'text-delta') seen.text(event.text)
    else if (event.type === 'finish') seen.finish(event.finishReason)
    else if (event.type === 'error') throw event.error
  })
}
