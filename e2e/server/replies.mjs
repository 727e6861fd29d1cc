// The replies of the fixture server, in the format of OpenAI's Chat Completions.

export const words = ['Squirrels ', '🐿️', ' carry ', '世界', '’s news', ' — up, ', 'and down.']
export const text = words.join('')

/** @param {object} value */
export const frame = (value) => `data: ${JSON.stringify(value)}\n\n`
export const doneFrame = 'data: [DONE]\n\n'

/**
 * @param {object} delta
 * @param {string | null} [finishReason]
 */
export const chunk = (delta, finishReason = null) => ({
  id: 'chatcmpl-e2e',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'fixture-1',
  choices: [{ index: 0, delta, finish_reason: finishReason }],
})

export const usage = {
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 2 },
}

const usageFrame = frame({
  id: 'chatcmpl-e2e',
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model: 'fixture-1',
  choices: [],
  usage,
})

const role = frame(chunk({ role: 'assistant', content: '' }))
const content = words.map((word) => frame(chunk({ content: word })))
const stop = frame(chunk({}, 'stop'))

/**
 * @param {number} index
 * @param {{ id?: string, name?: string, arguments: string }} call
 */
const callDelta = (index, call) =>
  frame(
    chunk({
      tool_calls: [
        {
          index,
          ...(call.id === undefined ? {} : { id: call.id, type: 'function' }),
          function: {
            ...(call.name === undefined ? {} : { name: call.name }),
            arguments: call.arguments,
          },
        },
      ],
    }),
  )

const calls = [
  callDelta(0, { id: 'call_oslo', name: 'weather', arguments: '' }),
  callDelta(0, { arguments: '{"city":' }),
  callDelta(1, { id: 'call_roma', name: 'weather', arguments: '' }),
  callDelta(1, { arguments: '{"city":"Ro' }),
  callDelta(0, { arguments: '"Oslo 🌧"}' }),
  callDelta(1, { arguments: 'ma"}' }),
]

/**
 * Replies that are sent whole and then end, one array item a write.
 * @type {Record<string, readonly string[]>}
 */
export const plainReplies = {
  text: [role, ...content, stop, usageFrame, doneFrame],
  tools: [role, ...calls, frame(chunk({}, 'tool_calls')), usageFrame, doneFrame],
  reasoning: [
    role,
    frame(chunk({ reasoning: 'First, ' })),
    frame(chunk({ reasoning: 'the tree.' })),
    ...content,
    stop,
    usageFrame,
    doneFrame,
  ],
  refusal: [
    role,
    frame(chunk({ refusal: 'No ' })),
    frame(chunk({ refusal: 'nuts.' })),
    stop,
    doneFrame,
  ],
  truncated: [role, ...content],
  'cut-event': [role, ...content, frame(chunk({ content: 'lost' })).slice(0, -20)],
  'cut-call': [role, ...calls.slice(0, 4)],
  'length-in-call': [role, ...calls.slice(0, 4), frame(chunk({}, 'length')), doneFrame],
  'finish-and-end': [role, ...content, stop],
  'done-without-finish': [role, ...content, doneFrame],
  'error-frame': [
    role,
    ...content,
    frame({ error: { message: 'The upstream is overloaded.', type: 'overloaded', code: 503 } }),
  ],
  'not-json': [role, ...content, 'data: {"choices": [\n\n', stop, doneFrame],
  decorated: [
    '\uFEFF: OPENROUTER PROCESSING\r\n\r\n',
    ...[role, ...content, stop, usageFrame, doneFrame].map(
      (part) =>
        `event: message\r\nid: 1\r\nretry: 10\r\n${part.replaceAll('\n', '\r\n')}: ping\r\n`,
    ),
  ],
}

export const wholeCompletion = {
  id: 'chatcmpl-e2e',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'fixture-1',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage,
}

export const opening = role + content.join('')
export const complete = plainReplies['text']?.join('') ?? ''

export const bigEventLength = 4 * 1024 * 1024
export const bigEvent = [
  role,
  frame(chunk({ content: 'x'.repeat(bigEventLength) })),
  stop,
  doneFrame,
].join('')

/** About 64 KiB of content events, sent again and again by `endless`. */
export const endlessBlock = frame(chunk({ content: 'y'.repeat(800) })).repeat(64)
