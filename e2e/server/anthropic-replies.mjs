// The replies of the fixture server, in the format of Anthropic's Messages.

import { text, words } from './replies.mjs'

/** @typedef {{ type: string, [field: string]: unknown }} Event */

/** @param {Event} value */
export const event = (value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`

const start = event({
  type: 'message_start',
  message: {
    id: 'msg_e2e',
    type: 'message',
    role: 'assistant',
    model: 'fixture-1',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { input_tokens: 8, cache_read_input_tokens: 3, output_tokens: 1 },
  },
})
const ping = event({ type: 'ping' })
const stop = event({ type: 'message_stop' })

/** @param {string} stop_reason @param {object} [more] */
const ending = (stop_reason, more) =>
  event({
    type: 'message_delta',
    delta: { stop_reason, stop_sequence: null, ...more },
    usage: { output_tokens: 7, output_tokens_details: { thinking_tokens: 2 } },
  })

/**
 * @param {number} index
 * @param {Event} content_block
 * @param {readonly Event[]} deltas
 */
const block = (index, content_block, deltas) => [
  event({ type: 'content_block_start', index, content_block }),
  ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
  event({ type: 'content_block_stop', index }),
]

/** @param {number} index */
const textBlock = (index) =>
  block(
    index,
    { type: 'text', text: '' },
    words.map((word) => ({ type: 'text_delta', text: word })),
  )

/** @param {number} index @param {string} id @param {readonly string[]} pieces */
const toolBlock = (index, id, pieces) =>
  block(
    index,
    { type: 'tool_use', id, name: 'weather', input: {} },
    pieces.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  )

const thinking = [
  ...block(0, { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' }, []),
  ...block(1, { type: 'thinking', thinking: '', signature: '' }, [
    { type: 'thinking_delta', thinking: 'First, ' },
    { type: 'thinking_delta', thinking: 'the tree.' },
    { type: 'signature_delta', signature: 'c2lnbmVk' },
  ]),
]
const calls = [
  ...toolBlock(0, 'call_oslo', ['', '{"city":', '"Oslo 🌧"}']),
  ...toolBlock(1, 'call_roma', ['{"city":"Ro', 'ma"}']),
]

/**
 * Replies that are sent whole and then end, one array item a write.
 * @type {Record<string, readonly string[]>}
 */
export const plainReplies = {
  text: [start, ping, ...textBlock(0), ending('end_turn'), stop],
  tools: [start, ...calls, ending('tool_use'), stop],
  reasoning: [start, ...thinking, ...textBlock(2), ending('end_turn'), stop],
  refusal: [
    start,
    ending('refusal', { stop_details: { type: 'refusal', explanation: 'No nuts.' } }),
    stop,
  ],
  truncated: [start, ...textBlock(0)],
  'cut-event': [start, ...textBlock(0), ending('end_turn').slice(0, -20)],
  'cut-call': [start, ...calls.slice(0, 7)],
  'length-in-call': [start, ...calls.slice(0, 7), ending('max_tokens'), stop],
  'finish-and-end': [start, ...textBlock(0), ending('end_turn')],
  'error-frame': [
    start,
    ...textBlock(0),
    event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
  ],
  'not-json': [start, ...textBlock(0), 'event: ping\ndata: {"type": [\n\n', stop],
  decorated: [
    '\uFEFF: hello\r\n\r\n',
    ...[start, ...textBlock(0), ending('end_turn'), stop].map(
      (part) => `id: 1\r\nretry: 10\r\n${part.replaceAll('\n', '\r\n')}: ping\r\n`,
    ),
  ],
}

export const opening = start + textBlock(0).slice(0, -1).join('')
export const complete = plainReplies['text']?.join('') ?? ''

export const wholeMessage = {
  id: 'msg_e2e',
  type: 'message',
  role: 'assistant',
  model: 'fixture-1',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: {
    input_tokens: 8,
    cache_read_input_tokens: 3,
    output_tokens: 7,
    output_tokens_details: { thinking_tokens: 2 },
  },
}
