import OpenAI from 'openai'

/** @param {import('../lib/types.ts').Host} host @returns {import('../lib/types.ts').Read} */
export const openaiChat = (host) => {
  const client = new OpenAI({ apiKey: 'key', maxRetries: 0, ...host })
  return async (sink) => {
    const stream = await client.chat.completions.create({
      model: 'gpt-5-mini',
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: 'user', content: 'Hello' }],
    })
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta
      if (delta?.content) sink.text(delta.content)
      for (const call of delta?.tool_calls ?? []) {
        sink.arguments(call.index, call.function?.arguments ?? '')
      }
    }
  }
}
