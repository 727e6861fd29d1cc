import { ChatOpenAI } from '@langchain/openai'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const openaiChat = (host) => {
  const model = new ChatOpenAI({
    model: 'gpt-4.1-mini',
    apiKey: 'key',
    maxRetries: 0,
    configuration: host,
  })
  return async (sink) => {
    for await (const chunk of await model.stream('Hello')) {
      if (typeof chunk.content === 'string' && chunk.content !== '') sink.text(chunk.content)
      for (const call of chunk.tool_call_chunks ?? []) {
        sink.arguments(call.index ?? 0, call.args ?? '')
      }
    }
  }
}
