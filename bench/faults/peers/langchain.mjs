import { concat } from '@langchain/core/utils/stream'
import { ChatOpenAI } from '@langchain/openai'
import { reading } from '../reading.mjs'
import { inputSchema, prompt, toolName } from '../tool.mjs'

/** @type {import('../types.ts').Open} */
export async function openaiChat({ host, seen, signal, timeout }) {
  const model = new ChatOpenAI({
    model: 'gpt-5-mini',
    apiKey: 'key',
    configuration: host,
  }).bindTools([
    {
      type: 'function',
      function: { name: toolName, description: 'Writes a file.', parameters: { ...inputSchema } },
    },
  ])
  const stream = await model.stream(prompt, {
    ...(signal && { signal }),
    ...(timeout && { timeout }),
  })
  /** @type {import('@langchain/core/messages').AIMessageChunk[]} */
  const chunks = []
  return reading(
    stream,
    (chunk) => {
      if (typeof chunk.content === 'string') seen.text(chunk.content)
      chunks.push(chunk)
    },
    async () => {
      const [first, ...rest] = chunks
      if (!first) return
      const gathered = rest.reduce((all, chunk) => concat(all, chunk), first)
      const reason = gathered.response_metadata['finish_reason']
      seen.finish(typeof reason === 'string' ? reason : undefined)
      for (const { id, name, args } of gathered.tool_calls ?? []) {
        seen.call({ id: id ?? null, name, arguments: JSON.stringify(args), ran: false })
      }
    },
  )
}
