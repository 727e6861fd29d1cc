import OpenAI from 'openai'
import { reading } from '../reading.mjs'
import { inputSchema, prompt, toolName } from '../tool.mjs'

/** @type {import('../types.ts').Open} */
export async function openaiChat({ host, seen, signal, timeout }) {
  const client = new OpenAI({ apiKey: 'key', ...host, ...(timeout && { timeout }) })
  const stream = await client.chat.completions.create(
    {
      model: 'gpt-5-mini',
      stream: true,
      messages: [{ role: 'user', content: prompt }],
      tools: [{ type: 'function', function: { name: toolName, parameters: { ...inputSchema } } }],
    },
    signal && { signal },
  )
  return reading(stream, (chunk) => {
    // A chunk of an unknown type has none.
    const choice = chunk.choices?.[0]
    if (choice?.delta.content) seen.text(choice.delta.content)
    if (choice?.finish_reason) seen.finish(choice.finish_reason)
  })
}
