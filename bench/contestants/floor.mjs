// The floor: the least that a client can do. It reads the stream, decodes, splits and parses, and knows of nothing
// that a stream can do wrong.

/** @typedef {import('../lib/types.ts').Host} Host */
/** @typedef {import('../lib/types.ts').Read} Read */
/** @typedef {import('../lib/types.ts').Sink} Sink */

/**
 * @typedef {{ tool_calls?: { index: number, function: { arguments: string } }[], content?: string | null }} ChatDelta
 * @typedef {{ choices: { delta: ChatDelta }[] }} ChatChunk
 */

/**
 * @typedef {object} AnthropicChunk
 * @property {string} type
 * @property {number} index
 * @property {{ type: string, text: string, thinking: string, partial_json: string }} delta
 * @property {{ type: string }} content_block
 */

/** @param {Host} host @returns {Read} */
export const openaiChat = (host) => async (sink) => {
  await readEvents(host, '/chat/completions', (data) => {
    giveChatData(data, sink)
  })
}

/** @param {Host} host @returns {Read} */
export const anthropic = (host) => async (sink) => {
  const give = giveAnthropicData(sink)
  await readEvents(host, '/messages', give)
}

/** @param {Sink} sink @returns {(data: string) => void} */
export function giveAnthropicData(sink) {
  /** From the index of a block to the number of the call. @type {number[]} */
  const calls = []
  let count = 0
  return (data) => {
    /** @type {AnthropicChunk} */
    const chunk = JSON.parse(data)
    if (chunk.type === 'content_block_delta') {
      const { delta } = chunk
      if (delta.type === 'text_delta') sink.text(delta.text)
      else if (delta.type === 'thinking_delta') sink.reasoning(delta.thinking)
      else if (delta.type === 'input_json_delta') {
        sink.arguments(calls[chunk.index] ?? 0, delta.partial_json)
      }
    } else if (chunk.type === 'content_block_start' && chunk.content_block.type === 'tool_use') {
      calls[chunk.index] = count
      count += 1
    }
  }
}

/** @param {string} data @param {Sink} sink */
export function giveChatData(data, sink) {
  if (data === '[DONE]') return
  /** @type {ChatChunk} */
  const chunk = JSON.parse(data)
  const delta = chunk.choices[0]?.delta
  if (delta?.content) sink.text(delta.content)
  if (!delta?.tool_calls) return
  for (const call of delta.tool_calls) sink.arguments(call.index, call.function.arguments)
}

/**
 * @param {Host} host
 * @param {string} path
 * @param {(data: string) => void} give
 */
async function readEvents(host, path, give) {
  const reader = await open(host, path)
  const utf8 = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    rest += utf8.decode(value, { stream: true })
    const events = rest.split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) give(event.slice(event.indexOf('data: ') + 6))
  }
}

/** @param {Host} host @param {string} path */
export async function open({ baseURL, fetch }, path) {
  const response = await fetch(`${baseURL}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5-mini', stream: true, messages: [] }),
  })
  const { body } = response
  if (!body) throw new Error('The response has no body.')
  return body.getReader()
}
