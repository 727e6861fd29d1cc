import Anthropic from '@anthropic-ai/sdk'

/** @type {import('@anthropic-ai/sdk/resources/messages').MessageCreateParamsNonStreaming} */
export const question = {
  model: 'claude-opus-4-8',
  max_tokens: 64_000,
  messages: [{ role: 'user', content: 'Hello' }],
}

/** @param {import('../lib/types.ts').Host} host */
export const newClient = ({ baseURL, fetch }) =>
  // Its addresses begin with /v1 by themselves.
  new Anthropic({ apiKey: 'key', maxRetries: 0, fetch, baseURL: baseURL.replace(/\/v1$/, '') })

/**
 * @param {import('../lib/types.ts').Sink} sink
 * @returns {(event: import('@anthropic-ai/sdk/resources/messages').RawMessageStreamEvent) => void}
 */
export function giveEvent(sink) {
  /** @type {number[]} */
  const calls = []
  let count = 0
  return (event) => {
    if (event.type === 'content_block_delta') {
      const { delta } = event
      if (delta.type === 'text_delta') sink.text(delta.text)
      else if (delta.type === 'thinking_delta') sink.reasoning(delta.thinking)
      else if (delta.type === 'input_json_delta') {
        sink.arguments(calls[event.index] ?? 0, delta.partial_json)
      }
    } else if (event.type === 'content_block_start' && event.content_block.type === 'tool_use') {
      calls[event.index] = count
      count += 1
    }
  }
}
