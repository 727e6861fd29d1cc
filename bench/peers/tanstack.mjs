import { chat, EventType, toolDefinition } from '@tanstack/ai'
import { createOpenaiChatCompletions } from '@tanstack/ai-openai'
import { inputSchema } from './write-file.mjs'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const openaiChat = (host) => {
  const adapter = createOpenaiChatCompletions('gpt-5-mini', 'key', { maxRetries: 0, ...host })
  // Without a body of its own, the call is only given back.
  const writeFile = toolDefinition({
    name: 'write_file',
    description: 'Writes a file.',
    inputSchema: { ...inputSchema, required: [...inputSchema.required] },
  })
  return async (sink) => {
    /** @type {Map<string, number>} */
    const calls = new Map()
    const stream = chat({
      adapter,
      tools: [writeFile],
      messages: [{ role: 'user', content: 'Hello' }],
    })
    for await (const chunk of stream) {
      if (chunk.type === EventType.TEXT_MESSAGE_CONTENT) sink.text(chunk.delta)
      else if (chunk.type === EventType.TOOL_CALL_START) calls.set(chunk.toolCallId, calls.size)
      else if (chunk.type === EventType.TOOL_CALL_ARGS) {
        sink.arguments(calls.get(chunk.toolCallId) ?? 0, chunk.delta)
      } else if (chunk.type === EventType.RUN_ERROR) throw new Error(chunk.message)
    }
  }
}
