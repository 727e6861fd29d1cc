import OpenAI from 'openai'
import { reading } from '../reading.mjs'
import { inputSchema, prompt, run, toolName } from '../tool.mjs'

/** @type {import('../types.ts').Open} */
export function openaiChat({ host, seen, signal, timeout }) {
  const client = new OpenAI({ apiKey: 'key', ...host, ...(timeout && { timeout }) })
  const runTool = run(seen)
  const runner = client.chat.completions.runTools(
    {
      model: 'gpt-5-mini',
      stream: true,
      messages: [{ role: 'user', content: prompt }],
      tools: [
        {
          type: 'function',
          function: {
            name: toolName,
            description: 'Writes a file.',
            parameters: { ...inputSchema, required: [...inputSchema.required] },
            /** @param {string} text @returns {unknown} */
            parse: (text) => JSON.parse(text),
            function: (/** @type {unknown} */ input) => runTool(input),
          },
        },
      ],
    },
    signal && { signal },
  )
  return reading(
    runner,
    (chunk) => {
      // A chunk of an unknown type has none.
      const choice = chunk.choices?.[0]
      if (choice?.delta.content) seen.text(choice.delta.content)
      if (choice?.finish_reason) seen.finish(choice.finish_reason)
    },
    async () => {
      const { choices } = await runner.finalChatCompletion()
      seen.finish(choices[0]?.finish_reason)
    },
  )
}
