import { chat, EventType, toolDefinition } from '@tanstack/ai'
import { createOpenaiChatCompletions } from '@tanstack/ai-openai'
import { reading, Told } from '../reading.mjs'
import { inputSchema, prompt, run, toolName } from '../tool.mjs'

/** @type {import('../types.ts').Open} */
export function openaiChat({ host, seen, signal, timeout }) {
  const runTool = run(seen)
  const adapter = createOpenaiChatCompletions('gpt-5-mini', 'key', {
    ...host,
    ...(timeout && { timeout }),
  })
  const abortController = new AbortController()
  signal?.addEventListener('abort', () => abortController.abort(signal.reason))
  const writeFile = toolDefinition({
    name: toolName,
    description: 'Writes a file.',
    inputSchema: { ...inputSchema, required: [...inputSchema.required] },
  }).server((input, context) => runTool(input, context?.toolCallId ?? null))
  const stream = chat({
    adapter,
    tools: [writeFile],
    messages: [{ role: 'user', content: prompt }],
    abortController,
  })
  return reading(stream, (chunk) => {
    if (chunk.type === EventType.TEXT_MESSAGE_CONTENT) seen.text(chunk.delta)
    else if (chunk.type === EventType.RUN_FINISHED) {
      seen.finish(chunk.finishReason ?? chunk.metadata?.tanstack?.finishReason)
    } else if (chunk.type === EventType.RUN_ERROR) throw new Told('RUN_ERROR', chunk)
  })
}
